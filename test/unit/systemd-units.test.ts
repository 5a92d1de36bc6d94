/** Schedules and names as systemd text, without a systemd. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readSchedule } from '#core/calendar/calendar.ts';
import type { Alarm } from '#core/ports.ts';
import { instantLines } from '#host/scheduler/calendar-text.ts';
import { horizonOf } from '#host/scheduler/horizon.ts';
import { createScheduler } from '#host/scheduler/pick.ts';
import { plan } from '#host/scheduler/plan.ts';
import { systemdPlan } from '#host/scheduler/plan-systemd.ts';
import { isOwnUnit, renderUnits } from '#host/scheduler/systemd-units.ts';
import { commandLine, descriptionText } from '#host/scheduler/unit-text.ts';
import { zoneChanges } from '#host/scheduler/zone-changes.ts';
import { hardCases } from '../fakes/hard-schedules.ts';

const now = Date.UTC(2026, 10, 20, 12);
const lines = (expression: string, zone: string, systemZone: string | null = zone) =>
  systemdPlan({ kind: 'cron', expression }, zone, systemZone, horizonOf(now)).onCalendar;
const utc = (cron: string) => lines(cron, 'UTC');
const alarm = (more: Partial<Alarm> = {}): Alarm => ({
  ...{
    routine: 'triage',
    name: 'Triage',
    schedule: { kind: 'cron', expression: '0 3 * * *' },
    timeZone: 'UTC',
    once: [],
  },
  ...more,
});
const spec = {
  ...{ prefix: 'nightshift', exec: '/opt/node', entries: { cli: '/app/cli.ts', host: '/app/host.ts' }, now },
  environment: {},
  endpoint: '/data/endpoint.json',
  systemZone: (zone: string) => zone,
};

test.each([
  ['0 3 * * *', ['*-*-* 03:00:00 UTC']],
  ['*/20 9-17 * * 1-5', ['Mon,Tue,Wed,Thu,Fri *-*-* 09..17:00,20,40:00 UTC']],
  ['30 2,14 1-31/10 jan-mar *', ['*-01..03-01,11,21,31 02,14:30:00 UTC']],
  ['0 0 * * fri-sun', ['Sun,Fri,Sat *-*-* 00:00:00 UTC']],
  ['0 0 * * 7', ['Sun *-*-* 00:00:00 UTC']],
  ['0 0 13 * 5', ['*-*-13 00:00:00 UTC', 'Fri *-*-* 00:00:00 UTC']],
  ['0 0 L * *', ['*-*~01 00:00:00 UTC']],
  ['0 0 L-2 * *', ['*-*~03 00:00:00 UTC']],
  ['0 0 LW * *', ['Mon,Tue,Wed,Thu,Fri *-*~01 00:00:00 UTC', 'Fri *-*~02,03 00:00:00 UTC']],
  ['0 0 * * 5#2', ['Fri *-*-08..14 00:00:00 UTC']],
  ['0 0 1 * 5L', ['*-*-01 00:00:00 UTC', 'Fri *-*~01..07 00:00:00 UTC']],
])('%s', (cron, expected) => expect(utc(cron)).toEqual(expected));

test('plans, word for word', () => {
  const plans = JSON.parse(readFileSync(new URL('../golden/systemd-plans.json', import.meta.url), 'utf8'));
  const made = Object.keys(plans).map((title) => {
    const [words = '', zone = ''] = title.split(' | ');
    const { schedule } = readSchedule(words, zone);
    return [title, systemdPlan(schedule, zone, zone, horizonOf(now))];
  });
  expect(made.length).toBeGreaterThan(10);
  expect(Object.fromEntries(made)).toEqual(plans);
});

test('no line holds an open step, whatever the cron says', () => {
  for (const cron of ['*/7 * * * *', '*/5 */3 */2 */4 */2', '1-59/13 2-22/5 * * *'])
    for (const line of utc(cron)) expect(line).not.toMatch(/\/\d/);
});

test('a time that clocks jump over is woken for at the end of the gap, for as long as the plan holds', () => {
  const gaps = ['2026-03-29 01:00:00 UTC', '2027-03-28 01:00:00 UTC', '2028-03-26 01:00:00 UTC'];
  expect(lines('30 2 * * *', 'Europe/Berlin')).toEqual(['*-*-* 02:30:00 Europe/Berlin', ...gaps]);
  expect(lines('30 4 * * *', 'Europe/Berlin')).toHaveLength(1);
});

test('an interval goes on through the hour that clocks repeat', () => {
  expect(lines('*/30 * * * *', 'Europe/Berlin')).toEqual(['*-*-* *:00,30:00 UTC']);
  expect(lines('*/30 1-3 * * *', 'Europe/Berlin')).toContain('2026-10-25 01:00,30:00 UTC');
});

test('a zone that systemd does not know is said in UTC: by name where that is short, else under each offset', () => {
  expect(lines('30 0 * * 1', 'Europe/Berlin', null)).toContain('2026-12-06,13,20,27 23:30:00 UTC');
  expect(lines('0,30 */2 * * *', 'Europe/Berlin', null)).toEqual(['*-*-* *:00,30:00 UTC']);
});

