/** What becomes of due instants, policy by policy, and for random ones by an oracle that judges instant by instant. */
import { describe, expect, test } from 'vitest';
import { Policies } from '#contract/policies.ts';
import type { DueSource } from '#core/ledger/due-source.ts';
import { localTime, startOfDay } from '#core/ledger/local-time.ts';
import { type Decision, decide, type Facts } from '#core/ledger/policies.ts';

const minute = 60_000;
const hour = 60 * minute;
const now = Date.parse('2026-11-20T12:00:30.000Z');
const t = (text: string) => Date.parse(`2026-11-${text}:00.000Z`);

/** Due instants from a plain list. */
function listed(instants: number[]): DueSource {
  const inside = (after: number, to: number) => instants.filter((at) => at > after && at <= to).sort((a, b) => a - b);
  return {
    newest: (after, to, count) => inside(after, to).reverse().slice(0, count),
    first: (after, to) => inside(after, to)[0] ?? null,
    count: (after, to) => inside(after, to).length,
  };
}

const facts = (change: Partial<Facts> = {}): Facts => ({
  since: now - 40 * 24 * hour,
  to: now + 2000,
  now,
  timeZone: 'UTC',
  jitterMs: 0,
  open: [],
  lastStart: null,
  pauses: [],
  absences: [],
  conditions: { onMains: null, unmetered: null },
  ...change,
});
const policies = (change: object = {}) => Policies.parse(change);
const shown = (rows: Decision[]) =>
  rows.map(({ dueAt, state, cause, count }) => [
    new Date(dueAt).toISOString().slice(8, 16),
    cause === null ? state : `${state}: ${cause}`,
    count,
  ]);
const judge = (instants: string[], p: object = {}, f: Partial<Facts> = {}) =>
  shown(decide(listed(instants.map(t)), policies(p), facts(f)));

test('nothing due, no rows', () => expect(judge([])).toEqual([]));

describe('catch-up', () => {
  const missed = ['18T03:00', '19T03:00', '20T03:00'];
  test('latest: the newest one stands for those before it', () => {
    expect(judge(missed)).toEqual([
      ['19T03:00', 'coalesced: coalesced', 2],
      ['20T03:00', 'claimed', 1],
    ]);
    const [range, run] = decide(listed(missed.map(t)), policies(), facts());
    expect(range).toMatchObject({ from: t('18T03:00'), dueAt: t('19T03:00') });
    expect(run?.missed).toBe(2);
  });
  test('each: every one, oldest first', () =>
    expect(judge(missed, { catchUp: { mode: 'each' } }).map(([, state]) => state)).toEqual(Array(3).fill('claimed')));
  test('each: no more than fifty, the rest is folded', () => {
    const many = listed(Array.from({ length: 200 }, (_, i) => now - i * hour));
    const rows = decide(many, policies({ catchUp: { mode: 'each', within: 44_640 } }), facts());
    expect(shown(rows.slice(0, 1))).toEqual([['18T10:00', 'coalesced: coalesced', 150]]);
    expect(rows.filter((row) => row.state === 'claimed')).toHaveLength(50);
  });
  test('skip: only what is on time, and the machine says why the others were missed', () => {
    const absences = [{ from: t('19T00:00'), to: t('20T04:00'), cause: 'asleep' as const }];
    expect(judge([...missed, '20T12:00'], { catchUp: { mode: 'skip' } }, { absences })).toEqual([
      ['18T03:00', 'skipped: too_late', 1],
      ['20T03:00', 'skipped: asleep', 2],
      ['20T12:00', 'claimed', 1],
    ]);
  });
  test('within: older ones are too late, to the millisecond', () => {
    const at = [now - hour - 1, now - hour];
    const rows = decide(listed(at), policies({ catchUp: { within: 60 } }), facts());
    expect(rows.map((row) => row.cause ?? row.state)).toEqual(['too_late', 'claimed']);
  });
  test('same day: the day of the routine, not of the machine', () => {
    const p = { catchUp: { sameDay: true } };
    expect(judge(['20T03:00'], p)).toEqual([['20T03:00', 'claimed', 1]]);
    // In Los Angeles it is still the 20th at 04:00, and 03:00 UTC was the 19th.
    expect(judge(['20T03:00'], p, { timeZone: 'America/Los_Angeles' })).toEqual([['20T03:00', 'skipped: too_late', 1]]);
  });
});

