/** `nightshift hooks`: what is listed, and that a yes names what was looked at. */
import { expect, test, vi } from 'vitest';
import type { HookPreview } from '#contract/hooks.ts';
import { cli } from '../fakes/cli-shell.ts';

const hash = `0123456789abcdef${'0'.repeat(48)}`;
const preview: HookPreview = {
  ...{ repository: '/home/someone/orders', commit: 'a'.repeat(40) },
  hooks: [
    {
      ...{ moment: 'PreToolUse', matcher: '', command: 'sh guard.sh \u001b[31m', timeout: 60, layer: 'project' },
      ...{ file: '.claude/settings.json', state: 'untrusted' },
    },
  ],
  trust: { hash, scripts: ['guard.sh'], trustedAt: null },
  problems: [
    { path: '.claude/settings.json', message: 'hooks.Never: there is no such moment here', cure: 'Leave it.' },
  ],
};

test('the list says what runs, what of files belongs to it, and how to say yes', async () => {
  const { code, out } = await cli(['hooks', 'list', '--repository', '.'], { hooks: { list: async () => preview } });
  expect(code).toBe(0);
  expect(out).toMatch(/PreToolUse +\* +not trusted +60 +\.claude\/settings\.json +sh guard\.sh/);
  expect(out).not.toContain('\u001b[31m');
  expect(out).toContain('nightshift hooks trust 0123456789ab --repository /home/someone/orders');
  expect(out).toContain('! .claude/settings.json: hooks.Never: there is no such moment here. Leave it.');
});

test('a yes is to the hash that was looked at, whole or its beginning, and to no other', async () => {
  const trust = vi.fn(async (_: unknown) => ({ ...preview, hooks: [], trust: null, problems: [] }));
  const handlers = { hooks: { list: async () => preview, trust } };
  const given = await cli(['hooks', 'trust', '0123456789ab', '--repository', '.'], handlers);
  expect(given.code).toBe(0);
  expect(trust.mock.calls).toEqual([[expect.objectContaining({ hash, door: 'terminal' }), undefined]]);
  for (const wrong of ['0123', 'fedcba987654'])
    expect((await cli(['hooks', 'trust', wrong, '--repository', '.'], handlers)).err).toContain(
      'nightshift hooks list',
    );
  expect(trust).toHaveBeenCalledOnce();
});
