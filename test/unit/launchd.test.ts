/** launchd plans against two models of launchd, and agents as property lists. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Schedule } from '#contract/schedules.ts';
import { dueBetween, dueInstants } from '#host/scheduler/due-instants.ts';
import { horizonOf } from '#host/scheduler/horizon.ts';
import { plan } from '#host/scheduler/plan.ts';
import type { CalendarDict } from '#host/scheduler/plan-launchd.ts';
import { plist } from '#host/scheduler/plist.ts';
import { hardCases } from '../fakes/hard-schedules.ts';
import { hostileTexts } from '../fakes/hostile-texts.ts';
import { fitsManual, fitsSource, shown, wallClocks } from '../fakes/launchd-clock.ts';

const now = Date.UTC(2026, 10, 20, 12);
const day = 86_400_000;
const minute = 60_000;
const end = now + 731 * day;
const cron = (expression: string): Schedule => ({ kind: 'cron', expression });

/** A day around each change of clocks and an ordinary one; due instants elsewhere are looked at one by one. */
function spans(zones: string[]): [number, number][] {
  const changes = zones.flatMap((zone) => horizonOf(now).changes(zone));
  const ahead = changes.filter(({ at }) => at > now && at < end - 2 * day).slice(0, 3);
  return [now, ...ahead.map(({ at }) => at)].map((at) => [Math.floor((at - day / 2) / 9e5) * 9e5, at + day]);
}

/** Minutes of a span with what the machine's clock shows, and whether it has skipped a time since midnight. */
function* clocksWithGaps(machine: string, from: number, to: number) {
  let [today, last, gap] = [0, -1, false];
  for (const [at, clock] of wallClocks(machine, from, to)) {
    if (today !== clock.day) [today, last, gap] = [clock.day, -1, false];
    const shown = clock.hour * 60 + clock.minute;
    gap ||= last >= 0 && shown > last + 1;
    last = shown;
    yield { at, clock, gap };
  }
}

test('both models of launchd fire at every due instant, or the quarter-hourly wake-up finds it', () => {
  const checked = { fired: 0, found: 0 };
  for (const [index, { schedule, zone, title }] of hardCases(1).entries()) {
    const machine = [zone, 'Europe/Berlin', 'Asia/Kolkata', 'America/New_York'][index % 4] ?? zone;
    const made = plan(schedule, 'launchd', zone, now, { zone: machine });
    expect(made.dicts.length, title).toBeLessThanOrEqual(510);
    const due = dueInstants(schedule, zone);
    const rare = (dueBetween(due, now, end, 400) ?? []).map((at): [number, number] => [at - minute, at + 2 * minute]);
    for (const span of [...spans([zone, machine]), ...rare]) {
      const { lost, spurious, fired, found } = compared(
        made.dicts,
        dueBetween(due, ...span, 10_000) ?? [],
        machine,
        span,
      );
      expect(lost, `${title} on ${machine}`).toEqual([]);
      if (made.kind === 'exact') expect(spurious, `${title} on ${machine}`).toEqual([]);
      if (found > 0) expect(made.startInterval, `${title} on ${machine}`).toBe(900);
      checked.fired += fired;
      checked.found += found;
    }
  }
  expect(checked.fired).toBeGreaterThan(5_000);
  expect(checked.found).toBeGreaterThan(10);
}, 120_000);

/** `found`: due instants that the source of 2013 would have let pass. */
function compared(dicts: CalendarDict[], due: number[], machine: string, [from, to]: [number, number]) {
  const wanted = new Set(due.map((at) => Math.floor(at / minute) * minute));
  const byMinute = Map.groupBy(dicts, (dict) => dict.Minute);
  const seen = new Set<string>();
  const result = { lost: [] as string[], spurious: [] as string[], fired: 0, found: 0 };
  for (const { at, clock, gap } of clocksWithGaps(machine, from, to)) {
    const held = byMinute.get(clock.minute) ?? [];
    const fits = held.some((dict) => fitsManual(dict, clock));
    if (fits !== wanted.has(at)) result[fits ? 'spurious' : 'lost'].push(new Date(at).toISOString());
    if (wanted.has(at)) result.fired++;
    if (wanted.has(at) && !held.some((dict) => fitsSource(dict, clock, seen, gap))) result.found++;
    seen.add(shown(clock));
  }
  return result;
}

