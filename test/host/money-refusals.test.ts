/** Caps that could not hold are refused when a routine is saved, and when a run would begin: field, reason and cure. */
import { expect, test } from 'vitest';
import { fail, reply, text } from '../fakes/messages-server.ts';
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

test('a model without a price is not saved, and a run by one does not begin', async () => {
  const { handlers, routine, add, server, ended, store } = await realRuntime({ script: [reply([text('Done.')])] });
  const refused = {
    code: 'input',
    field: 'model',
    cure: expect.stringContaining('nightshift model price qwen3-coder'),
  };
  const model = 'qwen3-coder';
  await expect(handlers.routines.add({ id: 'triage', spec: { ...routine, model } })).rejects.toMatchObject(refused);
  await add();
  const edit = () => handlers.routines.edit({ routine: 'triage', change: { model } });
  await expect(edit()).rejects.toMatchObject(refused);
  expect(await handlers.model.setPrice({ model, price })).toMatchObject({ ownPrices: { [model]: price } });
  await edit();
  await handlers.model.setPrice({ model, price: null });
  const { run } = await handlers.routines.run({ routine: 'triage' });
  const end = await ended(run);
  expect(end).toMatchObject({ outcome: 'failed', startedAt: null, reason: { code: 'input' } });
  expect(end.reason?.message).toContain(model);
  expect(end.reason?.cure).toContain('nightshift model price');
  expect(server.requests).toEqual([]);
  await handlers.model.setPrice({ model, price });
  const second = await ended((await handlers.routines.run({ routine: 'triage' })).run);
  expect(second.outcome).toBe('nothing_to_propose');
  expect(second.costMicros).toBe(10 * 1 + 20 * 2);
  expect(store.read.run(second.id)?.presumedMicros).toBeUndefined();
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