describe('pauses', () => {
  test('until an instant: not before, from it on yes', () => {
    const p = { pausedUntil: '2026-11-20T03:00:00.000Z', catchUp: { mode: 'each' } };
    expect(judge(['19T03:00', '20T03:00'], p)).toEqual([
      ['19T03:00', 'skipped: paused', 1],
      ['20T03:00', 'claimed', 1],
    ]);
  });
  test('of everything, also one that was lifted since', () => {
    const pauses = [{ from: t('18T00:00'), to: t('20T00:00') }];
    expect(judge(['17T03:00', '18T03:00', '19T03:00', '20T03:00'], {}, { pauses })).toEqual([
      ['17T03:00', 'coalesced: coalesced', 1],
      ['19T03:00', 'skipped: paused_all', 2],
      ['20T03:00', 'claimed', 1],
    ]);
    expect(judge(['20T03:00'], {}, { pauses: [{ from: t('20T03:00'), to: null }] })).toEqual([
      ['20T03:00', 'skipped: paused_all', 1],
    ]);
  });
});

describe('overlap', () => {
  const open = [
    { run: 'run-working1', waiting: false, queuedAt: '2026-11-20T11:00:00.000Z' },
    { run: 'run-waiting1', waiting: true, queuedAt: '2026-11-20T11:30:00.000Z' },
  ];
  const one = (overlap: string, f: Partial<Facts> = { open }) =>
    decide(listed([t('20T12:00')]), policies({ overlap }), facts(f));
  test('skip names the run in the way', () =>
    expect(one('skip')).toMatchObject([{ state: 'skipped', cause: 'overlapped', about: { run: 'run-working1' } }]));
  test('queue one takes the place of what waits', () =>
    expect(one('queue_one')).toMatchObject([{ state: 'claimed', replace: ['run-waiting1'], cancel: [] }]));
  test('queue one of many missed: the newest', () =>
    expect(judge(['20T10:00', '20T11:00'], { overlap: 'queue_one', catchUp: { mode: 'each' } }, { open })).toEqual([
      ['20T10:00', 'coalesced: coalesced', 1],
      ['20T11:00', 'claimed', 1],
    ]));
  test.each(['queue_all', 'parallel'])('%s lets others alone', (overlap) =>
    expect(one(overlap)).toMatchObject([{ state: 'claimed', replace: [], cancel: [] }]),
  );
  test('cancel old ends all that is open', () =>
    expect(one('cancel_old')).toMatchObject([{ state: 'claimed', cancel: ['run-working1', 'run-waiting1'] }]));
  test.each(['skip', 'queue_one', 'queue_all', 'cancel_old', 'parallel'])('%s with nothing open', (overlap) =>
    expect(one(overlap, {})).toMatchObject([{ state: 'claimed', cancel: [], replace: [] }]),
  );
});

describe('whether it may start', () => {
  const at = ['20T12:00'];
  test.each([
    ['12:00', '13:00', 'claimed'],
    ['12:01', '13:00', 'skipped: outside_hours'],
    ['09:00', '12:00', 'skipped: outside_hours'],
    ['22:00', '12:01', 'claimed'],
    ['22:00', '06:00', 'skipped: outside_hours'],
    ['08:00', '08:00', 'claimed'],
  ])('active from %s to %s: %s', (from, to, state) =>
    expect(judge(at, { activeHours: { from, to } })).toEqual([['20T12:00', state, 1]]),
  );
  test('active hours are judged at the start, jitter included, in the zone of the routine', () => {
    const p = { activeHours: { from: '12:30', to: '13:00' } };
    expect(judge(at, p, { jitterMs: 40 * minute })).toEqual([['20T12:00', 'claimed', 1]]);
    expect(judge(at, { activeHours: { from: '13:00', to: '14:00' } }, { timeZone: 'Europe/Berlin' })).toEqual([
      ['20T12:00', 'claimed', 1],
    ]);
  });
  test.each([
    ['onMains', { onMains: false, unmetered: true }, 'skipped: on_battery'],
    ['onMains', { onMains: true, unmetered: false }, 'claimed'],
    ['onMains', { onMains: null, unmetered: false }, 'claimed'],
    ['unmetered', { onMains: false, unmetered: false }, 'skipped: metered'],
    ['unmetered', { onMains: false, unmetered: null }, 'claimed'],
  ])('%s with %o: %s', (asks, conditions, state) =>
    expect(judge(at, { [asks]: true }, { conditions })).toEqual([['20T12:00', state, 1]]),
  );
  test('minimum distance counts between starts, also of those chosen together', () => {
    const p = { minimumDistance: 60 };
    expect(judge(at, p, { lastStart: now - 59 * minute })).toEqual([['20T12:00', 'skipped: too_soon', 1]]);
    expect(judge(at, p, { lastStart: now - 60 * minute })).toEqual([['20T12:00', 'claimed', 1]]);
    expect(judge(at, p, { lastStart: now + hour })).toEqual([['20T12:00', 'claimed', 1]]);
    expect(judge(['20T10:00', '20T11:00', '20T12:00'], { ...p, catchUp: { mode: 'each' } })).toEqual([
      ['20T10:00', 'claimed', 1],
      ['20T12:00', 'skipped: too_soon', 2],
    ]);
  });
});

