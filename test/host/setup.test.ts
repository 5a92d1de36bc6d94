/** The set-up and start scripts, run as a person runs them: on the oldest Node, in a place of their own. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startTimeOf } from '#host/processes.ts';
import { productRoot } from '#host/self.ts';
import { aptInstall } from '../../resources/setup/apt.mjs';
import { needsBuild } from '../../resources/setup/build.mjs';
import { modernNode } from '../../resources/setup/modern-node.mjs';
import { installCommand, installerOf, missingNeeds } from '../../resources/setup/needs.mjs';
import { againstWindow, electronProgram, fetchElectron } from '../../resources/setup/window.mjs';
import { noUserManager } from '../fakes/user-manager.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'nss-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A Node older than ours, if the machine has one: the scripts must run on it. */
const oldNode = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .find(
    (path) =>
      existsSync(path) &&
      Number.parseInt(spawnSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout, 10) < 24,
  );
const anyNode = oldNode ?? process.execPath;
const script = (name: string) => join(productRoot, 'resources', name);
const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 50 });

function program(name: string, text = '#!/bin/sh\n'): string {
  const path = join(home, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

test('what is missing is found in the folders given, and named with what is lost', () => {
  const machine = { platform: 'linux', path: [join(home, 'bin')], libraries: [join(home, 'lib')] };
  const names = (wanted: string[]) => missingNeeds(wanted, machine).map((need) => need.name);
  expect(names([])).toEqual(['bubblewrap', 'git', 'libsecret', 'ripgrep']);
  expect(names(['tests', 'manager'])).toContain('chromium');
  for (const file of ['bin/bwrap', 'bin/git', 'lib/libsecret-1.so.0', 'bin/rg']) program(file);
  expect(names([])).toEqual([]);
  expect(names(['manager'])).toEqual(['systemd']);
  for (const need of missingNeeds(['tests', 'manager'], machine)) expect(need.without).toMatch(/\w/);
});

test.each([
  ['apt-get', 'apt-get install -y bubblewrap git libsecret-1-0 ripgrep'],
  ['dnf', 'dnf install -y bubblewrap git libsecret ripgrep'],
  ['pacman', 'pacman -S --needed --noconfirm bubblewrap git libsecret ripgrep'],
])('the one command for %s', (installer, command) => {
  const machine = { platform: 'linux', path: [join(home, 'bin')], libraries: [] };
  program(`bin/${installer}`);
  expect(installerOf(machine)).toBe(installer);
  expect(installCommand(missingNeeds([], machine), installer)?.join(' ')).toBe(command);
});

test('a system that we do not know gets no command', () => {
  const machine = { platform: 'linux', path: [join(home, 'bin')], libraries: [] };
  expect(installCommand(missingNeeds([], machine), installerOf(machine))).toBeNull();
});

/** A package program with given answers; notes its calls. */
function apt(answers: Record<string, boolean>) {
  const calls: string[] = [];
  const run = (args: string[]) => {
    const call = args.filter((word) => !word.startsWith('-')).join(' ');
    calls.push(call);
    return { ok: answers[call] ?? false, problem: answers[call] ? '' : `E: no ${call}` };
  };
  return { calls, run };
}

test('package lists are fetched only when needed', () => {
  const there = apt({ 'install a b': true });
  expect(aptInstall(['a', 'b'], { run: there.run, listsThere: () => true })).toEqual({ failed: [], problem: '' });
  expect(there.calls).toEqual(['install a b']);
  const none = apt({ update: true, 'install a b': true });
  aptInstall(['a', 'b'], { run: none.run, listsThere: () => false });
  expect(none.calls).toEqual(['update', 'install a b']);
});

test('one package that does not exist keeps no other away; offline is said', () => {
  const one = apt({ update: true, 'install a': true });
  expect(aptInstall(['a', 'b'], { run: one.run, listsThere: () => true }).failed).toEqual(['b']);
  const offline = aptInstall(['a'], { run: apt({}).run, listsThere: () => true });
  expect(offline).toEqual({ failed: ['a'], problem: expect.stringContaining('offline') });
});

test('an old Node finds the new one that came along; an unknown system is told so', () => {
  expect(modernNode({ version: '24.1.0' })).toBe(process.execPath);
  const brought = modernNode({ version: '20.0.0' });
  expect(spawnSync(brought ?? '', ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout).toMatch(/^2[4-9]\./);
  expect(modernNode({ version: '20.0.0', arch: 's390x' })).toBeNull();
});

test.skipIf(!oldNode)(
  'the nightshift command runs on an older Node by means of the new one (needs a Node below 24)',
  async () => {
    const version = await promisify(execFile)(anyNode, [script('nightshift.mjs'), '--version']);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+/);
    const wrong = spawnSync(anyNode, [script('nightshift.mjs'), 'no-such-command'], { encoding: 'utf8' });
    expect(wrong.status).toBe(2);
  },
);

test('set-up refuses a flag that it does not know', () => {
  expect(spawnSync(anyNode, [script('setup.mjs'), '--test'], { encoding: 'utf8' }).status).toBe(2);
});

test('a build is needed when a source is newer than what was built', () => {
  expect(needsBuild(home)).toBe(false);
  const source = program('src-renderer/main.tsx');
  expect(needsBuild(home)).toBe(true);
  const built = ['out/renderer/index.html', 'out/preload/index.cjs', 'out/main/electron.js'].map((file) =>
    program(file),
  );
  const later = statSync(source).mtime.getTime() / 1000 + 10;
  for (const file of built) utimesSync(file, later, later);
  expect(needsBuild(home)).toBe(false);
  utimesSync(source, later + 10, later + 10);
  expect(needsBuild(home)).toBe(true);
});

test('window or browser: the reason is one phrase', () => {
  const facts = { platform: 'linux', root: false, env: {}, flags: [] as string[] };
  expect(againstWindow(facts)).toBe('there is no display');
  expect(againstWindow({ ...facts, env: { DISPLAY: ':0' } })).toBeNull();
  expect(againstWindow({ ...facts, env: { DISPLAY: ':0' }, root: true })).toMatch(/root/);
  expect(againstWindow({ ...facts, platform: 'darwin', root: true })).toBeNull();
  expect(againstWindow({ ...facts, platform: 'darwin', flags: ['--browser'] })).toBe('as asked');
});

test("the window's program is found without loading its package", () => {
  expect(electronProgram(home, {})).toBeNull();
  program('node_modules/electron/index.js', 'throw new Error("loaded");');
  program('node_modules/electron/path.txt', 'electron');
  expect(electronProgram(home, {})).toBeNull();
  const there = program('node_modules/electron/dist/electron');
  expect(electronProgram(home, {})).toBe(there);
  expect(electronProgram(home, { ELECTRON_OVERRIDE_DIST_PATH: dirname(program('own/electron')) })).toBe(
    join(home, 'own/electron'),
  );
});

test.each([
  ['process.exit(3)', /failed \(exit 3\)/],
  ['setInterval(() => {}, 1000)', /stood still for 1 s/],
  [
    'const fs = require("fs"); setInterval(() => fs.appendFileSync(process.env.TMPDIR + "/part", "x"), 50)',
    /more than 3 s/,
  ],
])('a download that goes wrong ends within its limits and leaves nothing: %s', async (text, words) => {
  program(
    'node_modules/electron/install.js',
    `require("fs").writeFileSync("${home}/pid", process.pid + " " + process.env.TMPDIR);${text}`,
  );
  expect(await fetchElectron(home, process.env, { silence: 1, limit: 3 })).toMatch(words);
  const [pid, drafts] = readFileSync(join(home, 'pid'), 'utf8').split(' ');
  expect(existsSync(drafts ?? '')).toBe(false);
  await until(() => expect(startTimeOf(Number(pid))).toBeNull());
});

test('a download can be switched off', async () => {
  program('node_modules/electron/install.js', `require("fs").writeFileSync("${home}/ran", "")`);
  expect(await fetchElectron(home, { NIGHTSHIFT_NO_DOWNLOAD: '1' })).toContain('NIGHTSHIFT_NO_DOWNLOAD');
  expect(existsSync(join(home, 'ran'))).toBe(false);
});

const ownPlace = () => ({
  ...{ HOME: home, PATH: process.env.PATH ?? '', XDG_RUNTIME_DIR: join(home, 'run') },
  ...{
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.local', 'share'),
    XDG_STATE_HOME: join(home, '.state'),
  },
});

test.skipIf(noUserManager !== null)(
  `a user manager is started once, runs the person's timers, hides secrets, and can be ended${noUserManager ? ` (${noUserManager})` : ''}`,
  async () => {
    const env = { ...ownPlace(), ANTHROPIC_API_KEY: 'not-for-timers' };
    const setup = (flag: string) => promisify(execFile)(anyNode, [script('setup.mjs'), flag], { env });
    const units = join(home, '.config', 'systemd', 'user');
    mkdirSync(join(units, 'timers.target.wants'), { recursive: true });
    writeFileSync(
      join(units, 'tick.service'),
      `[Service]\nType=oneshot\nExecStart=/bin/sh -c "env > ${home}/ticked"\n`,
    );
    symlinkSync('../tick.timer', join(units, 'timers.target.wants', 'tick.timer'));
    writeFileSync(join(units, 'tick.timer'), '[Timer]\nOnActiveSec=0\nAccuracySec=1ms\n');
    const bystanders = readFileSync('/proc/self/cgroup', 'utf8');
    try {
      expect((await setup('--user-manager')).stdout).toMatch(/^Machine ready, OS timers can fire \(.*started/);
      await until(() => expect(existsSync(join(home, 'ticked'))).toBe(true));
      expect(readFileSync(join(home, 'ticked'), 'utf8')).not.toContain('not-for-timers');
      const { pid } = JSON.parse(readFileSync(join(home, 'run', 'nightshift-manager.json'), 'utf8')) as { pid: number };
      expect((await setup('--user-manager')).stdout).toBe('Machine ready, OS timers can fire.\n');
      const elsewhere = { ...env, HOME: join(home, 'other'), XDG_CONFIG_HOME: join(home, 'other', '.config') };
      const other = await promisify(execFile)(anyNode, [script('setup.mjs'), '--user-manager'], { env: elsewhere });
      expect(other.stdout).toContain(`OS timers cannot fire: the systemd user manager`);
      expect(other.stdout).toContain(units);
      expect(other.stdout).not.toContain('timers can fire');
      expect(readFileSync('/proc/self/cgroup', 'utf8')).toBe(bystanders);
      expect(statSync(join(home, 'run')).mode & 0o777).toBe(0o700);
      await setup('--stop-user-manager');
      expect(startTimeOf(pid)).toBeNull();
      await setup('--stop-user-manager');
    } finally {
      await setup('--stop-user-manager');
    }
  },
);

test('start without a display prints the address, and a signal ends all of it', async () => {
  const { XDG_RUNTIME_DIR: _, ...place } = ownPlace();
  const env = { ...place, NIGHTSHIFT_HOME: join(home, 'data'), NIGHTSHIFT_IDLE_MS: '200' };
  const started = spawn(anyNode, [script('start.mjs')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [started.stdout, started.stderr])
    stream.on('data', (chunk) => {
      said += chunk;
    });
  try {
    await vi.waitFor(() => expect(said).toMatch(/http:\/\/127\.0\.0\.1:\d+\/\S+/), { timeout: 100_000 });
    expect(said.split('\n').filter((line) => /browser/i.test(line)).length).toBeGreaterThan(0);
    const { pid } = JSON.parse(readFileSync(join(home, 'data', 'endpoint.json'), 'utf8')) as { pid: number };
    started.kill('SIGTERM');
    await until(() => expect(started.exitCode ?? started.signalCode).not.toBeNull());
    await until(() => expect(startTimeOf(pid)).toBeNull());
  } finally {
    started.kill('SIGKILL');
  }
});