test('the text of a plan changes at a new year only', () => {
  const at = (now: number) =>
    systemdPlan({ kind: 'cron', expression: '30 2 29W * *' }, 'Europe/Berlin', null, horizonOf(now));
  expect(at(Date.UTC(2026, 0, 1))).toEqual(at(Date.UTC(2026, 11, 31, 23)));
});

test('zone changes are found to the minute', () => {
  const [spring] = zoneChanges('America/New_York', Date.UTC(2027, 0), Date.UTC(2028, 0));
  expect(spring).toEqual({ at: Date.UTC(2027, 2, 14, 7), before: -300, after: -240 });
  expect(zoneChanges('Asia/Kolkata', Date.UTC(2026, 0), Date.UTC(2028, 0))).toEqual([]);
});

test('a one-off instant never fires early', () => {
  expect(instantLines([Date.UTC(2026, 10, 21, 3, 0, 0, 1)])).toEqual(['2026-11-21 03:00:01 UTC']);
  expect(instantLines([Date.UTC(2026, 10, 21, 3)])).toEqual(['2026-11-21 03:00:00 UTC']);
});

test('words survive systemd: percent, dollar, quotes, backslash, control characters', () => {
  expect(commandLine('/opt/$x/%i', ['a b"\\%$\n\u0001'])).toBe('"/opt/$x/%%i" "a b\\"\\\\%%$$\\n\\x01"');
  expect(commandLine("/it's", ['x'])).toBe('"/bin/sh" "-c" "exec \\"$$0\\" \\"$$@\\"" "/it\'s" "x"');
  expect(() => commandLine('/a', ['a\0b'])).toThrow(RangeError);
  expect(descriptionText('100%\n[Service]\nExecStart=/bin/evil \\')).toBe('100%% [Service] ExecStart=/bin/evil ');
});

test('a timer, its service and the host unit', () => {
  const { units } = renderUnits([alarm({ once: [Date.UTC(2026, 10, 21, 5)] })], { ...spec, environment: { A: 'b c' } });
  expect([...units.keys()]).toEqual([
    'nightshift-routine-triage.timer',
    'nightshift-routine-triage.service',
    'nightshift-host.service',
    'nightshift-sweep.timer',
    'nightshift-sweep.service',
  ]);
  const timer = units.get('nightshift-routine-triage.timer');
  expect(timer).toContain(
    'OnCalendar=*-*-* 03:00:00 UTC\nOnCalendar=2026-11-21 05:00:00 UTC\nAccuracySec=1s\nPersistent=true\n',
  );
  const service = units.get('nightshift-routine-triage.service');
  expect(service).toContain(
    '"/data/endpoint.json" "{\\"json\\":{\\"by\\":\\"os_timer\\",\\"routine\\":\\"triage\\"}}" "/opt/node" "/app/cli.ts" "due" "--by" "os_timer" "--no-wait" "--routine" "triage"\n',
  );
  expect(service).toContain('Environment="A=b c"\n');
  expect(units.get('nightshift-sweep.service')).toContain('"/app/cli.ts" "due" "--by" "sweep" "--no-wait"\n');
  expect(units.get('nightshift-host.service')).toContain('ExecStart="/opt/node" "/app/host.ts"\n');
});

test('nothing to fire, nothing to hold; a zone that does not exist takes no other alarm down', () => {
  expect(renderUnits([alarm({ schedule: { kind: 'manual' } })], spec).units.size).toBe(0);
  const { units, problems } = renderUnits([alarm({ routine: 'bad', timeZone: 'Mars/Base' }), alarm()], spec);
  expect(units.has('nightshift-routine-triage.timer')).toBe(true);
  expect(problems.get('bad')).toMatch(/Mars\/Base/);
});

test('only units with exactly our prefix are ours', () => {
  for (const own of [
    'nightshift-host.service',
    'nightshift-routine-a-b.timer',
    'nightshift-routine-a.service',
    'nightshift-sweep.timer',
  ])
    expect(isOwnUnit('nightshift', own)).toBe(true);
  for (const foreign of [
    'nightshift-0123456789-routine-a.timer',
    'nightshift-routine-a.timer.d',
    'nightshift-routine-A@.timer',
    'other.timer',
    'nightshift.service',
  ])
    expect(isOwnUnit('nightshift', foreign)).toBe(false);
});

test('on a system whose scheduler nobody knows it says so', async () => {
  const clock = { now: () => now, after: () => () => undefined };
  const { exec, entries } = spec;
  const paths = { unitPrefix: 'nightshift' } as Parameters<typeof createScheduler>[0]['paths'];
  const scheduler = createScheduler({ paths, exec, entries, env: {}, clock }, 'freebsd');
  const held = await scheduler.sync([alarm(), alarm({ routine: 'by-hand', schedule: { kind: 'manual' } })]);
  expect(held.get('triage')).toEqual({
    state: 'unavailable',
    detail: expect.stringMatching(/freebsd.*nightshift due/),
  });
  expect(held.get('by-hand')?.state).toBe('not_needed');
});

test.each([0, Date.UTC(2099, 11, 31, 23, 59), Date.UTC(2500, 0, 1)])(
  'a system clock that says %d is no reason to fail: every schedule has a plan for every OS',
  (wrong) => {
    for (const { schedule, zone, title } of hardCases(1))
      for (const os of ['systemd', 'launchd', 'windows'] as const)
        expect(() => plan(schedule, os, zone, wrong), title).not.toThrow();
  },
);
