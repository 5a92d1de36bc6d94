/** `npm run demo`: readies the machine, with a timer that can really fire, and does the whole main job in the terminal. */
import { fileURLToPath } from 'node:url';
import { become, modernNode, noModernNode } from './setup/modern-node.mjs';
import { setup } from './setup.mjs';

const node = modernNode();
if (node === null) throw new Error(noModernNode);
await setup({ userManager: true });
const nightshift = fileURLToPath(new URL('nightshift.mjs', import.meta.url));
process.exitCode = await become(node, [nightshift, 'demo', ...process.argv.slice(2)]);