test.each([
  ['2 0 29 * *', 'Pacific/Apia', 'UTC'], // 28 February there, each year
  ['0 9 28 * *', 'America/New_York', 'Pacific/Apia'],
])('%s in %s is not said exactly on a machine in %s', (expression, zone, machine) => {
  expect(plan(cron(expression), 'launchd', zone, now, { zone: machine }).kind).toBe('superset');
});

test('the first time after a gap needs no entry of its own where it is due on every day', () => {
  expect(plan(cron('0 3 * * *'), 'launchd', 'Antarctica/Troll', now).dicts).toEqual([{ Hour: 3, Minute: 0 }]);
});

test('what launchd gets wrong is never asked of it', () => {
  for (const { schedule, zone } of hardCases(2))
    for (const dict of plan(schedule, 'launchd', zone, now, { zone: 'Europe/Berlin' }).dicts) {
      expect(dict.Month !== undefined && dict.Weekday !== undefined).toBe(false);
      expect(dict.Day !== undefined && dict.Weekday !== undefined).toBe(false);
      expect(dict.Minute).toBeTypeOf('number');
    }
});

test('exact where the machine and the routine agree, and few entries where many are not needed', () => {
  const berlin = (expression: string, zone = 'Europe/Berlin') =>
    plan(cron(expression), 'launchd', 'Europe/Berlin', now, { zone });
  expect(berlin('0 9 * * 1-5')).toEqual({
    kind: 'exact',
    dicts: [1, 2, 3, 4, 5].map((Weekday) => ({ Weekday, Hour: 9, Minute: 0 })),
    runAtLoad: true,
    notes: [],
  });
  expect(berlin('0 9 * * 1-5', 'UTC').kind).toBe('superset');
  expect(berlin('0 9 31 * *').kind).toBe('superset');
  expect(plan(cron('*/7 * * * *'), 'launchd', 'UTC', now).dicts).toHaveLength(9);
  expect(plan({ kind: 'manual' }, 'launchd', 'UTC', now).dicts).toEqual([]);
  expect(berlin('1-59/2 1-23/2 */3 */5 1-3').dicts.length).toBeLessThanOrEqual(500);
});

const golden = (name: string) => new URL(`../golden/${name}`, import.meta.url);

test('an agent, word for word', () => {
  const made = plan(cron('30 2 * * 0,6'), 'launchd', 'Europe/Berlin', now);
  const text = plist({
    Label: 'nightshift-routine-a',
    RunAtLoad: true,
    StartCalendarInterval: made.dicts.map((dict) => ({ ...dict })),
  });
  expect(text).toBe(readFileSync(golden('agent.plist'), 'utf8'));
});

const python = spawnSync('python3', ['-c', 'import plistlib']).status === 0;
const xmllint = spawnSync('xmllint', ['--version']).status === 0;

test.skipIf(!python)('400 hostile texts come back from a property list as they were (needs python3)', () => {
  const texts = hostileTexts(400);
  const script =
    'import plistlib,sys,json; json.dump(plistlib.loads(sys.stdin.buffer.read())["ProgramArguments"], sys.stdout)';
  const read = spawnSync('python3', ['-c', script], { input: plist({ ProgramArguments: texts }), encoding: 'utf8' });
  expect(read.stderr).toBe('');
  expect(JSON.parse(read.stdout)).toEqual(texts);
});

test.skipIf(!xmllint)('an agent is valid by the structure of property lists (needs xmllint)', () => {
  // The document type names Apple's address; its structure is here, and nothing is fetched.
  const text = readFileSync(golden('agent.plist'), 'utf8').replace(/<!DOCTYPE[^>]*>/, '');
  const args = ['--nonet', '--noout', '--dtdvalid', golden('plist-structure.dtd').pathname, '-'];
  const check = (input: string) => spawnSync('xmllint', args, { input }).status;
  expect(check(text)).toBe(0);
  expect(check(text.replace('<key>Hour</key>', ''))).not.toBe(0);
});

test('control characters, which XML cannot hold, become blanks; numbers are whole', () => {
  expect(plist(['a\u0001b\u0000c\uffff'])).toContain('<string>a b c </string>');
  expect(() => plist([1.5])).toThrow(RangeError);
});
