/**
 * Starts and ends a `systemd --user` manager of our own where the machine has none: as root in a container. It gets its
 * own cgroup, because a manager adopts the cgroup it starts in and moves every process of it into its own scope.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const programs = ['/usr/lib/systemd/systemd', '/lib/systemd/systemd'];
const unitFolders = ['/usr/lib/systemd/user', '/lib/systemd/user'];
/** All that timers need. The distribution's own sockets and services (gpg-agent, dbus …) stay out. */
const baseUnits = ['basic', 'default', 'exit', 'paths', 'shutdown', 'sockets', 'timers']
  .map((name) => `${name}.target`)
  .concat('app.slice', 'session.slice', 'background.slice', 'systemd-exit.service');
/** Accounting would move our units out of the cgroups that other controllers keep this process in. */
const noAccounting = ['Memory', 'Tasks', 'CPU', 'IO', 'IP'].map((what) => `Default${what}Accounting=no\n`).join('');
const bootedMark = '/run/systemd/system';

/**
 * Where a manager lives. `env`: what it and its services see, with absolute HOME and XDG_RUNTIME_DIR (kept short: it
 * holds sockets). `name`: of its cgroup. `log`: file for its messages. `settings`: folder for its `user.conf.d`.
 * @typedef {{ env: Record<string, string>, name: string, log: string, settings: string }} Place
 */

/** Null when a manager can be started here, else why not, as a phrase. */
export function managerProblem() {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (!programs.some((path) => existsSync(path))) return 'systemd is not installed';
  if (spawnSync('systemctl', ['--version'], { stdio: 'ignore' }).status !== 0) return 'systemctl is not installed';
  if (process.getuid() !== 0) return 'only root can give it a cgroup of its own';
  if (existsSync(bootedMark) && readFileSync('/proc/1/comm', 'utf8').trim() === 'systemd')
    return 'systemd runs this machine: log in as a normal user, or run `loginctl enable-linger`';
  return cgroupRoots().length === 0 ? 'no cgroup can be made here' : null;
}

/** Does a manager answer in this environment? */
export function managerAnswers(env) {
  const done = spawnSync('systemctl', ['--user', 'show', '-p', 'Version', '--value'], { env, timeout: 10_000 });
  return done.status === 0;
}

/**
 * Null when the manager that answers in this environment reads the unit folder of this environment's home; else the
 * folder that it reads in its place: it was started for another home, and never sees our timers.
 */
export function readsInstead(env) {
  const show = ['--user', 'show', '-p', 'UnitPath', '--value'];
  const { stdout } = spawnSync('systemctl', show, { env: { ...env, LC_ALL: 'C' }, encoding: 'utf8', timeout: 10_000 });
  // A word with odd characters is in quotes, as a shell would read it.
  const folders = (stdout?.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? []).map((word) =>
    word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word,
  );
  const ours = real(join(env.XDG_CONFIG_HOME || join(env.HOME, '.config'), 'systemd/user'));
  if (folders.length === 0 || folders.some((folder) => real(folder) === ours)) return null;
  return folders.find((folder) => folder.endsWith('/systemd/user')) ?? 'another folder';
}

/** The nearest part that exists without symbolic links, and the rest as it is. */
function real(path) {
  if (existsSync(path) || dirname(path) === path) return existsSync(path) ? realpathSync(path) : path;
  return join(real(dirname(path)), basename(path));
}

/**
 * Starts a manager at `place` and waits until it answers; the units in its HOME start with it. A place that was left by
 * a power cut can be started again. Rejects with the end of its log when it does not come up within 20 seconds.
 */
export async function startManager(place) {
  const { HOME, XDG_RUNTIME_DIR: runtime, XDG_CONFIG_HOME = join(HOME, '.config') } = place.env;
  const units = join(runtime, 'nightshift-units');
  mkdirSync(runtime, { recursive: true, mode: 0o700 });
  // What a reboot clears: transient units and the sockets of a manager that is gone.
  rmSync(join(runtime, 'systemd'), { recursive: true, force: true });
  for (const folder of [units, place.settings, dirname(place.log), HOME]) mkdirSync(folder, { recursive: true });
  copyBaseUnits(units);
  writeFileSync(join(place.settings, '50-nightshift.conf'), `[Manager]\n${noAccounting}`);
  const cgroups = cgroupRoots().map((root) => join(root, place.name));
  for (const group of cgroups) mkdirSync(group, { recursive: true });
  const search = [
    join(XDG_CONFIG_HOME, 'systemd/user'),
    join(runtime, 'systemd/transient'),
    join(runtime, 'systemd/user'),
    units,
  ];
  const env = {
    ...place.env,
    SYSTEMD_UNIT_PATH: search.join(':'),
    SYSTEMD_LOG_TARGET: 'console',
    SYSTEMD_LOG_COLOR: '0',
  };
  const unmark = markBooted();
  const log = openSync(place.log, 'a', 0o600);
  try {
    const enter = 'for group; do echo $$ > "$group/cgroup.procs" || exit 1; done; exec "$PROGRAM" --user';
    const child = spawn('sh', ['-c', enter, 'sh', ...cgroups], {
      env: { ...env, PROGRAM: programs.find((path) => existsSync(path)) },
      cwd: HOME,
      detached: true,
      stdio: ['ignore', log, log],
    });
    writeFileSync(join(runtime, 'nightshift-manager.json'), JSON.stringify({ pid: child.pid, cgroups }));
    await answering(child, place);
    child.unref();
  } finally {
    closeSync(log);
    unmark();
  }
}

