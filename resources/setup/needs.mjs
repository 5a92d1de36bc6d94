/** What Nightshift wants from the machine, how each thing is recognised, and what systems call it. */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `for`: `run` always, `manager` for timers where no user manager runs yet, `tests` for the tests only. `without`: what
 * a person loses. Package names per package program; a missing one has no package there.
 */
export const needs = [
  {
    name: 'bubblewrap',
    for: 'run',
    without: 'no run can start: there is no sandbox to start it in',
    found: (machine) => hasProgram('bwrap', machine),
    packages: { 'apt-get': 'bubblewrap', dnf: 'bubblewrap', pacman: 'bubblewrap', apk: 'bubblewrap' },
  },
  {
    name: 'git',
    for: 'run',
    without: 'no run can start: each works in a git worktree of its own',
    found: (machine) => hasProgram('git', machine),
    packages: { 'apt-get': 'git', dnf: 'git', pacman: 'git', apk: 'git' },
  },
  {
    name: 'libsecret',
    for: 'run',
    without: 'no key can be stored: set ANTHROPIC_API_KEY instead',
    found: (machine) => hasLibrary('libsecret-1.so.0', machine),
    packages: { 'apt-get': 'libsecret-1-0', dnf: 'libsecret', pacman: 'libsecret', apk: 'libsecret' },
  },
  {
    name: 'ripgrep',
    for: 'run',
    without: 'searches across lines are refused',
    found: (machine) => hasProgram('rg', machine),
    packages: { 'apt-get': 'ripgrep', dnf: 'ripgrep', pacman: 'ripgrep', apk: 'ripgrep' },
  },
  {
    name: 'systemd',
    for: 'manager',
    without: 'no OS timer can fire: run `nightshift due` yourself',
    found: (machine) => hasProgram('systemctl', machine),
    packages: { 'apt-get': 'systemd', dnf: 'systemd', pacman: 'systemd' },
  },
  {
    name: 'chromium',
    for: 'tests',
    without: 'the browser tests are skipped',
    found: (machine) => ['chromium', 'chromium-browser', 'google-chrome'].some((name) => hasProgram(name, machine)),
    packages: { 'apt-get': 'chromium', dnf: 'chromium', pacman: 'chromium', apk: 'chromium' },
  },
  {
    name: 'gnome-keyring',
    for: 'tests',
    without: 'the keychain tests are skipped',
    found: (machine) => hasProgram('gnome-keyring-daemon', machine),
    packages: { 'apt-get': 'gnome-keyring', dnf: 'gnome-keyring', pacman: 'gnome-keyring', apk: 'gnome-keyring' },
  },
  {
    name: 'dbus',
    for: 'tests',
    without: 'the keychain tests are skipped',
    found: (machine) => hasProgram('dbus-run-session', machine),
    packages: { 'apt-get': 'dbus', dnf: 'dbus-daemon', pacman: 'dbus', apk: 'dbus' },
  },
  {
    name: 'xmllint',
    for: 'tests',
    without: 'plans of other systems are not held against their schemas',
    found: (machine) => hasProgram('xmllint', machine),
    packages: { 'apt-get': 'libxml2-utils', dnf: 'libxml2', pacman: 'libxml2', apk: 'libxml2-utils' },
  },
  {
    name: 'xvfb',
    for: 'tests',
    without: 'the window tests are skipped',
    found: (machine) => hasProgram('Xvfb', machine),
    packages: { 'apt-get': 'xvfb', dnf: 'xorg-x11-server-Xvfb', pacman: 'xorg-server-xvfb', apk: 'xvfb' },
  },
];

/** How to install with each package program, in the order in which they are looked for. */
export const installers = {
  'apt-get': ['install', '-y'],
  dnf: ['install', '-y'],
  pacman: ['-S', '--needed', '--noconfirm'],
  apk: ['add'],
};

/**
 * `wanted`: kinds besides `run`. `machine`: `{ platform, path, libraries }`, the last two lists of folders.
 * Only what a Linux system can lack; elsewhere only git is asked for.
 */
export function missingNeeds(wanted, machine) {
  const asked = needs.filter((need) => need.for === 'run' || wanted.includes(need.for));
  const here = machine.platform === 'linux' ? asked : asked.filter((need) => need.name === 'git');
  return here.filter((need) => !need.found(machine));
}

/** The package program of this machine, or null. */
export function installerOf(machine) {
  return Object.keys(installers).find((name) => hasProgram(name, machine)) ?? null;
}

/** One command that installs all of `missing`, as words; null when this system has no packages for them that we know. */
export function installCommand(missing, installer) {
  if (!installer) return null;
  const packages = missing.map((need) => need.packages[installer]).filter(Boolean);
  return packages.length === 0 ? null : [installer, ...installers[installer], ...packages];
}

export function thisMachine(env = process.env) {
  const folders = ['/usr/lib', '/usr/lib64', '/lib', '/lib64', '/usr/local/lib', '/run/current-system/sw/lib'];
  const below = ['/usr/lib', '/lib']
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.includes('-linux-'))
        .map((name) => join(folder, name)),
    );
  return {
    platform: process.platform,
    // System folders count even where a person's PATH leaves them out.
    path: [...(env.PATH ?? '').split(':'), '/usr/bin', '/usr/sbin', '/bin', '/sbin'].filter(Boolean),
    libraries: [...folders, ...below, ...(env.LD_LIBRARY_PATH ?? '').split(':').filter(Boolean)],
  };
}

function hasProgram(name, { platform, path }) {
  const names = platform === 'win32' ? [`${name}.exe`, `${name}.cmd`] : [name];
  return path.some((folder) => names.some((file) => isExecutable(join(folder, file))));
}

function hasLibrary(name, { libraries }) {
  return libraries.some((folder) => existsSync(join(folder, name)));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
