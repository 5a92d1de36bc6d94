/** The next 1,000 fires of the schedules that take longest: rare dates, in zones whose clocks change. */
import { readSchedule } from '#core/calendar/calendar.ts';
import { type Line, median, processorMs } from './measure.ts';

const rare = [
  '0 3 29 2 *',
  '30 2 29 2 1',
  '0 9 31 12 *',
  '15 2 * 3 sun#5',
  '0 3 LW 2 *',
  '0 18 L-30 * *',
  '30 8 15W 1 *',
];
const often = ['*/20 9-17 * * mon-fri', '0 3 * * *', 'every 90 minutes', 'every other week on friday at 17:00'];
/** A new one in each round: what was worked out for a zone is kept, and nobody waits for it twice. */
const zones = ['America/Santiago', 'Europe/Berlin', 'Africa/Casablanca', 'Australia/Lord_Howe', 'Asia/Tehran'];
const more = [
  'America/New_York',
  'Pacific/Chatham',
  'Asia/Kathmandu',
  'America/St_Johns',
  'Europe/Dublin',
  'Asia/Gaza',
];

/** The slowest of them, as the median of the rounds. */
export function nextFires(rounds: number): Line[] {
  const after = Date.now();
  const slowest = [...zones, ...more].slice(0, rounds).map((zone) => {
    const times = [...rare, ...often].map((schedule) =>
      processorMs(() => {
        const found = readSchedule(schedule, zone, after).next(after, 1000);
        if (found.length === 0) throw new Error(`${schedule} in ${zone} has no fires`);
      }),
    );
    return Math.max(...times);
  });
  const what = 'next 1,000 fires, slowest schedule, new zone: processor';
  return [{ what, ours: median(slowest), unit: 'ms', most: { value: 50 } }];
}
