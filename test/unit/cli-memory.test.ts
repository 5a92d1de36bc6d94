/** `nightshift memory`: what is listed, how a file is changed, and how an offer is decided. */
import { expect, test, vi } from 'vitest';
import type { Memory } from '#contract/memory.ts';
import { cli } from '../fakes/cli-shell.ts';

const memory: Memory = {
  ...{ repository: '/home/someone/orders', folder: '/home/someone/.local/share/nightshift/memory/orders-1', off: null },
  files: [{ file: 'MEMORY.md', bytes: 21, changedAt: '2026-11-19T06:00:00.000Z' }],
  offers: [
    {
      ...{ id: 41, at: '2026-11-20T03:12:00.000Z', run: 'run-00000009', routine: 'triage' },
      changes: [
        { file: 'testing.md', text: 'Set TZ=UTC.\u001b[31m' },
        { file: 'old.md', text: null },
      ],
      why: 'the routine asks for your yes',
    },
  ],
};
const here = ['--repository', '.'];

test('the list shows what is kept, and every offer as a whole', async () => {
  const { out, code } = await cli(['memory', 'show', ...here], { memory: { get: async () => memory } });
  expect(code).toBe(0);
  expect(out).toMatch(/MEMORY\.md +21 +2026-11-19/);
  expect(out).toContain('Offer 41 of run-00000009');
  expect(out).toContain('    Set TZ=UTC.');
  expect(out).toContain('old.md is to be forgotten');
  expect(out).toContain('nightshift memory take 41');
  expect(out).not.toContain('\u001b[31m');
});

test('a file is shown, edited from standard input, and forgotten', async () => {
  const write = vi.fn(async (_: unknown) => memory);
  const handlers = { memory: { read: async () => ({ text: 'one' }), write } };
  expect((await cli(['memory', 'show', 'a.md', ...here], handlers)).out.trim()).toBe('one');
  await cli(['memory', 'edit', 'a.md', '--text', 'two', ...here], handlers);
  await cli(['memory', 'forget', 'a.md', ...here], handlers);
  expect(write.mock.calls.map(([input]) => input)).toMatchObject([
    { file: 'a.md', text: 'two', door: 'terminal' },
    { file: 'a.md', text: null, door: 'terminal' },
  ]);
  expect((await cli(['memory', 'edit', 'a.md', ...here], handlers)).code).not.toBe(0);
});

test('an offer is taken or dropped by its number', async () => {
  const decide = vi.fn(async (_: unknown) => ({ ...memory, offers: [] }));
  await cli(['memory', 'take', '41', ...here], { memory: { decide } });
  await cli(['memory', 'drop', '41', ...here], { memory: { decide } });
  expect(decide.mock.calls.map(([input]) => input)).toMatchObject([
    { offer: 41, take: true },
    { offer: 41, take: false },
  ]);
});
