/** `npm run bench`: how fast, as ratios measured side by side. */
import { fileURLToPath } from 'node:url';
import { become, modernNode, noModernNode } from './setup/modern-node.mjs';

const node = modernNode();
if (node === null) {
  process.stderr.write(`${noModernNode}\n`);
  process.exitCode = 1;
} else {
  process.exitCode = await become(node, [fileURLToPath(new URL('../test/bench/bench.ts', import.meta.url))]);
}
