/** Who was there and when: the host leaves beats, and two beats tell whether the machine slept, was off, or had its clock set. */
import type { PresenceKind } from '#contract/ledger.ts';
import type { Clock, Machine, Moment } from '#core/ports.ts';
import type { Store, Writer } from '#core/store/event-log.ts';
import type { PresenceRow } from '#core/store/time-records.ts';
import { spanWords } from './local-time.ts';

/** Milliseconds between two beats that are written while nothing happens. */
export const beatMs = 30_000;
/** Two beats of one host further apart than this were not the host's own pace. */
const gapMs = 3 * beatMs;
/** The wall clock and the machine's own count may drift apart this much before somebody set it. */
const driftMs = 60_000;

/** `at` in milliseconds since the epoch, by the wall clock. */
export interface Beat extends Moment {
  at: number;
  /** Names the host process, so that the time between two hosts is seen. */
  host: string;
  /** It went by itself, and all that it knew is on the disk. Absent: it was there and meant to stay. */
  left?: boolean;
}

export type Gap = Pick<PresenceRow, 'from' | 'to' | 'kind' | 'detail'>;

export interface Presence {
  /** Notes that a host is here now, and what must have happened since the last note. True: time jumped or stood still. */
  beat(): boolean;
  /** The host goes: what it was there for is noted to the end, however short its life. */
  last(): void;
  /** The machine was started anew and the host before had not gone: the last second of its work may be forgotten. After a beat. */
  powerWent(): boolean;
}

/** `host` names this process; any text that no other process of this data directory uses. */
export function createPresence(
  { store, clock, machine }: { store: Store; clock: Clock; machine: Machine },
  host: string,
): Presence {
  let row: number | null = null;
  let written: Beat | null = null;
  let powerWent = false;

  function write(writer: Writer, last: Beat | null, now: Beat, gaps: Gap[]): void {
    const { records } = writer;
    for (const gap of gaps) records.addPresence({ ...gap, boot: now.boot });
    const goesOn = row !== null && last?.host === host && gaps.length === 0;
    if (goesOn) records.extendPresence(row as number, now.at);
    else row = records.addPresence({ from: now.at, to: now.at, boot: now.boot, kind: 'up', detail: null });
    records.setFact('last_beat', JSON.stringify(now));
  }

  function note(least: number, left = false): boolean {
    const now: Beat = { ...machine.moment(), at: clock.now(), host, ...(left ? { left } : {}) };
    const last = written ?? readBeat(store);
    if (!written) powerWent = last !== null && !last.left && !sameBoot(last, now);
    const gaps = last ? gapsBetween(last, now) : [];
    if (written && gaps.length === 0 && now.at - written.at < least) return false;
    store.commit((writer) => write(writer, last, now, gaps));
    written = now;
    return gaps.length > 0;
  }

  return { beat: () => note(beatMs), last: () => void note(0, true), powerWent: () => powerWent };
}

function readBeat(store: Store): Beat | null {
  const text = store.records.fact('last_beat');
  return text === undefined ? null : (JSON.parse(text) as Beat);
}

/** What the machine did between two beats; empty when the host was simply there. Times by the wall clock. */
export function gapsBetween(last: Beat, now: Beat): Gap[] {
  if (!sameBoot(last, now)) return afterBoot(last, now);
  const gaps: Gap[] = [];
  // Without a count of the machine's own the wall clock is all there is.
  if (now.uptime === null && now.at < last.at) return [clockSet(last.at, now.at)];
  const elapsed = last.uptime === null || now.uptime === null ? now.at - last.at : now.uptime - last.uptime;
  const drift = now.at - last.at - elapsed;
  const honest = last.at + elapsed;
  if (elapsed >= gapMs || (last.host !== now.host && elapsed > 0)) gaps.push(...quiet(last, now, elapsed));
  if (Math.abs(drift) > driftMs) gaps.push(clockSet(honest, now.at));
  return gaps.filter((gap) => gap.to > gap.from || gap.kind === 'clock_changed');
}

const sameBoot = (last: Beat, now: Beat) => last.boot === now.boot && (last.uptime ?? 0) <= (now.uptime ?? 0);

/** The machine stayed on, but no host beat. */
function quiet(last: Beat, now: Beat, elapsed: number): Gap[] {
  const [from, to] = [last.at, last.at + elapsed];
  const slept = last.awake === null || now.awake === null ? null : Math.max(0, elapsed - (now.awake - last.awake));
  if (slept === null && last.host === now.host) return [gap(from, to, 'asleep', 'The host was there and was stopped.')];
  if (slept !== null && slept > elapsed / 2)
    return [gap(from, to, 'asleep', `The machine slept for ${spanWords(slept)} of it.`)];
  if (last.host === now.host)
    return [gap(from, to, 'host_down', 'The host was there, but stopped or starved; the machine was awake.')];
  const some = slept !== null && slept > driftMs ? `The machine slept for ${spanWords(slept)} of it.` : null;
  if (now.session !== null && now.session > from && now.session < to)
    return [gap(from, now.session, 'logged_out', some), gap(now.session, to, 'host_down', null)];
  return [gap(from, to, 'host_down', some)];
}

/** The machine was started in between. */
function afterBoot(last: Beat, now: Beat): Gap[] {
  if (now.at < last.at) return [clockSet(last.at, now.at)];
  const boot = now.uptime === null ? now.at : clamp(now.at - now.uptime, last.at, now.at);
  const session = now.session === null ? boot : clamp(now.session, boot, now.at);
  const detail = now.uptime === null ? null : `It was started ${spanWords(now.uptime)} before a host was there again.`;
  return [
    gap(last.at, boot, 'machine_off', detail),
    gap(boot, session, 'logged_out', null),
    gap(session, now.at, 'host_down', null),
  ].filter((each) => each.to > each.from);
}

/** Forwards: the instants in between never were. Backwards: they were, or will be, twice. */
function clockSet(honest: number, now: number): Gap {
  const way = now > honest ? 'forwards' : 'back';
  const detail = `The system clock was set ${way} by ${spanWords(Math.abs(now - honest))}.`;
  return gap(Math.min(honest, now), Math.max(honest, now), 'clock_changed', detail);
}

function gap(from: number, to: number, kind: PresenceKind, detail: string | null): Gap {
  return { from: Math.round(from), to: Math.round(to), kind, detail };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
