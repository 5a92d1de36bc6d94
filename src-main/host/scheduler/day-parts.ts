/** The days a schedule may fall on, as a neutral value that each operating system's plan says in its own way. */

/** Sorted values, or null for "any value". */
export type Field = number[] | null;

/** A set of local days, in the named months (1 to 12) only. Weekdays: 0 is Sunday. */
export type DayPart =
  | { kind: 'any'; months: Field }
  | { kind: 'dates'; dates: number[]; months: Field }
  /** The last day of the month, or `back` days before it. */
  | { kind: 'from_last'; back: number; months: Field }
  /** The Monday to Friday nearest to a date within its month, or the month's last one. */
  | { kind: 'workday'; near: number | 'last'; months: Field }
  | { kind: 'weekdays'; weekdays: number[]; months: Field }
  | { kind: 'nth'; weekday: number; n: number; months: Field }
  | { kind: 'last_of'; weekday: number; months: Field };

export interface Rough {
  part: DayPart;
  /** False: `part` holds other days too. */
  exact: boolean;
}

const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
const clip = (dates: number[]) => [...new Set(dates.filter((date) => date >= 1 && date <= 31))].sort((a, b) => a - b);

/** The same days as dates or weekdays only, for a scheduler that knows nothing else. */
export function roughly(part: DayPart): Rough {
  const { months } = part;
  switch (part.kind) {
    case 'any':
    case 'dates':
    case 'weekdays':
      return { part, exact: true };
    case 'from_last':
      return { part: { kind: 'dates', dates: clip(range(28 - part.back, 31 - part.back)), months }, exact: false };
    case 'workday': {
      const dates = part.near === 'last' ? range(26, 31) : range(part.near - 2, part.near + 2);
      return { part: { kind: 'dates', dates: clip(dates), months }, exact: false };
    }
    default:
      return { part: { kind: 'weekdays', weekdays: [part.weekday], months }, exact: false };
  }
}

/** The days that lie `carry` (-1, 0 or 1) days from these: a local day's clock time can belong to its neighbour elsewhere. */
export function shifted(part: DayPart, carry: number): Rough {
  if (carry === 0 || (part.kind === 'any' && part.months === null)) return { part, exact: true };
  const { part: rough, exact } = roughly(part);
  if (rough.kind === 'weekdays') {
    const weekdays = rough.weekdays.map((day) => (day + carry + 7) % 7).sort((a, b) => a - b);
    return { part: { kind: 'weekdays', weekdays, months: null }, exact: exact && part.months === null };
  }
  if (rough.kind !== 'dates') return { part: { kind: 'any', months: null }, exact: false };
  const inner = rough.dates.map((date) => date + carry);
  // The neighbour of a month's first or last day lies in another month.
  const edge = carry > 0 ? (rough.dates.some((date) => date >= 28) ? [1] : []) : inner.includes(0) ? range(28, 31) : [];
  const months = edge.length === 0 ? rough.months : null;
  // A date that not every month has, moved, may exist in a month where the original did not, or the other way round.
  const safe = edge.length === 0 && [...rough.dates, ...inner].every((date) => date <= 28);
  return { part: { kind: 'dates', dates: clip([...inner, ...edge]), months }, exact: exact && safe };
}
