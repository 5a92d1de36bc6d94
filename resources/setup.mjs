/**
 * Readies the machine: installs what is missing where it may, else prints the one command, and never stands in the way.
 *
 *   node resources/setup.mjs                        what runs need
 *   node resources/setup.mjs --tests                and what the tests need
 *   node resources/setup.mjs --user-manager         and a systemd user manager, so that OS timers fire in a container
 *   node resources/setup.mjs --stop-user-manager    ends the manager that an earlier call started
 */
import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aptInstall } from './setup/apt.mjs';
import { modernNode, noModernNode } from './setup/modern-node.mjs';
import { installCommand, installerOf, missingNeeds, thisMachine } from './setup/needs.mjs';
import { managerAnswers, managerProblem, readsInstead, startManager, stopManager } from './setup/user-manager.mjs';

/**
 * Resolves with true unless something is missing without which Nightshift cannot even start. `say` gets lines for a
 * person: one when all is well.
 */
export async function setup({
  tests = false,
  userManager = false,
  say = (line) => process.stdout.write(`${line}\n`),
} = {}) {
  if (modernNode() === null) {
    say(noModernNode);
    return false;
  }
  const wanted = [...(tests ? ['tests', 'manager'] : []), ...(userManager ? ['manager'] : [])];
  const machine = thisMachine();
  const missing = missingNeeds(wanted, machine);
  const left = missing.length === 0 ? [] : supply(missing, machine, wanted, say);
  const timers = userManager ? await readyUserManager(say) : '';
  if (left.length === 0) say(`Machine ready${timers}.`);
  return true;
}

/** Installs or tells how to; returns what is still missing. */
function supply(missing, machine, wanted, say) {
  const names = missing.map((need) => need.name).join(', ');
  const installer = installerOf(machine);
  const command = installCommand(missing, installer);
  let why = '';
  if (installer === 'apt-get' && command && process.getuid() === 0) {
    say(`Installing ${names} (once) …`);
    why = aptInstall(missing.map((need) => need.packages['apt-get'])).problem;
  }
  const left = missingNeeds(wanted, machine);
  for (const need of left) say(`Missing: ${need.name} (${need.without}).`);
  if (left.length > 0 && why) say(`They could not be installed: ${why}`);
  const still = installCommand(left, installer);
  if (left.length > 0)
    say(
      still
        ? `To install: ${process.getuid?.() === 0 ? '' : 'sudo '}${still.join(' ')}`
        : 'Install them with the means of your system.',
    );
  return left;
}

/** A phrase for the line that all is well. */
async function readyUserManager(say) {
  if (process.platform !== 'linux') return '';
  const place = ownPlace();
  if (managerAnswers(place.env)) {
    const other = readsInstead(place.env);
    if (other === null) return ', OS timers can fire';
    say(
      `OS timers cannot fire: the systemd user manager that runs here was started for another home and reads ${other}. ` +
        'Set XDG_RUNTIME_DIR to a folder of your own, then run this again.',
    );
    return '';
  }
  const problem = managerProblem();
  if (problem) {
    say(`OS timers cannot fire: no systemd user manager runs, and none can be started here (${problem}).`);
    return '';
  }
  try {
    // What an earlier one that hangs or died has left behind.
    await stopManager(place, 'SIGKILL');
    await startManager(place);
    return `, OS timers can fire (systemd user manager started; its messages: ${place.log})`;
  } catch (error) {
    say(`OS timers cannot fire: ${error.message}`);
    return '';
  }
}

/** The person's own manager. Its environment holds no secret and nothing of npm's. */
function ownPlace(env = process.env) {
  const home = env.HOME || homedir();
  const { uid, username } = userInfo();
  const runtime = env.XDG_RUNTIME_DIR || `/run/user/${uid}`;
  const kept = ['LANG', 'SHELL', 'TZ', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME'];
  const path = (env.PATH ?? '').split(':').filter((folder) => folder && !folder.includes('node_modules'));
  return {
    env: {
      ...Object.fromEntries(kept.filter((name) => env[name]).map((name) => [name, env[name]])),
      HOME: home,
      USER: username,
      LOGNAME: username,
      PATH: [...new Set([...path, '/usr/local/bin', '/usr/bin', '/bin'])].join(':'),
      XDG_RUNTIME_DIR: runtime,
    },
    // Two managers in one cgroup would end each other's units.
    name: `nightshift-user-${createHash('sha256').update(runtime).digest('hex').slice(0, 10)}`,
    log: join(env.XDG_STATE_HOME || join(home, '.local', 'state'), 'nightshift', 'user-manager.log'),
    settings: '/run/systemd/user.conf.d',
  };
}

const called = process.argv[1];
if (called && existsSync(called) && realpathSync(called) === fileURLToPath(import.meta.url)) {
  const flags = process.argv.slice(2);
  const known = ['--tests', '--user-manager', '--stop-user-manager'];
  const unknown = flags.find((flag) => !known.includes(flag));
  if (unknown) {
    process.stderr.write(`setup: ${unknown} is not known; there are ${known.join(', ')}\n`);
    process.exitCode = 2;
  } else if (flags.includes('--stop-user-manager')) await stopManager(ownPlace());
  else if (!(await setup({ tests: flags.includes('--tests'), userManager: flags.includes('--user-manager') })))
    process.exitCode = 1;
}
