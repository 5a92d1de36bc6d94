/** What the week counts as a collision, and where it draws a due time. */
import { describe, expect, test } from 'vitest';
import { collide, comingOf, unknownLength, usualLength } from '#features/week/coming.ts';
import { entriesOf } from '#features/week/entries.ts';
import { layLanes } from '#features/week/lanes.ts';
import { routine, run, spec } from '../fakes/records.ts';

const minute = 60_000;
const start = Date.parse('2026-11-23T00:00:00.000Z');
const iso = (minutes: number) => new Date(start + minutes * minute).toISOString();
const week = [start, start + 7 * 1440 * minute] as const;

function due(id: string, minutes: number[], repository = '/srv/orders', length: number | null = null) {
  const next = minutes.map((at) => ({ at: iso(at), local: iso(at).slice(0, 19) }));
  return comingOf(
    { routine: routine({ id, spec: spec({ name: id, repository }), next: [] }), next },
    length,
    week,
    null,
  );
}

describe('collisions', () => {
  test('three runs in one repository collide, two do not; ends and beginnings at one instant do not touch', () => {
    expect(collide([...due('a', [0]), ...due('b', [0])]).collisions).toEqual([]);
    expect(collide([...due('a', [0]), ...due('b', [0]), ...due('c', [10])]).collisions).toEqual([]);
    const { coming, collisions } = collide([...due('a', [0]), ...due('b', [0]), ...due('c', [9])]);
    expect(collisions).toEqual([
      {
        ...{ from: start + 9 * minute, to: start + 10 * minute, repository: '/srv/orders' },
        ...{ names: ['a', 'b', 'c'], most: 3, allowed: 2 },
      },
    ]);
    expect(coming.every(({ crowded }) => crowded)).toBe(true);
  });

  test('five runs in as many repositories collide with each other', () => {
    const all = ['a', 'b', 'c', 'd', 'e'].flatMap((id) => due(id, [0], `/srv/${id}`));
    expect(collide(all.slice(1)).collisions).toEqual([]);
    expect(collide(all).collisions).toMatchObject([{ repository: null, most: 5, allowed: 4 }]);
  });

  test('a routine does not collide with itself, and what is held back with nothing', () => {
    expect(collide(due('a', [0, 1, 2, 3, 4, 5], '/srv/orders', 30 * minute)).collisions).toEqual([]);
    const held = ['a', 'b', 'c'].flatMap((id) => due(id, [0])).map((one) => ({ ...one, held: true }));
    expect(collide(held).collisions).toEqual([]);
  });
});

test('collisions of one repository within a quarter of an hour are told as one', () => {
  const often = due('often', [0, 10, 20, 50], '/srv/orders', minute);
  const long = ['a', 'b'].flatMap((id) => due(id, [0], '/srv/orders', 60 * minute));
  const { collisions } = collide([...often, ...long]);
  const told = { repository: '/srv/orders', names: ['a', 'b', 'often'], most: 3, allowed: 2 };
  const sorted = collisions.map((one) => ({ ...one, names: one.names.toSorted() }));
  expect(sorted).toEqual([
    { ...told, from: start, to: start + 21 * minute },
    { ...told, from: start + 50 * minute, to: start + 51 * minute },
  ]);
});

test('more than twelve due times of one routine on one day are one entry, twelve are twelve', () => {
  const midnights = [start, start + 1440 * minute, start + 2880 * minute];
  const hours = (n: number) => Array.from({ length: n }, (_, hour) => hour * 60);
  const [often, seldom] = [due('often', hours(13)), due('seldom', hours(12))];
  const [today, tomorrow] = entriesOf([...often, ...seldom], midnights);
  expect(today?.filter(({ first }) => first.routine === 'often')).toMatchObject([{ times: 13, held: false }]);
  expect(today?.find(({ times }) => times > 1)?.last.start).toBe(start + 12 * 60 * minute);
  expect(today?.filter(({ first }) => first.routine === 'seldom')).toHaveLength(12);
  expect(tomorrow).toEqual([]);
});

test('a run takes the median of the past ones, ten minutes where there are none', () => {
  const took = (id: string, minutes: number) =>
    run({ id: `run-0000000${id}`, startedAt: iso(0), endedAt: iso(minutes) });
  expect(usualLength([took('1a', 2), took('1b', 90), took('1c', 4)], 'log-triage')).toBe(4 * minute);
  expect(usualLength([took('1a', 2)], 'another')).toBeNull();
  const [one] = due('a', [0]);
  expect(one && one.end - one.start).toBe(unknownLength);
});

test('what is due at one time gets lines of its own; what finds none is counted', () => {
  const all = Array.from({ length: 14 }, (_, index) => due(`r${index}`, [60])).flat();
  const midnights = [start, start + 1440 * minute];
  const [lane] = layLanes(entriesOf(all, midnights), midnights, 1000);
  expect(new Set(lane?.placed.map(({ line }) => line)).size).toBe(lane?.placed.length);
  expect((lane?.placed.length ?? 0) + (lane?.more ?? 0)).toBe(14);
  expect(lane?.more).toBeGreaterThan(0);
});
