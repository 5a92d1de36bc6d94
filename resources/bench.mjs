/** `npm run bench`: how fast, as ratios measured side by side, of a host that is built as `npm start` builds it. */
import { fileURLToPath } from 'node:url';
import { bundleHost } from './setup/build.mjs';
import { become, modernNode, noModernNode } from './setup/modern-node.mjs';

const node = modernNode();
if (node === null) {
  process.stderr.write(`${noModernNode}\n`);
  process.exitCode = 1;
} else {
  const slower = bundleHost(fileURLToPath(new URL('..', import.meta.url)), node);
  if (slower) process.stdout.write(`The host runs from its sources: ${slower}\n`);
  const bench = fileURLToPath(new URL('../test/bench/bench.ts', import.meta.url));
  process.exitCode = await become(node, [bench, ...process.argv.slice(2)]);
}
