/** Holds our calendar lines, as the real systemd reads them, against the one calendar library. */
import { execFileSync, spawnSync } from 'node:child_process';
import { Cron } from 'croner';
import { expect, test } from 'vitest';
import { cronLines } from '#host/scheduler/cron-lines.ts';
import { systemZone } from '#host/scheduler/system-zone.ts';

const missing = spawnSync('systemd-analyze', ['--version']).status !== 0;
const crons = [
  '0 3 * * *',
  '30 2 * * *',
  '*/7 * * * *',
  '*/15 * * * *',
  '5 0-23/5 * * *',
  '0 9 13 * fri',
  '15 1,2 * * 0',
  '0 0 31 * *',
  '0 */2 * * sat,sun',
  '10 23 * 2-11/3 1-5',
  '0 0 L * *',
  '0 12 * * 1#2',
];
const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Cairo'];
/** Both changes of the northern and of the southern zones lie close behind one of these. */
const starts = [
  '2026-03-06T00:00:00Z',
  '2026-03-28T00:00:00Z',
  '2026-04-23T00:00:00Z',
  '2026-10-02T00:00:00Z',
  '2026-10-24T00:00:00Z',
  '2026-10-31T00:00:00Z',
];
const days = 2;

/** Instants after `base` and up to `end` at which the real systemd would fire. */
function systemdFires(line: string, base: string, end: number, most: number): number[] {
  const args = ['calendar', `--iterations=${most}`, `--base-time=${base.replace('T', ' ').replace('Z', ' UTC')}`, line];
  const out = execFileSync('systemd-analyze', args, {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
  });
  const found = [...out.matchAll(/(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/gm)].map((match) =>
    Date.parse(`${match[1]}T${match[2]}Z`),
  );
  return found.filter((instant) => instant <= end);
}

test.skipIf(missing)(
  'every due instant is fired for, in every zone, through every change of clocks (needs systemd-analyze)',
  () => {
    let compared = 0;
    for (const [index, zone] of zones.entries())
      for (const cron of crons) {
        const base = starts[(index + cron.length) % starts.length] ?? '';
        const bases = cron === '*/15 * * * *' || cron === '30 2 * * *' ? starts : [base];
        for (const start of bases) {
          const end = Date.parse(start) + days * 86_400_000;
          const lines = cronLines(cron, zone, systemZone(zone), Date.parse(start));
          const calendar = new Cron(cron, {
            timezone: zone,
            mode: '5-part',
            fixedTimeRule: 'no-wildcard',
            paused: true,
          });
          const due = calendar.nextRuns(1000, new Date(start)).filter((at) => at.getTime() <= end);
          const fires = new Set(lines.flatMap((line) => systemdFires(line, start, end, due.length + 10)));
          const lost = due.filter((at) => !fires.has(at.getTime())).map((at) => at.toISOString());
          expect(lost, `${cron} in ${zone} from ${start}`).toEqual([]);
          compared += due.length;
        }
      }
    expect(compared).toBeGreaterThan(2000);
  },
);

test.skipIf(missing)('a zone that systemd lacks is still fired for (needs systemd-analyze)', () => {
  for (const zone of ['Asia/Kathmandu', 'America/New_York']) {
    const start = '2026-10-31T00:00:00Z';
    const end = Date.parse(start) + days * 86_400_000;
    const fires = new Set(
      cronLines('10,50 1,23 * * *', zone, null, Date.parse(start)).flatMap((line) =>
        systemdFires(line, start, end, 40),
      ),
    );
    const due = new Cron('10,50 1,23 * * *', { timezone: zone, fixedTimeRule: 'no-wildcard', paused: true }).nextRuns(
      12,
      new Date(start),
    );
    expect(due.filter((at) => at.getTime() <= end && !fires.has(at.getTime()))).toEqual([]);
  }
});

test('zones are found by the name that the machine has', () => {
  expect(systemZone('Etc/UTC')).toBe('UTC');
  expect(systemZone('Europe/Berlin', '/nonexistent')).toBeNull();
});
