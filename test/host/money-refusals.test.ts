/** Caps that could not hold are refused when a routine is saved, and when a run would begin: field, reason and cure. */
import { expect, test } from 'vitest';
import { call, fail, reply, text } from '../fakes/messages-server.ts';
import { realRuntime } from '../fakes/real-runtime.ts';
import { limits } from '../fakes/records.ts';

const price = { input: 1, output: 2, cacheWrite: 1.25, cacheRead: 1 };

test('a routine whose run may cost more than its day is not saved', async () => {
  const { handlers, routine, add } = await realRuntime();
  const refused = {
    ...{ code: 'input', field: 'limits.dollars', message: expect.stringContaining('$10') },
    cure: expect.stringContaining('limits.dollarsPerDay'),
  };
  const spec = { ...routine, limits: limits({ dollars: 10.5, dollarsPerDay: 10 }) };
  await expect(handlers.routines.add({ id: 'triage', spec })).rejects.toMatchObject(refused);
  expect(await handlers.routines.list(undefined)).toEqual([]);
  await add();
  const edit = (change: object) => handlers.routines.edit({ routine: 'triage', change: { limits: change } });
  await expect(edit({ dollars: 10.5 })).rejects.toMatchObject(refused);
  await expect(edit({ dollarsPerDay: 1 })).rejects.toMatchObject({ field: 'limits.dollars' });
  expect((await handlers.routines.get({ routine: 'triage' })).spec?.limits).toEqual(routine.limits);
  expect((await edit({ dollars: 10 })).spec?.limits.dollars).toBe(10);
  expect((await edit({ dollars: 12, dollarsPerDay: 12 })).spec?.limits).toMatchObject({ dollars: 12 });
});

test('a cap of the day below what one run may cost is told with the budgets', async () => {
  const { handlers, add } = await realRuntime();
  await add();
  expect(await handlers.budgets.get(undefined)).not.toHaveProperty('warnings');
  const { warnings } = await handlers.budgets.set({ dollarsPerDay: 1 });
  expect(warnings).toEqual([expect.stringMatching(/triage.*\$2.*\$1/)]);
});

test('a model without a price runs, counts as the dearest, and says so when it is saved, and once for all runs', async () => {
  const { handlers, routine, server, ended, events } = await realRuntime({
    script: Array.from({ length: 5 }, () => reply([text('Done.')])),
    routine: { checks: [] },
  });
  const model = 'qwen3-coder';
  const said = expect.stringMatching(
    /"qwen3-coder" costs, so it counts at the dearest .*: \$15 .*`nightshift model price qwen3-coder/,
  );
  const added = await handlers.routines.add({ id: 'triage', spec: { ...routine, model } });
  expect(added.notes).toEqual([said]);
  expect((await handlers.routines.edit({ routine: 'triage', change: { description: 'x' } })).notes).toEqual([said]);
  const first = await ended((await handlers.routines.run({ routine: 'triage' })).run);
  expect(first.outcome).toBe('nothing_to_propose');
  expect(first.costMicros).toBe(10 * 15 + 20 * 75);
  const alerts = await handlers.alerts.list({ all: false, limit: 10 });
  expect(alerts).toMatchObject([{ about: first.id, routine: 'triage', text: said, dismissedAt: null }]);
  expect(events(first.id).filter(({ type }) => type === 'alert.raised')).toHaveLength(1);
  const told = async () => (await handlers.alerts.list({ all: true, limit: 10 })).length;
  await ended((await handlers.routines.run({ routine: 'triage' })).run);
  expect(await told()).toBe(1);
  // Also where it was put away: nothing has changed since.
  await handlers.alerts.dismiss({ seq: alerts[0]?.seq ?? 0, door: 'terminal' });
  await ended((await handlers.routines.run({ routine: 'triage' })).run);
  expect(await told()).toBe(1);
  await handlers.model.setPrice({ model, price });
  expect(await handlers.routines.get({ routine: 'triage' })).not.toHaveProperty('notes');
  const second = await ended((await handlers.routines.run({ routine: 'triage' })).run);
  expect(second.costMicros).toBe(10 * 1 + 20 * 2);
  expect(await told()).toBe(1);
  expect(server.requests.map(({ body }) => body)).toMatchObject(Array.from({ length: 4 }, () => ({ model })));
  // Taken back, it is news again, at once and once.
  for (let again = 0; again < 2; again++) await handlers.model.setPrice({ model, price: null });
  expect(await told()).toBe(2);
  await ended((await handlers.routines.run({ routine: 'triage' })).run);
  expect(await told()).toBe(2);
});

test('a cap of dollars stops a run by a model without a price before it can be passed', async () => {
  // At any price of the table but the dearest, $2 would be enough for a second answer.
  const usage = { input_tokens: 10, output_tokens: 26_500 };
  const { runOnce, server } = await realRuntime({
    script: [reply([call('Bash', { command: 'true' })], { usage }), reply([text('Done.')])],
    routine: { checks: [], model: 'qwen3-coder', limits: limits({ dollars: 2 }), whenAsked: 'deny' },
  });
  const run = await runOnce();
  expect(run.reason?.code).toBe('limit.dollars');
  expect(run.costMicros).toBe(10 * 15 + 26_500 * 75);
  expect(server.requests).toHaveLength(1);
});

test('what is presumed is in the run that every door shows', async () => {
  const { runOnce, events } = await realRuntime({
    script: [fail(504), reply([text('Done.')])],
    routine: { checks: [] },
  });
  const run = await runOnce();
  expect(run.presumedMicros).toBeGreaterThan(0);
  expect(run.costMicros).toBe((run.presumedMicros ?? 0) + 10 * 4 + 20 * 20);
  expect(events(run.id).filter(({ type }) => type === 'cost.presumed')).toHaveLength(1);
});
