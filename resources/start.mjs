/**
 * `npm start`: readies the machine, builds the screens, and opens Nightshift in a window, or in a browser and says why.
 * `--browser` asks for the browser. NIGHTSHIFT_NO_DOWNLOAD keeps it from fetching Electron.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, bundleHost, needsBuild } from './setup/build.mjs';
import { become, modernNode } from './setup/modern-node.mjs';
import { againstWindow, electronProgram, fetchElectron } from './setup/window.mjs';
import { setup } from './setup.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const flags = process.argv.slice(2);
const say = (line) => process.stdout.write(`${line}\n`);

const unknown = flags.find((flag) => flag !== '--browser');
if (unknown) {
  process.stderr.write(`start: ${unknown} is not known; there is --browser\n`);
  process.exitCode = 2;
} else process.exitCode = await start();

async function start() {
  if (!(await setup({ say }))) return 1;
  const node = modernNode();
  if (needsBuild(root)) {
    say('Building the screens …');
    const problem = build(root, node);
    if (problem) {
      process.stderr.write(`The screens could not be built.\n${problem}\n`);
      return 1;
    }
  }
  const slower = bundleHost(root, node);
  if (slower) say(`The host runs from its sources, which is slower: ${slower}`);
  const { program, why } = await window(node);
  if (program) return become(program, [root]);
  say(`Browser instead of a window: ${why}.`);
  const { DISPLAY, WAYLAND_DISPLAY, ...headless } = process.env;
  const env = process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY ? headless : process.env;
  return become(node, [fileURLToPath(new URL('nightshift.mjs', import.meta.url)), 'open'], { env });
}

async function window(node) {
  const { platform, env } = process;
  const why = againstWindow({ platform, root: process.getuid?.() === 0, env, flags });
  if (why) return { why };
  const there = electronProgram(root, env);
  if (there) return { program: there };
  if (!env.NIGHTSHIFT_NO_DOWNLOAD) say('Getting Electron (once) …');
  const problem = await fetchElectron(root, env, { node });
  const program = electronProgram(root, env);
  return program ? { program } : { why: `Electron is not here, and ${problem ?? 'its download left no program'}` };
}
