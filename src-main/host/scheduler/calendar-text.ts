/** Writes sets of clock times, days and instants in systemd's calendar language, with closed ranges and lists only. */
import type { DayPart, Field } from './day-parts.ts';

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const workdays = 'Mon,Tue,Wed,Thu,Fri';
const allMonths = Array.from({ length: 12 }, (_, i) => i + 1);
const two = (value: number | undefined) => String(value).padStart(2, '0');

/** `*`, or two-digit values with runs of three and more as closed ranges. */
export function numbers(values: Field): string {
  if (values === null) return '*';
  const runs: number[][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run && run.at(-1) === value - 1) run.push(value);
    else runs.push([value]);
  }
  return runs.map((run) => (run.length < 3 ? run.map(two).join(',') : `${two(run[0])}..${two(run.at(-1))}`)).join(',');
}

/** `seconds` of the day, in any order → `hours:minutes:second` texts whose union is exactly these. */
export function clockTexts(seconds: number[]): string[] {
  const byMinute = Map.groupBy(new Set(seconds), (value) => value % 3600);
  const hoursOf = [...byMinute].map(([inHour, list]) => {
    const hours = list.map((value) => Math.floor(value / 3600)).sort((a, b) => a - b);
    return { minute: Math.floor(inHour / 60), second: inHour % 60, hours: hours.length === 24 ? '*' : numbers(hours) };
  });
  const alike = Map.groupBy(hoursOf, ({ hours, second }) => `${hours} ${second}`);
  return [...alike.values()].map((list) => {
    const minutes = list.map(({ minute }) => minute).sort((a, b) => a - b);
    const text = minutes.length === 60 ? '*' : numbers(minutes);
    return `${list[0]?.hours}:${text}:${two(list[0]?.second)}`;
  });
}

/** Instants, milliseconds since the epoch, as lines in UTC; rounded up to the second, so that none fires early. */
export function instantLines(instants: number[]): string[] {
  const seconds = instants.map((instant) => new Date(Math.ceil(instant / 1000) * 1000).toISOString());
  const byDay = Map.groupBy(new Set(seconds), (iso) => iso.slice(0, 10));
  const days = [...byDay].flatMap(([date, list]) =>
    clockTexts(list.map((iso) => (Date.parse(iso) % 86_400_000) / 1000)).map((time) => ({ date, time })),
  );
  const alike = Map.groupBy(days, ({ date, time }) => `${date.slice(0, 7)} ${time}`);
  return [...alike.values()].map((list) => {
    const dates = numbers(list.map(({ date }) => Number(date.slice(8))).sort((a, b) => a - b));
    return `${list[0]?.date.slice(0, 7)}-${dates} ${list[0]?.time} UTC`;
  });
}

/**
 * Weekday-and-date texts whose union is exactly these days; null where systemd has no words for them. `repeating`:
 * months in which clocks are set back. From a date that is counted from the end (`~`) systemd 252 goes over to the
 * second pass of the repeated hour, so there days are counted from the front.
 */
export function dayTexts(part: DayPart, repeating: number[] = []): string[] | null {
  const month = numbers(part.months);
  const apart = has(part.months, repeating);
  if (apart.length > 0 && countsFromEnd(part)) {
    // How long February is, no line can ask.
    if (apart.includes(2)) return null;
    const others = (part.months ?? allMonths).filter((each) => !apart.includes(each));
    const usual = others.length > 0 ? dayTexts({ ...part, months: others }) : [];
    return usual && [...usual, ...apart.flatMap((each) => fromFront(part, each))];
  }
  switch (part.kind) {
    case 'any':
      return [`*-${month}-*`];
    case 'dates':
      return [`*-${month}-${numbers(part.dates)}`];
    case 'weekdays':
      return [`${part.weekdays.map((day) => dayNames[day]).join(',')} *-${month}-*`];
    case 'nth':
      return [`${dayNames[part.weekday]} *-${month}-${part.n === 5 ? '29..31' : week(part.n)}`];
    case 'last_of':
      return [`${dayNames[part.weekday]} *-${month}~01..07`];
    case 'from_last':
      return part.back < 28 ? [`*-${month}~${two(part.back + 1)}`] : earlyDay(part.back, part.months);
    case 'workday':
      return workdayTexts(part.near, part.months);
  }
}

function countsFromEnd(part: DayPart): boolean {
  if (part.kind === 'workday') return part.near === 'last' || (part.near === 28 && has(part.months, [2]).length > 0);
  return part.kind === 'from_last' || part.kind === 'last_of';
}

/** In one month other than February. */
function fromFront(part: DayPart, month: number): string[] {
  const length = long.includes(month) ? 31 : 30;
  switch (part.kind) {
    case 'from_last':
      return part.back < length ? [`*-${two(month)}-${two(length - part.back)}`] : [];
    case 'last_of':
      return [`${dayNames[part.weekday]} *-${two(month)}-${length - 6}..${length}`];
    default:
      return workdayTexts(part.kind === 'workday' && part.near !== 'last' ? part.near : length, [month]) ?? [];
  }
}

const week = (n: number) => `${two(n * 7 - 6)}..${two(n * 7)}`;
const has = (months: Field, wanted: number[]) => wanted.filter((month) => (months ?? allMonths).includes(month));
const long = [1, 3, 5, 7, 8, 10, 12];
const short = [4, 6, 9, 11];

/** `~` counts up to 28 days only; from there on the day is one of the first three, by the month's length. */
function earlyDay(back: number, months: Field): string[] | null {
  // The first of February, in leap years only.
  if (back === 28 && has(months, [2]).length > 0) return null;
  const from = (list: number[], length: number) =>
    length > back && list.length > 0 ? [`*-${numbers(list)}-${two(length - back)}`] : [];
  return [...from(has(months, long), 31), ...from(has(months, short), 30)];
}

function workdayTexts(near: number | 'last', months: Field): string[] | null {
  const month = numbers(months);
  if (near === 'last') return [`${workdays} *-${month}~01`, `Fri *-${month}~02,03`];
  // A Saturday the first moves to Monday the third: it must not leave its month.
  if (near === 1) return [`${workdays} *-${month}-01`, `Mon *-${month}-02,03`];
  const inside = (list: Field) => [
    `${workdays} *-${numbers(list)}-${two(near)}`,
    `Fri *-${numbers(list)}-${two(near - 1)}`,
    `Mon *-${numbers(list)}-${two(near + 1)}`,
  ];
  const atEnd = (list: number[]) => [
    `${workdays} *-${numbers(list)}-${two(near)}`,
    `Fri *-${numbers(list)}-${two(near - 2)},${two(near - 1)}`,
  ];
  if (near < 28) return inside(months);
  const [february, shorter, longer] = [has(months, [2]), has(months, short), has(months, long)];
  const some = (list: number[], texts: (list: number[]) => string[]) => (list.length === 0 ? [] : texts(list));
  if (near === 28)
    return [
      ...some(
        [...shorter, ...longer].sort((a, b) => a - b),
        inside,
      ),
      // The 29th is there in leap years only, and then `~03` is the 27th.
      ...some(february, (list) => [...inside(list), `Fri *-02~03`]),
    ];
  // Whether February has a 29th decides about its 28th, and no line can ask that.
  if (near === 29 && february.length > 0) return null;
  if (near === 29)
    return some(
      [...shorter, ...longer].sort((a, b) => a - b),
      inside,
    );
  if (near === 30) return [...some(longer, inside), ...some(shorter, atEnd)];
  return some(longer, atEnd);
}
