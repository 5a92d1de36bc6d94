/** The keychain in all its states: a real Secret Service where there is one, and every way in which there is none. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { createVault } from '#host/vault/vault.ts';
import { scratch } from '../fakes/places.ts';

const has = (program: string) => spawnSync('which', [program]).status === 0;
const canRun = process.platform === 'linux' && ['dbus-run-session', 'gnome-keyring-daemon', 'dbus-send'].every(has);

/** A session bus with a keyring on it, thrown away with the test; `unlock` gives its password at once. */
async function secretService(unlock: boolean): Promise<NodeJS.ProcessEnv> {
  const home = scratch('keyring');
  for (const name of ['run', 'data']) mkdirSync(join(home, name), { mode: 0o700 });
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_RUNTIME_DIR: join(home, 'run'),
  };
  const start = unlock
    ? 'printf throw-away | gnome-keyring-daemon --foreground --unlock'
    : 'gnome-keyring-daemon --foreground';
  // Without service folders the bus cannot start a second, locked keyring by itself before ours has its name.
  const bus = join(home, 'bus.conf');
  const policy = '<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>';
  const listen = `<type>session</type><listen>unix:dir=${join(home, 'run')}</listen><auth>EXTERNAL</auth>`;
  writeFileSync(bus, `<busconfig>${listen}<policy context="default">${policy}</policy></busconfig>`);
  // The name is on the bus before the keyring is open.
  const ready = unlock
    ? '/org/freedesktop/secrets/collection/login org.freedesktop.DBus.Properties.Get string:org.freedesktop.Secret.Collection string:Locked 2>&1 | grep -q "boolean false"'
    : '/org/freedesktop/secrets org.freedesktop.DBus.Peer.Ping >/dev/null 2>&1';
  const script = `${start} --components=secrets >/dev/null 2>&1 & keyring=$!
    until dbus-send --session --print-reply --dest=org.freedesktop.secrets ${ready}
    do kill -0 $keyring || exit 1; done
    echo "$DBUS_SESSION_BUS_ADDRESS"; cat >/dev/null; kill $keyring; wait`;
  const session = spawn('dbus-run-session', [`--config-file=${bus}`, '--', 'bash', '-c', script], {
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  onEnd(session);
  for await (const line of createInterface({ input: session.stdout }))
    return { ...env, DBUS_SESSION_BUS_ADDRESS: line };
  throw new Error('no session bus');
}
function onEnd(session: ChildProcess): void {
  onTestFinished(async () => {
    const gone = new Promise((resolve) => session.once('exit', resolve));
    session.stdin?.end();
    await gone;
  });
}

/** A stand-in for the keychain process, so that each of its answers can be had at will. */
function program(source: string): string {
  const file = join(scratch('vault'), 'keyring.mjs');
  writeFileSync(file, source);
  return file;
}

test.skipIf(!canRun)(
  'a real Secret Service keeps, gives and forgets a secret (skipped where dbus and gnome-keyring are absent)',
  async () => {
    const env = await secretService(true);
    const vault = createVault({ env });
    expect(await vault.get('model key')).toBeNull();
    await vault.set('model key', 'sk-ant-ünïcode "quoted"');
    expect(await createVault({ env }).get('model key')).toBe('sk-ant-ünïcode "quoted"');
    await vault.delete('model key');
    await vault.delete('model key');
    expect(await vault.get('model key')).toBeNull();
  },
);

test.skipIf(!canRun)(
  'a locked keyring is named, and nothing is stored elsewhere (skipped where dbus and gnome-keyring are absent)',
  async () => {
    const env = await secretService(false);
    const vault = createVault({ env });
    await expect(vault.set('model key', 'sk-ant-secret')).rejects.toMatchObject({
      code: 'vault.unavailable',
      state: 'locked',
      cure: expect.stringContaining('ANTHROPIC_API_KEY'),
    });
    const files = readdirSync(env.HOME as string, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    for (const file of files)
      expect(readFileSync(join(file.parentPath, file.name), 'latin1')).not.toContain('sk-ant-secret');
  },
);

test.skipIf(process.platform !== 'linux')(
  'without a session bus no keychain answers (skipped where there is always one)',
  async () => {
    const home = scratch('vault');
    const vault = createVault({ env: { PATH: process.env.PATH, HOME: home, XDG_RUNTIME_DIR: home } });
    await expect(vault.get('x')).rejects.toMatchObject({
      code: 'vault.unavailable',
      state: expect.stringMatching(/^no_/),
    });
  },
);

test('a keychain that waits for a prompt is left at the deadline, and its process is killed', async () => {
  const pid = join(scratch('vault'), 'pid');
  const waits = program(`
    import { writeFileSync } from 'node:fs';
    writeFileSync(${JSON.stringify(pid)}, String(process.pid));
    process.on('message', () => {});
    process.on('SIGTERM', () => {});
    process.send({ kind: 'ready' });`);
  const vault = createVault({ env: process.env, program: waits, deadlines: { read: 3_000, write: 3_000 } });
  await expect(vault.get('x')).rejects.toMatchObject({ code: 'vault.unavailable', state: 'timeout' });
  await expect.poll(() => isAlive(Number(readFileSync(pid, 'utf8')))).toBe(false);
});

test.each([
  ['no_addon', `process.send({ kind: 'no_addon', message: 'libsecret-1.so.0: cannot open shared object file' });`],
  ['no_addon', `process.kill(process.pid, 'SIGSEGV');`],
  ['no_addon', `throw new Error('broken');`],
  [
    'locked',
    `process.on('message', () => process.send({ kind: 'failed', message: 'Prompt dismissed' })); process.send({ kind: 'ready' });`,
  ],
  [
    'no_service',
    `process.on('message', () => process.send({ kind: 'failed', message: 'Cannot autolaunch D-Bus' })); process.send({ kind: 'ready' });`,
  ],
])('%s is told with its cure: %s', async (state, source) => {
  const vault = createVault({ env: process.env, program: program(source) });
  await expect(vault.get('x')).rejects.toMatchObject({
    code: 'vault.unavailable',
    state,
    cure: expect.stringMatching(/\w/),
  });
});

test('keys do not travel in the environment or the arguments of the keychain process [key-unseen]', async () => {
  const echo = program(`
    process.on('message', (call) => process.send({ kind: 'done', secret: JSON.stringify([process.env, process.argv, call]) }));
    process.send({ kind: 'ready' });`);
  const vault = createVault({
    env: { PATH: process.env.PATH, ANTHROPIC_API_KEY: 'sk-env-secret', DISPLAY: ':7' },
    program: echo,
  });
  const seen = await vault.get('model key');
  expect(seen).toContain(':7');
  expect(seen).not.toContain('sk-env-secret');
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
