/** What was paid adds up to the rows that the caps are judged by; a forecast is no more than quantiles and a sum. */
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { costsOf } from '#core/budget/costs.ts';
import { forecast } from '#core/budget/forecast.ts';
import { startOfDay } from '#core/ledger/local-time.ts';
import { openRoutines } from '#core/routines/routines.ts';
import { openStore } from '#core/store/event-log.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { scratch } from '../fakes/places.ts';
import { limits, spec } from '../fakes/records.ts';

const timeZone = 'Europe/Berlin';

function setUp(now = '2026-10-27T12:00:00.000Z') {
  const clock = manualClock(now);
  const store = openStore(join(scratch(), 'a.db'), clock);
  onTestFinished(() => store.close());
  const routines = openRoutines(scratch());
  const pay = (at: string, routine: string, micros: number, more: { run?: string; purpose?: string } = {}) =>
    store.commit((writer) =>
      writer.records.addSpending({
        ...{ at: Date.parse(at), routine, micros },
        ...{ run: more.run ?? 'run-1', purpose: more.purpose ?? 'session' },
      }),
    );
  const costs = (days: number) =>
    costsOf({ store, routines, clock, timeZone, startOfDay: (at) => startOfDay(at, timeZone) }, days);
  return { store, routines, pay, costs };
}

/** An ended run that cost `micros`. */
function ran(store: ReturnType<typeof setUp>['store'], n: number, micros: number, rehearsal = false) {
  const run = `run-${String(n).padStart(8, '0')}`;
  store.commit((writer) => {
    writer.append({ type: 'run.queued', run, routine: 'triage', trigger: { kind: 'person' } });
    writer.append({
      ...{ type: 'run.started', run, model: 'claude-opus-5-5', rehearsal, permissionMode: 'acceptEdits' },
      ...{ limits: limits(), repository: '/r', branch: 'b', baseBranch: 'main', base: 'a'.repeat(40) },
    });
    writer.append({ type: 'turn.started', run, turn: 1 });
    writer.append({
      ...{ type: 'message.finished', run, turn: 1, content: [{ type: 'text', text: 'So.' }], stopReason: 'end_turn' },
      ...{ usage: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 }, costMicros: micros },
    });
    writer.append({ type: 'run.ended', run, outcome: 'nothing_to_propose', reason: null, proposal: null });
  });
}

describe('what was paid', () => {
  test('is counted by the days of the zone, one of 25 hours among them, without gap or repeat', () => {
    const { pay, costs } = setUp();
    pay('2026-10-24T21:59:59.999Z', 'triage', 1); // 24 October, 23:59
    pay('2026-10-24T22:00:00.000Z', 'triage', 10); // 25 October, 00:00; the clocks go back that night
    pay('2026-10-25T22:59:59.999Z', 'docs', 100);
    pay('2026-10-25T23:00:00.000Z', 'docs', 1000); // 26 October, 00:00
    pay('2026-10-27T11:59:00.000Z', 'triage', 10_000, { purpose: 'classifier', run: 'run-2' });
    const { days, purposes, routines } = costs(4);
    expect(days).toEqual([
      { from: '2026-10-23T22:00:00.000Z', micros: 1, routines: [{ routine: 'triage', micros: 1 }] },
      {
        ...{ from: '2026-10-24T22:00:00.000Z', micros: 110 },
        routines: [
          { routine: 'docs', micros: 100 },
          { routine: 'triage', micros: 10 },
        ],
      },
      { from: '2026-10-25T23:00:00.000Z', micros: 1000, routines: [{ routine: 'docs', micros: 1000 }] },
      { from: '2026-10-26T23:00:00.000Z', micros: 10_000, routines: [{ routine: 'triage', micros: 10_000 }] },
    ]);
    expect(purposes).toEqual([
      { purpose: 'classifier', micros: 10_000 },
      { purpose: 'session', micros: 1111 },
    ]);
    // Neither routine is there any more; what they cost is.
    expect(routines).toEqual([
      { routine: 'triage', micros: 10_011, runs: 2, forecast: null },
      { routine: 'docs', micros: 1100, runs: 1, forecast: null },
    ]);
    expect(costs(1).days).toHaveLength(1);
  });

  test('nothing is an answer', () => {
    const { costs } = setUp();
    expect(costs(2)).toMatchObject({ days: [{ micros: 0 }, { micros: 0 }], purposes: [], routines: [] });
  });

  test('a routine that was never paid for is listed; rehearsals are no ground for a forecast', () => {
    const { store, routines, costs } = setUp();
    routines.add('triage', spec({ schedule: 'nightly', limits: limits({ dollars: 2, dollarsPerDay: 3 }) }));
    for (const n of [1, 2, 3, 4]) ran(store, n, 0, true);
    expect(costs(7).routines).toEqual([{ routine: 'triage', micros: 0, runs: 0, forecast: null }]);
    for (const n of [5, 6, 7]) ran(store, n, n * 100_000);
    expect(costs(7).routines[0]?.forecast).toMatchObject({
      ...{ runs: 3, due: 30, p50RunMicros: 600_000, p90RunMicros: 700_000 },
      ...{ p50MonthMicros: 18_000_000, capMonthMicros: 60_000_000 },
    });
  });
});

describe('a forecast', () => {
  const caps = { run: 1_000_000, day: 2_000_000 };
  test.each([[[]], [[5]], [[5, 6]]])('from %j is none', (costs) => {
    expect(forecast(costs, 30, caps)).toBeNull();
  });

  test('nearest ranks: half and nine tenths of ten runs are the fifth and the ninth', () => {
    const costs = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1].map((n) => n * 1000);
    expect(forecast(costs, 0, caps)).toEqual({
      ...{ runs: 10, due: 0, p50RunMicros: 5000, p90RunMicros: 9000 },
      ...{ p50MonthMicros: 0, p90MonthMicros: 0, capMonthMicros: 0 },
    });
  });

  test('of a month: the mean as often as it is due; runs alike leave no doubt', () => {
    expect(forecast([4000, 4000, 4000], 30, caps)).toMatchObject({ p50MonthMicros: 120_000, p90MonthMicros: 120_000 });
    expect(forecast([0, 3000, 6000], 100, caps)).toMatchObject({
      p50MonthMicros: 300_000,
      // 300,000 + 1.2816 × √100 × 3,000
      p90MonthMicros: 338_448,
    });
  });

  test('is never above what the caps let through, of the runs or of the days', () => {
    expect(forecast([900_000, 1_000_000, 1_100_000], 10, caps)?.p90MonthMicros).toBe(10_000_000);
    expect(forecast([900_000, 1_000_000, 1_100_000], 100, caps)).toMatchObject({
      ...{ p50MonthMicros: 60_000_000, p90MonthMicros: 60_000_000, capMonthMicros: 60_000_000 },
    });
  });
});
