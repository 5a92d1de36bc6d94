/** Which waiting runs may start: limits, order, spacing after a sleep. */
import { expect, test } from 'vitest';
import {
  type Active,
  type Allowance,
  fullAllowance,
  lateEvery,
  planStarts,
  type Waiting,
} from '#core/supervisor/admission.ts';

const now = Date.parse('2026-11-20T09:00:00.000Z');
const hour = 3_600_000;
let last = 0;
function waiting(change: Partial<Waiting> = {}): Waiting {
  const id = String(++last).padStart(8, '0');
  const at = change.dueAt ?? now;
  const rest = { queuedAt: now, priority: 0, parallel: false, begun: false };
  return { run: `run-${id}`, routine: `r${id}`, repository: `/r${id}`, dueAt: at, startAt: at, ...rest, ...change };
}
const plan = (runs: Waiting[], active: Active[] = [], before = fullAllowance) => planStarts(runs, active, now, before);

test('four at once, two in one repository, one of a routine unless it may run beside itself', () => {
  expect(plan(Array.from({ length: 9 }, () => waiting())).start).toHaveLength(4);
  const here = Array.from({ length: 4 }, () => waiting({ repository: '/here' }));
  expect(plan(here).start).toHaveLength(2);
  expect(plan(here, [{ routine: 'x', repository: '/here' }]).start).toHaveLength(1);
  expect(plan([waiting({ routine: 'a' }), waiting({ routine: 'a' })]).start).toHaveLength(1);
  expect(plan([waiting({ routine: 'a', parallel: true })], [{ routine: 'a', repository: '/z' }]).start).toHaveLength(1);
  expect(plan([waiting()], Array(4).fill({ routine: 'x', repository: '/x' })).start).toEqual([]);
});

test('a run that rests between the firings of a loop takes no slot, but is still the one run of its routine', () => {
  const resting = { routine: 'looping', repository: '/here', resting: true };
  expect(plan([waiting({ repository: '/here' })], Array(4).fill(resting)).start).toHaveLength(1);
  expect(plan([waiting({ routine: 'looping' })], [resting]).start).toEqual([]);
});

test('what was begun, then what a person waits for, then priority, then what is latest', () => {
  const [low, late, later, high, person, begun] = [
    waiting({ priority: -1, dueAt: now - 30_000 }),
    waiting({ dueAt: now - 20_000 }),
    waiting({ dueAt: now - 40_000 }),
    waiting({ priority: 5 }),
    waiting({ dueAt: null, startAt: now }),
    waiting({ begun: true, dueAt: now - hour }),
  ] as const;
  const all = [low, late, later, high, person, begun];
  expect(plan(all).start).toEqual([begun, person, high, later].map(({ run }) => run));
  expect(plan([low, late]).start).toEqual([late.run, low.run]);
});

test('a full repository holds nobody else back', () => {
  const [a, b, c, d] = [...Array(3).fill({ repository: '/here', priority: 9 }), {}].map((each) => waiting(each));
  expect(plan([a, b, c, d] as Waiting[]).start).toEqual([a?.run, b?.run, d?.run]);
});

test('a start that was put off waits for its time, and the plan says when to look', () => {
  const soon = waiting({ startAt: now + 5_000 });
  const result = plan([soon, waiting({ startAt: now + 9_000 })]);
  expect(result).toMatchObject({ start: [], lookAt: now + 5_000 });
  expect(planStarts([soon], [], now + 5_000, result.allowance).start).toEqual([soon.run]);
});

test('twelve late runs after a sleep: two at once, then one each fifteen seconds', () => {
  const all = Array.from({ length: 12 }, (_, i) => waiting({ dueAt: now - (12 - i) * hour }));
  const started = new Map<string, number>();
  let allowance: Allowance = fullAllowance;
  let at = now;
  while (started.size < all.length && at < now + hour) {
    const left = all.filter(({ run }) => !started.has(run));
    // Each is over at once, so that only the spacing counts.
    const next = planStarts(left, [], at, allowance);
    for (const run of next.start) started.set(run, at - now);
    allowance = next.allowance;
    if (left.length > next.start.length) expect(next.lookAt).toBeGreaterThan(at);
    at = next.lookAt ?? at;
  }
  expect([...started.keys()]).toEqual(all.map(({ run }) => run));
  expect([...started.values()]).toEqual([0, 0, ...Array.from({ length: 10 }, (_, i) => (i + 1) * lateEvery)]);
});

test('what is on time and what a person started is never spaced', () => {
  const spent = { tokens: 0, at: now };
  const [onTime, person, late] = [
    waiting(),
    waiting({ dueAt: null, startAt: now - hour }),
    waiting({ dueAt: now - hour }),
  ] as const;
  expect(plan([onTime, person, late], [], spent).start.toSorted()).toEqual([onTime.run, person.run].toSorted());
});

test('a clock that was set back holds nothing up', () => {
  expect(plan([waiting({ dueAt: now - hour })], [], { tokens: 0, at: now + 24 * hour }).start).toHaveLength(1);
});