/**
 * A manager only starts where this folder says that systemd runs the machine. As that is not so, and other programs
 * would believe it, the folder goes again at once, unless it was there before or another start needs it.
 */
function markBooted() {
  const ours = (entries) => entries.some((name) => name.startsWith('nightshift-'));
  const foreign = existsSync(bootedMark) && !ours(readdirSync(bootedMark));
  const mine = join(bootedMark, `nightshift-${process.pid}`);
  mkdirSync(mine, { recursive: true });
  return () => {
    rmSync(mine, { recursive: true, force: true });
    try {
      if (!foreign) rmdirSync(bootedMark);
    } catch {
      // Another start is still under way and removes it.
    }
  };
}

async function answering(child, place) {
  const end = Date.now() + 20_000;
  while (Date.now() < end && child.exitCode === null && child.signalCode === null) {
    if (managerAnswers(place.env)) return;
    await wait(50);
  }
  await stopManager(place, 'SIGKILL');
  const said = readFileSync(place.log, 'utf8').trim().split('\n').slice(-5).join('\n');
  throw new Error(`the systemd user manager did not come up\n${said}`);
}

/** Ends the manager at `place` and all it started; SIGKILL is what a power cut does. Nothing of ours there: does nothing. */
export async function stopManager(place, signal = 'SIGTERM') {
  const record = join(place.env.XDG_RUNTIME_DIR, 'nightshift-manager.json');
  if (!existsSync(record)) return;
  const { pid, cgroups } = JSON.parse(readFileSync(record, 'utf8'));
  // Only while it still sits in the cgroup we made: a pid alone may belong to someone else by now.
  const members = () => cgroups.flatMap((group) => membersOf(group));
  if (members().includes(pid)) process.kill(pid, signal);
  const polite = Date.now() + (signal === 'SIGKILL' ? 0 : 10_000);
  const end = polite + 10_000;
  while (members().length > 0 && Date.now() < end) {
    if (Date.now() >= polite) for (const left of members()) kill(left);
    await wait(20);
  }
  for (const group of cgroups) removeGroup(group);
  rmSync(record);
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}

function copyBaseUnits(to) {
  for (const name of baseUnits) {
    const from = unitFolders.map((folder) => join(folder, name)).find((path) => existsSync(path));
    if (from) copyFileSync(from, join(to, name));
  }
}

/** Our own place in each hierarchy in which systemd keeps track of processes; those of other controllers are left alone. */
function cgroupRoots() {
  const top = '/sys/fs/cgroup';
  const own = readFileSync('/proc/self/cgroup', 'utf8');
  const unified = /^0::(.*)$/m.exec(own)?.[1] ?? '/';
  if (existsSync(join(top, 'cgroup.controllers'))) return [join(top, unified)].filter(canMake);
  const named = /^\d+:name=systemd:(.*)$/m.exec(own)?.[1];
  return [
    existsSync(join(top, 'unified/cgroup.procs')) ? join(top, 'unified', unified) : null,
    named && existsSync(join(top, 'systemd/cgroup.procs')) ? join(top, 'systemd', named) : null,
  ].filter((path) => path !== null && canMake(path));
}

function canMake(root) {
  const probe = join(root, `nightshift-probe-${process.pid}`);
  try {
    mkdirSync(probe);
    rmdirSync(probe);
    return true;
  } catch {
    return false;
  }
}

function groupsBelow(group) {
  if (!existsSync(group)) return [];
  const below = readdirSync(group, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...below.flatMap((entry) => groupsBelow(join(group, entry.name))), group];
}

function membersOf(group) {
  return groupsBelow(group).flatMap((one) => {
    try {
      return readFileSync(join(one, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
    } catch {
      return [];
    }
  });
}

function removeGroup(group) {
  for (const one of groupsBelow(group)) {
    try {
      rmdirSync(one);
    } catch {
      // A process that is just ending holds it; an empty cgroup harms nobody.
    }
  }
}
