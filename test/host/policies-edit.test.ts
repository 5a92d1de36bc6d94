/** A change of one policy leaves the others as they are, in the file too; the ledger is asked by state and age. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { realRuntime } from '../fakes/real-runtime.ts';

test('fields that an edit does not name stay, also inside of catch-up', async () => {
  const { add, handlers } = await realRuntime();
  const { folder } = await add();
  await handlers.routines.edit({ routine: 'triage', change: { policies: { catchUp: { mode: 'each' }, jitter: 5 } } });
  await handlers.routines.edit({ routine: 'triage', change: { policies: { catchUp: { within: 60 } } } });
  const { spec } = await handlers.routines.edit({ routine: 'triage', change: { policies: { priority: 2 } } });
  expect(spec?.policies).toMatchObject({
    ...{ catchUp: { mode: 'each', within: 60, sameDay: false }, jitter: 5, priority: 2, overlap: 'skip' },
  });
  expect(readFileSync(join(folder, 'routine.yaml'), 'utf8')).toMatch(/mode: each\s+within: 60/);
});

test('the ledger narrowed by routine, state and age', async () => {
  const { handlers, store } = await realRuntime();
  const row = (routine: string, dueAt: string, state: 'skipped' | 'blocked') =>
    store.commit((writer) =>
      writer.append({
        type: 'occurrence.claimed',
        routine,
        occurrence: {
          ...{ routine, dueAt, state, reason: 'For a test.', run: null, claimedAt: dueAt, claimedBy: 'host' as const },
          ...{ count: 1, cause: null, from: null },
        },
      }),
    );
  row('a', '2026-11-19T03:00:00.000Z', 'skipped');
  row('a', '2026-11-20T03:00:00.000Z', 'blocked');
  row('b', '2026-11-20T03:00:00.000Z', 'skipped');
  row('a', '2026-11-21T03:00:00.000Z', 'skipped');
  const asked = async (filter: { routine?: string; state?: 'skipped' | 'ran'; since?: string; limit?: number }) =>
    (await handlers.routines.ledger({ limit: 100, ...filter })).map(
      ({ routine, dueAt }) => routine + dueAt.slice(8, 10),
    );
  expect(await asked({})).toHaveLength(4);
  expect(await asked({ routine: 'a', limit: 2 })).toEqual(['a21', 'a20']);
  expect(await asked({ state: 'skipped', since: '2026-11-20T03:00:00.000Z' })).toEqual(['a21', 'b20']);
  expect(await asked({ routine: 'a', state: 'skipped' })).toEqual(['a21', 'a19']);
  expect(await asked({ state: 'ran' })).toEqual([]);
});

test('a rule that can never match is refused by its place, and nothing of the routine changes', async () => {
  const { add, handlers } = await realRuntime();
  await add();
  const edit = (allow: string[]) => handlers.routines.edit({ routine: 'triage', change: { permissions: { allow } } });
  await edit(['Bash(npm test:*)', 'Edit(/src/**)']);
  for (const broken of ['Bash(', 'Bsh(ls)', 'Edit()', 'rm -rf'])
    await expect(edit(['Bash(npm test:*)', broken])).rejects.toMatchObject({
      ...{ code: 'input', field: 'permissions.allow.1', cure: expect.stringContaining('Tool(what)') },
    });
  const { spec } = await handlers.routines.get({ routine: 'triage' });
  expect(spec?.permissions.allow).toEqual(['Bash(npm test:*)', 'Edit(/src/**)']);
});
