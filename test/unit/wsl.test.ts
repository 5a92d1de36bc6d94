/** The plan for Windows, word for word; it has never run on a real system. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createSandbox } from '#host/sandbox/launch.ts';
import { defaultLimits } from '#host/sandbox/limits.ts';
import { policy, type View } from '#host/sandbox/policy-linux.ts';
import { insideDistribution, wslArguments, wslConf, wslPolicy, wslSteps } from '#host/sandbox/wsl.ts';
import { silent } from '../fakes/places.ts';

const golden = (name: string) => readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8');

test('the configuration of the distribution: no drives, no programs of Windows', () => {
  expect(wslConf()).toBe(golden('wsl.conf'));
});

test('one program is run there with no shell in between, whatever its arguments hold', () => {
  const words = ['/usr/bin/bwrap', '--', 'a b', '"; calc.exe', '$(id)', '', '--distribution', '日本'];
  expect(wslArguments(words, '/home/nightshift/w 1')).toEqual([
    ...['--distribution', 'Nightshift', '--cd', '/home/nightshift/w 1', '--exec', ...words],
  ]);
  for (const [command, directory] of [
    [['a\0b'], '/'],
    [['\ud800'], '/'],
    [['ls'], 'C:\\Users'],
    [['ls'], '~'],
  ] as const)
    expect(() => wslArguments([...command], directory)).toThrow(
      expect.objectContaining({ code: 'input', field: 'command' }),
    );
});

test('what leads back to Windows is covered, and so are the folders of submodules, as on any Linux', () => {
  const sealed = [
    { source: '/data/w/libs', target: '/workspace/libs', writable: true },
    { source: '/data/w/libs/a', target: '/workspace/libs/a', writable: false },
  ];
  const git = { base: '/repository.git', covered: false, shown: [], supplied: [], sealed };
  const view: View = {
    ...{ system: [], etc: [], program: [], programFiles: [], command: ['/x'], environment: {} },
    ...{ worktree: '/data/w', access: 'write', git, covers: [], network: null, filter: null },
  };
  const plain = policy(view, defaultLimits()).args.join(' ');
  const words = wslPolicy(view, defaultLimits()).args.join(' ');
  expect(
    `${words
      .replace(/^.*?--bind \/data\/w \/workspace /s, '')
      .replace(/ -- .*$/s, '')
      .replace(/ (?=--)/g, '\n')}\n`,
  ).toBe(golden('wsl-policy.txt'));
  expect(words.replace('--tmpfs /run/WSL --tmpfs /mnt --ro-bind /dev/null /init ', '')).toBe(plain);
});

test.each([
  ['\\\\wsl.localhost\\Nightshift\\home\\n\\repo', '/home/n/repo'],
  ['\\\\WSL$\\nightshift\\', '/'],
  ['\\\\wsl.localhost\\Ubuntu\\home', null],
  ['\\\\wsl.localhost\\Nightshift\\home\\..\\etc', null],
  ['C:\\Users\\sam\\repo', null],
  ['\\\\server\\share\\repo', null],
  ['/home/n', null],
])('%s inside the distribution: %s', (path, expected) => expect(insideDistribution(path)).toBe(expected));

test('Windows itself starts no run; the doctor tells the steps, and that nobody has tried them', async () => {
  const sandbox = createSandbox({ log: silent, platform: 'win32' });
  const spec = { run: 'run-1', worktree: '/', gitDirectory: '/', access: 'read' as const };
  await expect(sandbox.launch(spec)).rejects.toMatchObject({ code: 'sandbox.unavailable' });
  const [check] = await sandbox.doctor();
  expect(check).toMatchObject({ state: 'failed', cure: expect.stringContaining('Unverified steps: ') });
  for (const step of wslSteps()) expect(check?.cure).toContain(step);
});
