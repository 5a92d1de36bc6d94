/** Schedules that are hard to say on some operating system, and zones whose clocks change in every odd way. */
import type { Schedule } from '#contract/schedules.ts';

export const hardCrons = [
  ...['0 3 * * *', '30 2 * * *', '15 1,2 * * *', '0 0 * * *', '30 0 * * *', '59 23 * * *', '0 2-4 * * *', '5 1 * * 0'],
  ...['*/7 * * * *', '*/15 * * * *', '* * * * *', '0 * * * *', '20,40 * * * *', '5 */5 * * *', '*/11 */7 * * *'],
  ...['30 */2 * * *', '10-50/20 1-3 * * *', '0 0-23/5 * * *', '*/30 0-3 * * *', '*/10 2 * * *', '0 0 */11 * *'],
  ...['0 9 13 * fri', '0 9 1-31 * 1', '0 9 */2 * 1', '0 9 1 1 0-6', '30 6 1,15 * *', '0 9 31 * *', '0 9 30 * *'],
  ...[
    '0 9 29 2 *',
    '0 9 29 * *',
    '0 0 1 1 *',
    '0 12 * 6 1',
    '0 12 * 2,11 *',
    '0 7 * * 1-5',
    '0 7 * * 6,0',
    '0 7 * * 7',
  ],
  ...['0 7 * * fri-sun', '0 9 * * mon,wed,fri', '0 9 1-7 * 1', '*/20 9-17 * * 1-5', '0 22 28-31 * *'],
  ...['0 9 L * *', '0 9 L-1 * *', '0 9 L-7 2 *', '0 9 L-27 * *', '0 9 L-28 * *', '0 9 L-29 * *', '0 9 L-30 * *'],
  ...['0 9 1W * *', '0 9 2W * *', '0 9 15W * *', '0 9 27W * *', '0 9 28W * *', '0 9 29W * *', '0 9 30W * *'],
  ...['0 9 31W * *', '0 9 LW * *', '0 9 15W 2 *', '0 9 29W 4 *', '0 9 * * 1#1', '0 9 * * 5#2', '0 9 * * 0#4'],
  ...['0 9 * * 3#5', '0 9 * * 5L', '0 9 * * 0L', '0 9 * 2 1L', '0 9 1,15W,L * 5L', '0 9 LW * 1#1', '0 9 L 2 *'],
  ...['30 1 L * *', '30 2 * * 0L', '30 2 * * 0#2', '*/15 1-2 * * 0', '0,30 0 * * 5', '0 9 5W 1-6 2#5'],
];

export const hardZones = [
  ...['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Cairo'],
  ...['Atlantic/Azores', 'America/St_Johns', 'Europe/Dublin', 'Pacific/Chatham', 'America/Havana', 'Antarctica/Troll'],
];

const at = '2025-03-30T00:00:00.000Z';
const hour = 3_600_000;

export const otherSchedules: Schedule[] = [
  { kind: 'interval', everyMs: 15 * 60_000, anchor: at },
  { kind: 'interval', everyMs: 90 * 60_000, anchor: '2025-03-30T00:20:00.000Z' },
  { kind: 'interval', everyMs: 90_000, anchor: at },
  { kind: 'interval', everyMs: 7 * 60_000, anchor: at },
  { kind: 'interval', everyMs: 100 * 60_000, anchor: at },
  { kind: 'interval', everyMs: 36 * hour, anchor: at },
  { kind: 'interval', everyMs: 25 * hour, anchor: at },
  { kind: 'interval', everyMs: 7 * 24 * hour, anchor: '2025-03-30T07:30:00.000Z' },
  { kind: 'interval', everyMs: 61_000, anchor: at },
  { kind: 'interval', everyMs: 24 * hour, anchor: '2027-02-01T05:00:00.000Z' },
  { kind: 'calendar', every: 1, unit: 'day', at: '02:30', anchor: '2025-01-31' },
  { kind: 'calendar', every: 3, unit: 'day', at: '07:30', anchor: '2025-01-31' },
  { kind: 'calendar', every: 2, unit: 'week', at: '01:30', anchor: '2025-03-02' },
  { kind: 'calendar', every: 1, unit: 'month', at: '09:00', anchor: '2025-01-31' },
  { kind: 'calendar', every: 5, unit: 'month', at: '09:00', anchor: '2025-01-31' },
  { kind: 'calendar', every: 1, unit: 'week', at: '00:00', anchor: '2027-01-03' },
  { kind: 'calendar', every: 400, unit: 'day', at: '12:00', anchor: '2025-01-31' },
  { kind: 'once', at: '2027-02-28T23:59:00.000Z' },
  { kind: 'once', at: '2027-03-28T01:00:30.500Z' },
  { kind: 'manual' },
];

/** Every schedule with some of the zones, so that each zone meets all sorts. */
export function hardCases(zonesEach: number): { schedule: Schedule; zone: string; title: string }[] {
  const schedules = [...hardCrons.map((expression): Schedule => ({ kind: 'cron', expression })), ...otherSchedules];
  return schedules.flatMap((schedule, index) =>
    Array.from({ length: zonesEach }, (_, i) => {
      const zone = hardZones[(index + i * 5) % hardZones.length] ?? 'UTC';
      return { schedule, zone, title: `${Object.values(schedule).join(' ')} in ${zone}` };
    }),
  );
}
