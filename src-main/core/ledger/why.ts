/** Answers, for every instant since a routine exists, why something or nothing happened then. */
import { Fault } from '#contract/faults.ts';
import type { Evidence, Occurrence, Why } from '#contract/ledger.ts';
import type { Calendar } from '#core/calendar/calendar.ts';
import type { Clock } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import type { PresenceRow, Span } from '#core/store/time-records.ts';
import { earliestNow } from './account.ts';
import { readable } from './calendars.ts';
import { localTime, spanWords } from './local-time.ts';
import { absenceWords } from './reasons.ts';

/** An instant that a person names means the minute it lies in. */
const minute = 60_000;
/** Evidence from this long before and after the instant is shown. */
const around = 5 * minute;

interface Parts {
  store: Store;
  clock: Clock;
}

/** Throws `not_found` for a routine that never was. */
export function why({ store, clock }: Parts, routine: string, atText: string): Why {
  const asked = Date.parse(atText);
  const span = store.records.spanAt(routine, asked);
  const [first] = store.records.spans(routine, 0, Number.MAX_SAFE_INTEGER);
  const covering = store.read.occurrenceAt(routine, iso(asked));
  if (!first && !covering)
    throw new Fault('not_found', `Nothing is known of a routine called "${routine}".`, {
      field: 'routine',
      cure: 'See `nightshift routines list`.',
    });
  const calendar = span && readable(span);
  const dueAt = instantIn(store, routine, calendar, asked);
  const at = dueAt ?? asked;
  const row = (dueAt === null ? covering : store.read.occurrenceAt(routine, iso(at))) ?? null;
  // A missed range also spans moments at which nothing was due.
  const occurrence = row && (dueAt !== null || row.dueAt === iso(at)) ? row : null;
  const evidence = gather(store, routine, at, occurrence, clock.now());
  if (occurrence && clock.now() >= earliestNow)
    return { due: true, occurrence, sentence: rowWords(occurrence, at), evidence };
  const accounted = store.records.accountedTo(routine);
  const facts = { now: clock.now(), asked, dueAt, began: first?.from ?? null, span, calendar, accounted };
  return { ...unrecorded(facts), occurrence: null, evidence };
}

interface Unrecorded {
  now: number;
  asked: number;
  dueAt: number | null;
  began: number | null;
  span: Span | undefined;
  calendar: Calendar | undefined;
  accounted: number | undefined;
}

/** Why an instant has no row. */
function unrecorded({
  now,
  asked,
  dueAt,
  began,
  span,
  calendar,
  accounted,
}: Unrecorded): Pick<Why, 'due' | 'sentence'> {
  const no = (sentence: string) => ({ due: false, sentence });
  if (now < earliestNow) return no(`The system clock says ${iso(now)}: until it is set, nothing is due.`);
  if (!span) return no(began === null ? 'It was not due.' : `The routine began only at ${iso(began)}.`);
  if (span.state === 'removed') return no(`The routine was removed at ${iso(span.from)}.`);
  if (span.state === 'paused')
    return no(`The routine was paused since ${iso(span.from)}; nothing was due while it was.`);
  if (!calendar)
    return no(`Its schedule "${span.schedule}" (${span.timeZone}) cannot be read on this system any more.`);
  if (dueAt === null) return no(notDueWords(calendar, span, asked));
  if (dueAt > now)
    return { due: true, sentence: `It is due at ${iso(dueAt)}, which is ${spanWords(dueAt - now)} ahead.` };
  if (accounted !== undefined && dueAt > accounted)
    return { due: true, sentence: 'It was due, and nobody has looked since: it is accounted for at the next look.' };
  return no(unaccountedWords(span, dueAt));
}

function rowWords(row: Occurrence, at: number): string {
  const folded = row.count > 1 ? ` It is one of ${row.count} instants from ${row.from} to ${row.dueAt}.` : '';
  const absence = row.cause && absenceWords(row.cause);
  const because = absence && !row.reason?.includes(absence) ? ` When it was due, ${absence}.` : '';
  const run = row.run ? ` Run: ${row.run}.` : '';
  const what: Record<Occurrence['state'], string> = {
    claimed: `It was due at ${iso(at)} and is queued since ${row.claimedAt}.`,
    running: 'It is running.',
    ran: 'It ran.',
    ran_late: 'It ran late.',
    coalesced: 'It did not run by itself.',
    skipped: 'It was skipped.',
    blocked: 'It could not run.',
    lost: 'It was lost.',
  };
  return `${what[row.state]}${row.reason ? ` ${row.reason}` : ''}${because}${folded}${run}`;
}

