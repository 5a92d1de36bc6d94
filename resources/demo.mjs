/** `npm run demo`: readies the machine, with a timer that can really fire, and does the whole main job in the terminal. */
import { fileURLToPath } from 'node:url';
import { bundleHost } from './setup/build.mjs';
import { become, modernNode } from './setup/modern-node.mjs';
import { setup } from './setup.mjs';

if (await setup({ userManager: true })) {
  const nightshift = fileURLToPath(new URL('nightshift.mjs', import.meta.url));
  // Without it the host runs from its sources, a little slower.
  bundleHost(fileURLToPath(new URL('..', import.meta.url)), modernNode());
  process.exitCode = await become(modernNode(), [nightshift, 'demo', ...process.argv.slice(2)]);
} else process.exitCode = 1;
