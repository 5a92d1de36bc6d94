/** Says a schedule as systemd calendar lines that fire at every due instant, and at few others. */
import { type CronFields, cronFields, type Field } from './cron-fields.ts';
import { type ZoneChange, zoneChanges, zoneOffset } from './zone-changes.ts';

const minute = 60_000;
const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/**
 * `zone`: the routine's time zone as the runtime knows it. `systemZone`: the name under which this machine's systemd
 * knows it, or null when it does not. `now`: milliseconds since the epoch; lines for clock changes cover the current
 * and the next year, so that the result only changes at a new year.
 *
 * No line holds an open step (`0/7`): systemd 252 to 258 leave out the first slot of most of them. Instants that
 * systemd passes over when clocks change are added as lines of their own. What has no exact form becomes a superset.
 */
export function cronLines(cron: string, zone: string, systemZone: string | null, now: number): string[] {
  const fields = cronFields(cron);
  const year = new Date(now).getUTCFullYear();
  const changes = zoneChanges(zone, Date.UTC(year, 0), Date.UTC(year + 2, 0));
  if (systemZone === null)
    return utcSuperset(fields, [zoneOffset(zone, now), ...changes.flatMap((c) => [c.before, c.after])]);
  const time = `${text(fields.hours)}:${text(fields.minutes)}:00 ${systemZone}`;
  const month = text(fields.months);
  const dates = (days: Field) => `*-${month}-${text(days)} ${time}`;
  const weekdays = fields.weekdays ? `${fields.weekdays.map((day) => dayNames[day]).join(',')} ` : '';
  const regular = fields.eitherDay ? [dates(fields.days), weekdays + dates(null)] : [weekdays + dates(fields.days)];
  return [...regular, ...changes.flatMap((change) => changeLines(fields, change))];
}

/** A one-off instant, milliseconds since the epoch, rounded up to the second so that it never fires early. */
export function onceLine(instant: number): string {
  const iso = new Date(Math.ceil(instant / 1000) * 1000).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** Clocks go forward: systemd skips the missing times, we want one wake-up when the gap ends. Back: it skips the repetition. */
function changeLines(fields: CronFields, change: ZoneChange): string[] {
  const shift = change.after - change.before;
  const start = change.at / minute + Math.min(change.before, change.after);
  const touched = Array.from({ length: Math.abs(shift) }, (_, i) => start + i).filter((local) => wanted(fields, local));
  if (touched.length === 0) return [];
  if (shift > 0) return [onceLine(change.at)];
  if (fields.fixedTime) return [];
  const instants = [change.before, change.after].flatMap((offset) => touched.map((local) => local - offset));
  const byHour = Map.groupBy(instants, (instant) => Math.floor(instant / 60));
  return [...byHour].map(([hour, list]) => {
    const iso = new Date(hour * 60 * minute).toISOString();
    return `${iso.slice(0, 10)} ${iso.slice(11, 13)}:${text(list.map((instant) => instant % 60))}:00 UTC`;
  });
}

/** `local`: minutes of a local clock, counted like minutes since the epoch. Days are not looked at. */
function wanted(fields: CronFields, local: number): boolean {
  const hour = Math.floor(local / 60) % 24;
  return (fields.hours?.includes(hour) ?? true) && (fields.minutes?.includes(local % 60) ?? true);
}

/** Every day at the wanted clock times, as UTC, under each offset the zone has. */
function utcSuperset(fields: CronFields, offsets: number[]): string[] {
  const minutes = fields.minutes ?? Array.from({ length: 60 }, (_, i) => i);
  const lines = [...new Set(offsets)].flatMap((offset) => {
    const byCarry = Map.groupBy(minutes, (value) => Math.floor((value - offset) / 60));
    return [...byCarry].map(([carry, list]) => {
      const hours = fields.hours?.map((hour) => modulo(hour + carry, 24)).sort((a, b) => a - b) ?? null;
      const inHour = list.map((value) => modulo(value - offset, 60)).sort((a, b) => a - b);
      return `*-*-* ${text(hours)}:${text(inHour)}:00 UTC`;
    });
  });
  return [...new Set(lines)];
}

const modulo = (value: number, by: number) => ((value % by) + by) % by;

/** `*`, or two-digit values with runs of three and more as closed ranges. */
function text(values: Field): string {
  if (values === null) return '*';
  const runs: number[][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run && run.at(-1) === value - 1) run.push(value);
    else runs.push([value]);
  }
  const two = (value: number | undefined) => String(value).padStart(2, '0');
  return runs.map((run) => (run.length < 3 ? run.map(two).join(',') : `${two(run[0])}..${two(run.at(-1))}`)).join(',');
}