function notDueWords(calendar: Calendar, span: Span, asked: number): string {
  const local = localTime(asked, span.timeZone);
  const [next] = calendar.next(asked, 1);
  const [before] = calendar.between(asked - 366 * 86_400_000, asked, 1).newest;
  const near = [
    before === undefined ? '' : `before: ${iso(before)}`,
    next === undefined ? '' : `after: ${iso(next)}`,
  ].filter(Boolean);
  const other = near.length > 0 ? ` Due ${near.join(', ')}.` : '';
  return `Nothing was due at ${local.date} ${local.time} (${span.timeZone}): the schedule then was "${span.schedule}".${other}`;
}

function unaccountedWords(span: Span, dueAt: number): string {
  return `"${span.schedule}" (since ${iso(span.from)}) names ${iso(dueAt)}, but the routine was added, edited or resumed after it, and such a change never fills in the past.`;
}

/** The due instant in the minute asked for. */
function instantIn(store: Store, routine: string, calendar: Calendar | undefined, asked: number): number | null {
  const [planned] = calendar?.next(asked - 1, 1) ?? [];
  const [added] = store.records.oneOffs(routine, asked - 1);
  const found = [planned, added].filter((each) => each !== undefined && each < asked + minute) as number[];
  return found.length > 0 ? Math.min(...found) : null;
}

const presenceWords: Record<PresenceRow['kind'], string> = {
  up: 'A host was there.',
  machine_off: 'The machine was off, or was switched off after Nightshift had ended.',
  asleep: 'The machine was asleep.',
  logged_out: 'Nobody was logged in.',
  host_down: 'The machine was on; no host ran.',
  clock_changed: 'The system clock was changed.',
};

function gather(store: Store, routine: string, at: number, row: Occurrence | null, now: number): Evidence[] {
  const { records } = store;
  const out: Evidence[] = [];
  for (const { from, to, kind, detail } of records.presence(at - around, at + around))
    out.push({ kind, from: iso(from), to: iso(to), text: [presenceWords[kind], detail].filter(Boolean).join(' ') });
  const later = records.presence(at, now).length > 0;
  if (!later && at <= now)
    out.push({ kind: 'host_down', from: iso(at), to: null, text: 'No host has been seen since.' });
  const span = records.spanAt(routine, at);
  const spans = [...(span ? [span] : []), ...records.spans(routine, at + 1, at + around)];
  for (const each of spans) {
    const text = `The routine was ${each.state}: "${each.schedule}" in ${each.timeZone}.`;
    out.push({ kind: 'routine', from: iso(each.from), to: null, text });
  }
  for (const pause of records.pauses(at, at))
    out.push({
      kind: 'paused_all',
      from: iso(pause.from),
      to: pause.to === null ? null : iso(pause.to),
      text: 'All routines were paused.',
    });
  if (row) {
    const text = `Noticed by ${row.claimedBy.replace('_', ' ')}, ${spanWords(Math.max(0, Date.parse(row.claimedAt) - at))} after it was due: ${row.state}.`;
    out.push({ kind: 'ledger', from: row.claimedAt, to: null, text });
  }
  const run = row?.run ? store.read.run(row.run) : undefined;
  for (const [when, text] of [
    [run?.dispatchedAt, 'The run got a slot.'],
    [run?.processSeenAt, 'Its sandboxed process answered.'],
    [run?.firstByteAt, 'The model began to answer.'],
    [run?.endedAt, `The run ended: ${run?.outcome}.`],
  ] as const)
    if (when) out.push({ kind: 'run', from: when, to: null, text });
  return out;
}

/** An instant as the contract writes it. */
function iso(instant: number): string {
  return new Date(instant).toISOString();
}
