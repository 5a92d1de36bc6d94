/** systemd plans, as the real systemd reads them, against the one calculator, over two years. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Schedule } from '#contract/schedules.ts';
import { dueBetween, dueInstants } from '#host/scheduler/due-instants.ts';
import { horizonOf } from '#host/scheduler/horizon.ts';
import { plan } from '#host/scheduler/plan.ts';
import { systemdPlan } from '#host/scheduler/plan-systemd.ts';
import { systemZone } from '#host/scheduler/system-zone.ts';
import { hardCases } from '../fakes/hard-schedules.ts';

const missing = spawnSync('systemd-analyze', ['--version']).status !== 0;
const day = 86_400_000;
const now = Date.UTC(2026, 10, 20, 12);
const end = now + 731 * day;
const env = { ...process.env, TZ: 'UTC', LC_ALL: 'C' };

/** Instants after `from` and before `to` at which the real systemd fires; each line is followed `most` fires far. */
function fires(lines: string[], from: number, to: number, most: number): Set<number> {
  if (lines.length === 0) return new Set();
  const base = `--base-time=${new Date(from).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  const args = ['calendar', `--iterations=${most}`, base, ...lines];
  const out = execFileSync('systemd-analyze', args, { encoding: 'utf8', env, maxBuffer: 1e9, stdio: 'pipe' });
  const found = [...out.matchAll(/(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/gm)];
  return new Set(found.map((match) => Date.parse(`${match[1]}T${match[2]}Z`)).filter((at) => at > from && at < to));
}

const toSecond = (at: number) => Math.ceil(at / 1000) * 1000;
const text = (list: Iterable<number>) => [...list].slice(0, 5).map((at) => new Date(at).toISOString());

/** All two years for what is rare; days around each change of clocks for what is not. */
function windows(schedule: Parameters<typeof dueInstants>[0], zone: string, listable: boolean): [number, number][] {
  const count = dueBetween(dueInstants(schedule, zone), now, end, 2000)?.length ?? 0;
  if (listable && count > 0 && count <= 150) return [[now, end]];
  const changes = horizonOf(now)
    .changes(zone)
    .filter((change) => change.at > now && change.at < end);
  const around = listable && count > 0 ? 9 * day : day;
  return [now + 2 * day, ...changes.map((change) => change.at)].map((at) => [at - around, at + around]);
}

test.skipIf(missing)(
  'every plan covers its schedule, and an exact one holds nothing else (needs systemd-analyze)',
  () => {
    const cases = hardCases(2);
    let compared = 0;
    const kinds = { exact: 0, superset: 0 };
    for (const { schedule, zone, title } of cases) {
      const made = plan(schedule, 'systemd', zone, now);
      kinds[made.kind]++;
      expect(made.onCalendar.length).toBeLessThanOrEqual(400);
      for (const line of made.onCalendar) expect(line, title).not.toMatch(/\/\d/);
      const due = dueInstants(schedule, zone);
      for (const [from, to] of windows(schedule, zone, made.kind === 'exact')) {
        const wanted = new Set((dueBetween(due, from + 1, to, 10_000) ?? []).map(toSecond));
        const most = made.kind === 'exact' ? wanted.size + 20 : Math.min(4400, (to - from) / 60_000 + 20);
        const held = fires(made.onCalendar, from, to, most);
        // What is not on a whole minute may be up to a minute late in a superset.
        const covered = (at: number) =>
          held.has(at) || (made.kind === 'superset' && held.has(Math.ceil(at / 6e4) * 6e4));
        expect(text([...wanted].filter((at) => at < to - 6e4 && !covered(at))), `${title}: lost`).toEqual([]);
        if (made.kind === 'exact')
          expect(text([...held].filter((at) => !wanted.has(at))), `${title}: too many`).toEqual([]);
        compared += wanted.size;
      }
    }
    expect(cases.length).toBeGreaterThan(180);
    expect(compared).toBeGreaterThan(20_000);
    expect(kinds.exact).toBeGreaterThan(kinds.superset * 10);
  },
);

test.skipIf(missing)('a zone that systemd lacks is covered too (needs systemd-analyze)', () => {
  for (const zone of ['Asia/Kathmandu', 'America/New_York', 'Australia/Lord_Howe'])
    for (const expression of [
      '30 2 * * *',
      '10,50 1,23 * * 1-5',
      '0,10,20,30,40,50 0-5 * * *',
      '*/5 1-3 * * *',
      '0 9 15W * *',
    ]) {
      const schedule = { kind: 'cron', expression } as const;
      const made = systemdPlan(schedule, zone, null, horizonOf(now));
      for (const [from, to] of windows(schedule, zone, made.kind === 'exact')) {
        const wanted = dueBetween(dueInstants(schedule, zone), from + 1, to, 10_000) ?? [];
        const held = fires(made.onCalendar, from, to, 3000);
        expect(text(wanted.filter((at) => !held.has(at))), `${expression} in ${zone}`).toEqual([]);
        if (made.kind === 'exact') expect(held.size).toBe(wanted.length);
      }
    }
});

test.skipIf(missing)(
  'a line at a gap that begins within an hour, over which systemd gives up, is not relied on (needs systemd-analyze)',
  () => {
    const zone = 'Pacific/Chatham';
    const times = ['45 2 * * *', '50 2,3 * * 0', '40,55 2-4 * * *', '*/5 2-4 * * 1-5', '59 2 29W * *'];
    const schedules = times.map((expression): Schedule => ({ kind: 'cron', expression }));
    schedules.push({ kind: 'calendar', every: 1, unit: 'day', at: '02:50', anchor: '2025-01-31' });
    for (const schedule of schedules) {
      const title = Object.values(schedule).join(' ');
      const made = plan(schedule, 'systemd', zone, now);
      expect(made.onCalendar.length, title).toBeLessThanOrEqual(400);
      for (const [from, to] of windows(schedule, zone, false)) {
        const wanted = dueBetween(dueInstants(schedule, zone), from + 1, to, 10_000) ?? [];
        const held = fires(made.onCalendar, from, to, 700);
        expect(text(wanted.filter((at) => !held.has(at))), `${title}: lost`).toEqual([]);
        if (made.kind === 'exact') expect(held.size, title).toBe(wanted.length);
      }
    }
  },
);

test.skipIf(missing)('a zone whose clocks the OS changes at other times is covered too (needs systemd-analyze)', () => {
  const horizon = horizonOf(now);
  const known = Intl.supportedValuesOf('timeZone').filter((zone) => existsSync(`/usr/share/zoneinfo/${zone}`));
  const odd = known.filter((zone) => systemZone(zone, horizon) === null);
  // Most agree on any machine; where all do, there is nothing to show.
  expect(odd.length).toBeLessThan(known.length / 10);
  for (const zone of odd)
    for (const expression of ['30 2 * * *', '*/10 0-5,12 * * 1-5', '7,23 * * * 0'])
      for (const { at } of horizon.changes(zone).filter((change) => change.at > now && change.at < end)) {
        const schedule = { kind: 'cron', expression } as const;
        const made = plan(schedule, 'systemd', zone, now, { systemZone });
        const [from, to] = [at - day, at + day];
        const held = fires(made.onCalendar, from, to, 700);
        const lost = (dueBetween(dueInstants(schedule, zone), from + 1, to, 10_000) ?? []).filter(
          (due) => !held.has(due),
        );
        expect(text(lost), `${expression} in ${zone}`).toEqual([]);
      }
});

// Each of these days is, in one of the next years, one on which systemd takes a time for its second pass or for none.
const atChanges = [
  ['5,14 2 L * *', 'Europe/Berlin', 'exact'],
  ['*/7 2 29,L * 1', 'Europe/Berlin', 'exact'],
  ['0 0 L * 0#5', 'Atlantic/Azores', 'exact'],
  ['5,14 2 * * 0L', 'Europe/Berlin', 'exact'],
  ['10,20 23 LW 10 *', 'Africa/Cairo', 'exact'],
  ['10,20 2 L-21 2 *', 'Africa/Casablanca', 'exact'],
  ['10,20 2 28W 2 *', 'Africa/Casablanca', 'exact'],
  ['5-50/5 2 L-21,28W 2-11 6L', 'Africa/Casablanca', 'exact'],
  ['0,30 2,3 31 * 6,0', 'Antarctica/Troll', 'exact'],
  ['15 2,3 * * 5-7', 'Antarctica/Troll', 'exact'],
  ['2 1,2,9 * * 0', 'Europe/Dublin', 'exact'],
  ['*/30 1-5,23 * * *', 'Europe/Dublin', 'exact'],
  ['30 2,9 * * *', 'Africa/Casablanca', 'exact'],
] as const;
test.skipIf(missing).each(atChanges)(
  '%s in %s is %s through every change of clocks (needs systemd-analyze)',
  (...row) => {
    const [expression, zone, kind] = row;
    const schedule = { kind: 'cron', expression } as const;
    const made = plan(schedule, 'systemd', zone, now);
    expect(made.kind).toBe(kind);
    for (const { at } of horizonOf(now).changes(zone)) {
      // Also from a day nearer than the last time: what systemd finds depends on where it begins.
      for (const from of [at - 40 * day, at - day, at - 9 * 60_000].filter((each) => each > now)) {
        const wanted = dueBetween(dueInstants(schedule, zone), from + 1, at + day, 10_000) ?? [];
        const held = fires(made.onCalendar, from, at + day, wanted.length + 20);
        expect(text([...held].sort((a, b) => a - b)), `from ${text([from])[0]}`).toEqual(text(wanted));
        expect(held.size).toBe(wanted.length);
      }
    }
  },
);

test('zones are found by the name that the machine has', () => {
  const horizon = horizonOf(now);
  expect(systemZone('Etc/UTC', horizon)).toBe('UTC');
  expect(systemZone('Europe/Berlin', horizon, '/nonexistent')).toBeNull();
});

test('a zone file that says something else than the runtime is not relied on', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nsz-'));
  mkdirSync(join(folder, 'Europe'));
  const put = (offset: number, rule: string) => {
    const head = (version: string, types: number) => {
      const bytes = Buffer.alloc(44);
      bytes.write(`TZif${version}`, 'latin1');
      bytes.writeUInt32BE(types, 36);
      bytes.writeUInt32BE(4, 40);
      return bytes;
    };
    const type = Buffer.alloc(10);
    type.writeInt32BE(offset, 0);
    const block = [head('2', 1), type];
    writeFileSync(join(folder, 'Europe', 'Berlin'), Buffer.concat([...block, ...block, Buffer.from(`\n${rule}\n`)]));
    return systemZone('Europe/Berlin', horizonOf(now), folder);
  };
  expect(put(3600, 'CET-1')).toBeNull();
  expect(put(3600, 'CET-1CEST,M3.5.0,M10.5.0/3')).toBe('Europe/Berlin');
  writeFileSync(join(folder, 'Europe', 'Berlin'), 'TZif2, cut short');
  expect(systemZone('Europe/Berlin', horizonOf(now), folder)).toBeNull();
  rmSync(folder, { recursive: true });
});
