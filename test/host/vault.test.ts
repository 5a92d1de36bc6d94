/** The keychain in all its states: a real Secret Service where there is one, and every way in which there is none. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createVault } from '#host/vault/vault.ts';
import { scratch } from '../fakes/places.ts';
import { hasSecretService as canRun, secretService } from '../fakes/secret-service.ts';

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