test('2,000 random cases: every instant is in exactly one row, and in the one that an oracle names', () => {
  let seed = 20261120;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const pick = <T>(...from: T[]): T => from[random(from.length)] as T;
  for (let round = 0; round < 2000; round++) {
    const instants = [...new Set(Array.from({ length: random(40) }, () => now - random(4000) * minute))];
    const p = policies({
      catchUp: { mode: pick('skip', 'latest', 'each'), within: pick(1, 90, 1440, 10_080), sameDay: pick(true, false) },
      overlap: pick('skip', 'queue_one', 'queue_all', 'cancel_old', 'parallel'),
      minimumDistance: pick(0, 30),
      pausedUntil: pick(null, new Date(now - random(3000) * minute).toISOString()),
    });
    const from = now - random(4000) * minute;
    const f = facts({
      since: now - random(4000) * minute,
      timeZone: pick('UTC', 'Asia/Tokyo', 'America/New_York', 'Australia/Lord_Howe'),
      pauses: pick([], [{ from, to: pick(null, from + random(1000) * minute) }]),
      absences: pick([], [{ from: from - hour, to: from + 9 * hour, cause: 'machine_off' as const }]),
      open: pick([], [{ run: 'run-openopen', waiting: pick(true, false), queuedAt: '' }]),
      lastStart: pick(null, now - random(60) * minute),
    });
    const rows = decide(listed(instants), p, f);
    const due = instants.filter((at) => at > f.since && at <= f.to);
    expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(due.length);
    expect(rows.map((row) => row.dueAt)).toEqual(rows.map((row) => row.dueAt).toSorted((a, b) => a - b));
    for (const at of due) {
      const mine = rows.filter((row) => row.dueAt === at || (row.from !== null && row.from <= at && at <= row.dueAt));
      expect(mine).toHaveLength(1);
      const row = mine[0] as Decision;
      const expected = oracle(at, due, p, f);
      expect(expected, JSON.stringify({ round, at, row })).toContain(row.cause ?? 'claimed');
    }
    for (const row of rows)
      expect(row.count).toBe(due.filter((at) => at >= (row.from ?? row.dueAt) && at <= row.dueAt).length);
  }
});

/** The causes that are right for one instant by itself. */
function oracle(at: number, due: number[], p: Policies, f: Facts): string[] {
  if (p.pausedUntil && at < Date.parse(p.pausedUntil)) return ['paused'];
  if (f.pauses.some(({ from, to }) => at >= from && at < (to ?? Number.POSITIVE_INFINITY))) return ['paused_all'];
  if (now - at > p.catchUp.within * minute) return ['too_late'];
  if (p.catchUp.sameDay && localTime(at, f.timeZone).date !== localTime(now, f.timeZone).date) return ['too_late'];
  if (p.catchUp.mode === 'skip' && now - at > 90_000)
    return f.absences.some(({ from, to }) => at >= from && at < to) ? ['machine_off'] : ['too_late'];
  const newer = due.some((other) => other > at && !['paused', 'paused_all'].includes(oracle(other, [], p, f)[0] ?? ''));
  const starting = ['claimed', 'overlapped', 'too_soon', ...(p.overlap === 'queue_one' ? ['coalesced'] : [])];
  if (p.catchUp.mode === 'each') return starting;
  return newer ? ['coalesced'] : starting;
}

test.each([
  ['2026-03-29T12:00:00.000Z', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
  ['2026-10-25T12:00:00.000Z', 'Europe/Berlin', '2026-10-24T22:00:00.000Z'],
  ['2026-04-24T12:00:00.000Z', 'Africa/Cairo', '2026-04-23T22:00:00.000Z'],
  ['2026-11-20T12:00:00.000Z', 'Asia/Kathmandu', '2026-11-19T18:15:00.000Z'],
])('the day of %s in %s began at %s', (at, zone, start) => {
  expect(new Date(startOfDay(Date.parse(at), zone)).toISOString()).toBe(start);
});
