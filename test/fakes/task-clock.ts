/** Reads a task's triggers from its XML and says when they fire; where Windows promises nothing, in each way it might. */
import { wallClocks } from './launchd-clock.ts';

const minute = 60_000;
const day = 86_400_000;

/** How Windows may take a local time that comes twice, and a repetition across a change of clocks: nobody says. */
export interface Mood {
  fold: 'first' | 'second';
  repeat: 'real' | 'clock';
}

export const moods: Mood[] = [
  { fold: 'first', repeat: 'real' },
  { fold: 'second', repeat: 'real' },
  { fold: 'first', repeat: 'clock' },
  { fold: 'second', repeat: 'clock' },
];

interface ReadTrigger {
  utc: boolean;
  /** Local milliseconds, as if UTC. */
  start: number;
  once: boolean;
  every: number;
  span: number;
  days(local: number): boolean;
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October'],
  ...['November', 'December'],
];

export function readTriggers(xml: string): ReadTrigger[] {
  return [...xml.matchAll(/<(TimeTrigger|CalendarTrigger)>([\s\S]*?)<\/\1>/g)].map(([, kind, body = '']) => {
    const all = (name: string) =>
      [...body.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map((m) => m[1] ?? '');
    const named = (names: string[]) => names.flatMap((name, i) => (body.includes(`<${name} />`) ? [i] : []));
    const boundary = all('StartBoundary')[0] ?? '';
    const start = Date.parse(`${boundary.replace(/Z$/, '')}Z`);
    const every = seconds(all('Interval')[0]) * 1000;
    const span = body.includes('<Duration>') ? seconds(all('Duration')[0]) * 1000 : Number.POSITIVE_INFINITY;
    const first = Math.floor(start / day) * day;
    const [days, weeks] = [all('DaysInterval')[0], all('WeeksInterval')[0]];
    const [dates, ofMonth] = [all('Day'), all('Week')];
    const onWeekday = (local: number) => named(weekdays).includes(new Date(local).getUTCDay());
    const inMonth = (local: number) => named(months).includes(new Date(local).getUTCMonth());
    return {
      ...{ utc: boundary.endsWith('Z'), start, once: kind === 'TimeTrigger', every, span },
      days(local) {
        if (local < first) return false;
        const date = new Date(local).getUTCDate();
        const last = new Date(local + day).getUTCDate() === 1;
        if (days) return ((local - first) / day) % Number(days) === 0;
        if (weeks) {
          const sunday = first - new Date(first).getUTCDay() * day;
          return onWeekday(local) && Math.floor((local - sunday) / (7 * day)) % Number(weeks) === 0;
        }
        if (dates.length > 0) return inMonth(local) && (dates.includes(`${date}`) || (last && dates.includes('Last')));
        const inLastWeek = new Date(local + 7 * day).getUTCMonth() !== new Date(local).getUTCMonth();
        const week = `${Math.ceil(date / 7)}`;
        return (
          inMonth(local) && onWeekday(local) && (ofMonth.includes(week) || (inLastWeek && ofMonth.includes('Last')))
        );
      },
    };
  });
}

/** Instants in [from, to) at which the task is started. */
export function taskFires(triggers: ReadTrigger[], zone: string, span: [number, number], mood: Mood): Set<number> {
  const [from, to] = span;
  const clocks = new Map<number, number[]>();
  // A series that began the day before may reach in.
  for (const [at, c] of wallClocks(zone, from - 2 * day, to)) {
    const local = Date.UTC(c.year, c.month - 1, c.day, c.hour, c.minute);
    clocks.set(local, [...(clocks.get(local) ?? []), at]);
  }
  const instant = (local: number, utc: boolean): number | undefined => {
    if (utc) return local;
    const rest = local % minute;
    const passes = clocks.get(local - rest) ?? [];
    const pass = mood.fold === 'first' ? passes[0] : passes.at(-1);
    return pass === undefined ? undefined : pass + rest;
  };
  const startsOf = (trigger: ReadTrigger): number[] => {
    if (trigger.once) return [trigger.start];
    const time = ((trigger.start % day) + day) % day;
    const first = Math.floor(from / day) * day - 2 * day;
    const days = Array.from({ length: Math.ceil((to + day - first) / day) }, (_, i) => first + i * day);
    return days.filter((local) => trigger.days(local)).map((local) => local + time);
  };
  const series = (trigger: ReadTrigger, start: number): (number | undefined)[] => {
    const origin = instant(start, trigger.utc);
    const fires = [origin];
    if (trigger.every === 0) return fires;
    const skip = Math.max(1, Math.floor((from - 2 * day - start) / trigger.every));
    for (let k = skip; k * trigger.every <= trigger.span && start + k * trigger.every < to + day; k++)
      if (mood.repeat === 'clock') fires.push(instant(start + k * trigger.every, trigger.utc));
      else if (origin !== undefined) fires.push(origin + k * trigger.every);
    return fires;
  };
  const all = triggers.flatMap((trigger) => startsOf(trigger).flatMap((start) => series(trigger, start)));
  return new Set(all.filter((at): at is number => at !== undefined && at >= from && at < to));
}

function seconds(text: string | undefined): number {
  const [, d = 0, h = 0, m = 0, s = 0] =
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text ?? 'P') ?? [];
  return ((Number(d) * 24 + Number(h)) * 60 + Number(m)) * 60 + Number(s);
}
