/** A routine that is edited, paused or removed while it is due: every due instant keeps its row, by the routine as it was. */
import { cpSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hang } from '../fakes/messages-server.ts';
import { realRuntime } from '../fakes/real-runtime.ts';
import { verifies } from '../promises.ts';

const day = 86_400_000;

/** A nightly routine, a few seconds after the last of `nights` due instants that nobody has looked at. */
async function nightly(nights: number, more: object = {}) {
  const parts = await realRuntime({ script: [hang()], routine: { schedule: '0 3 * * *', timeZone: 'UTC', ...more } });
  const { add, clock, store } = parts;
  const untilNight = () => (Math.floor((clock.now() - 3 * 3_600_000) / day) + 1) * day + 3 * 3_600_000 - clock.now();
  clock.pass(untilNight() + 60_000);
  await add();
  clock.pass(nights === 0 ? 60_000 : untilNight() + (nights - 1) * day + 5_000);
  const dueAt = new Date(Math.floor(clock.now() / 60_000) * 60_000).toISOString();
  return { ...parts, dueAt, rows: () => store.read.occurrences({ limit: 100 }).reverse() };
}

test(verifies('every-occurrence-accounted', 'removed at the moment that it is due'), async () => {
  const { handlers, dueAt, rows, store } = await nightly(1);
  await handlers.routines.remove({ routine: 'triage' });
  expect(rows()).toMatchObject([{ dueAt, state: 'skipped', cause: 'removed', run: null, count: 1 }]);
  expect(rows()[0]?.reason).toMatch(/removed/);
  expect(store.read.runs({ limit: 10 })).toEqual([]);
  expect(await handlers.routines.why({ routine: 'triage', at: dueAt })).toMatchObject({
    due: true,
    occurrence: { cause: 'removed' },
    sentence: expect.stringMatching(/removed/),
  });
});

test('removed after nights that nobody saw: one row for all of them, none of which claims to be made up for', async () => {
  const { handlers, dueAt, rows } = await nightly(3);
  await handlers.routines.remove({ routine: 'triage' });
  expect(rows()).toMatchObject([{ dueAt, state: 'skipped', cause: 'removed', count: 3 }]);
});

test('removed in a pause of all: the pause is the reason', async () => {
  const { handlers, clock, rows } = await nightly(0);
  await handlers.routines.pauseAll({ until: null });
  clock.pass(day);
  await handlers.routines.remove({ routine: 'triage' });
  expect(rows()).toMatchObject([{ state: 'skipped', cause: 'paused_all' }]);
});

test('edited at the moment that it is due: it runs as it was, and the new schedule counts from then on', async () => {
  const { handlers, dueAt, rows, store } = await nightly(1, { prompt: 'The old words.' });
  await handlers.routines.edit({ routine: 'triage', change: { prompt: 'The new words.', schedule: '*/5 * * * *' } });
  expect(rows()).toMatchObject([{ dueAt, count: 1, run: expect.stringMatching(/^run-/) }]);
  expect(store.records.spec(rows()[0]?.run ?? '')).toMatchObject({
    prompt: 'The old words.',
    schedule: '0 3 * * *',
  });
});

test('paused at the moment that it is due: that one still runs', async () => {
  const { handlers, dueAt, rows } = await nightly(1);
  const { spec } = await handlers.routines.pause({ routine: 'triage' });
  expect(spec?.paused).toBe(true);
  expect(rows()).toMatchObject([{ dueAt, run: expect.stringMatching(/^run-/) }]);
});

test('its folder deleted by hand while it is due: skipped, recorded as removed, and the OS timer is taken away', async () => {
  const { handlers, dueAt, rows, store, paths } = await nightly(2);
  rmSync(`${paths.routines}/triage`, { recursive: true });
  await handlers.due({ by: 'host' });
  expect(rows()).toMatchObject([{ dueAt, state: 'skipped', cause: 'removed', count: 2, run: null }]);
  expect(rows()[0]?.reason).toMatch(/folder was gone/);
  const events = store.events({ after: 0, limit: 100 });
  expect(events).toContainEqual(expect.objectContaining({ type: 'routine.changed', what: 'removed' }));
  expect(store.records.spanAt('triage', Date.now() + 30 * day)?.state).toBe('removed');
  // A second look has nothing more to say.
  const seq = store.seq();
  await handlers.due({ by: 'host' });
  expect(store.seq()).toBe(seq);
});

test('an OS timer of a routine that is gone is answered, not refused; a person who asks for it is told', async () => {
  const { handlers, rows, paths } = await nightly(1);
  rmSync(`${paths.routines}/triage`, { recursive: true });
  await handlers.due({ by: 'os_timer', routine: 'triage' });
  expect(rows()).toMatchObject([{ cause: 'removed', claimedBy: 'os_timer' }]);
  await expect(handlers.due({ by: 'os_timer', routine: 'never-was' })).resolves.toMatchObject({ accounted: [] });
  await expect(handlers.due({ by: 'cli', routine: 'triage' })).rejects.toMatchObject({ code: 'not_found' });
});

test('an edit that waits for its repository does not undo a pause that came meanwhile', async () => {
  const { handlers, add, repository } = await realRuntime({ routine: { schedule: 'manual' } });
  await add();
  const edit = handlers.routines.edit({ routine: 'triage', change: { repository: repository.root, name: 'New' } });
  await handlers.routines.pause({ routine: 'triage' });
  expect((await edit).spec).toMatchObject({ name: 'New', paused: true });
});

test('words that hold only now are written down as the instant that they mean; an instant that is past is refused', async () => {
  const { handlers, routine, clock } = await realRuntime();
  const { spec, next } = await handlers.routines.add({ id: 'soon', spec: { ...routine, schedule: 'in 2 hours' } });
  expect(next).toHaveLength(1);
  expect(Date.parse(next[0] ?? '')).toBeGreaterThan(clock.now() + 7_100_000);
  expect(spec?.schedule).toMatch(/^at \d{4}-/);
  const past = { schedule: '2020-01-01 00:00' };
  await expect(handlers.routines.add({ id: 'late', spec: { ...routine, ...past } })).rejects.toThrow(/in the past/);
  await expect(handlers.routines.edit({ routine: 'soon', change: past })).rejects.toThrow(/in the past/);
  // Once it is over, the rest of it can still be changed.
  clock.pass(3 * 3_600_000);
  await handlers.due({ by: 'host' });
  await handlers.routines.edit({ routine: 'soon', change: { name: 'Was soon' } });
  await handlers.routines.edit({ routine: 'soon', change: { schedule: 'tomorrow at 7' } });
});

test('two routines with one id: the second is refused; a copy under a name that is no id is shown by the doctor', async () => {
  const { add, paths, runtime, handlers } = await realRuntime({ routine: { schedule: 'manual' } });
  await add();
  await expect(add()).rejects.toThrow(/already a routine called "triage"/);
  cpSync(`${paths.routines}/triage`, `${paths.routines}/Triage copy`, { recursive: true });
  expect((await handlers.routines.list(undefined)).map(({ id }) => id)).toEqual(['triage']);
  expect(await runtime.doctor()).toContainEqual({
    ...{ name: 'Routine folders', state: 'warning', cure: expect.any(String) },
    detail: expect.stringContaining('"Triage copy"'),
  });
});
