/** Any schedule as clock times and days that contain its due instants: what is left when an OS cannot say it exactly. */
import type { Schedule } from '#contract/schedules.ts';
import { cronShape, type Shape } from './cron-shape.ts';
import type { DayPart } from './day-parts.ts';

const day = 86_400_000;
const minute = 60_000;

export interface ShapeInZone {
  shape: Shape;
  /** IANA zone whose clocks the shape's times mean. */
  zone: string;
}

/**
 * Null for a schedule that never fires by itself. `from`: milliseconds since the epoch; a series that begins later is
 * not due before, which no clock time can say. Throws `input` for a wrong cron expression.
 */
export function scheduleShape(schedule: Schedule, zone: string, from: number): ShapeInZone | null {
  switch (schedule.kind) {
    case 'manual':
      return null;
    case 'cron':
      return { shape: cronShape(schedule.expression), zone };
    case 'interval':
      return { shape: intervalShape(schedule.everyMs, Date.parse(schedule.anchor), from), zone: 'UTC' };
    case 'calendar': {
      const [hour = 0, clockMinute = 0] = schedule.at.split(':').map(Number);
      const anchor = new Date(`${schedule.anchor}T00:00:00Z`);
      const date = anchor.getUTCDate();
      const parts: Shape['parts'] =
        schedule.unit === 'day'
          ? [{ kind: 'any', months: null }]
          : schedule.unit === 'week'
            ? [{ kind: 'weekdays', weekdays: [anchor.getUTCDay()], months: null }]
            : // A month without that date takes its last day instead.
              [{ kind: 'dates', dates: date > 28 ? [28, 29, 30, 31] : [date], months: null }];
      const whole = schedule.every === 1 && anchor.getTime() < from && (schedule.unit !== 'month' || date <= 28);
      return { shape: { times: [hour * 60 + clockMinute], second: 0, parts, whole }, zone };
    }
    case 'once': {
      const at = new Date(Math.ceil(Date.parse(schedule.at) / 1000) * 1000);
      const part: DayPart = { kind: 'dates', dates: [at.getUTCDate()], months: [at.getUTCMonth() + 1] };
      const times = [at.getUTCHours() * 60 + at.getUTCMinutes()];
      return { shape: { times, second: at.getUTCSeconds(), parts: [part], whole: false }, zone: 'UTC' };
    }
  }
}

/** Times of the UTC day; exact when the interval divides the day. */
function intervalShape(every: number, anchor: number, from: number): Shape {
  const parts: Shape['parts'] = [{ kind: 'any', months: null }];
  const step = common(every, day);
  if (step < minute || step % 1000 !== 0) {
    // Not in step with any clock: woken every minute, it is at most a minute late.
    return { times: Array.from({ length: 1440 }, (_, i) => i), second: 0, parts, whole: false };
  }
  const first = (((Math.ceil(anchor / 1000) * 1000) % step) + step) % step;
  const starts = Array.from({ length: day / step }, (_, i) => first + i * step);
  if (starts.some((start) => start % minute !== first % minute)) {
    const times = Array.from({ length: 1440 }, (_, i) => i);
    return { times, second: 0, parts, whole: false };
  }
  const times = starts.map((start) => Math.floor((start % day) / minute)).sort((a, b) => a - b);
  return { times, second: Math.floor((first % minute) / 1000), parts, whole: step === every && anchor <= from };
}

function common(a: number, b: number): number {
  return b === 0 ? a : common(b, a % b);
}
