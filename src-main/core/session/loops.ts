/** The loops of a session, folded from its events alone, so that a session taken up again has the same ones. */
import type { Draft, Event } from '#contract/events.ts';
import type { LoopEnd } from '#contract/loops.ts';
import { readSchedule } from '#core/calendar/calendar.ts';
import type { Loop } from '#core/tools/loops.ts';

/** Milliseconds after its creation at which a loop ends at the latest. */
export const longestLoop = 7 * 24 * 60 * 60 * 1000;
/** Milliseconds to the one wake-up of a self-paced loop that the model forgot to pace. */
export const fallbackAfter = 20 * 60 * 1000;

export interface Loops {
  /** Oldest first. */
  alive: Loop[];
  /** How many this session has had. */
  created: number;
}

/** Folds a run's committed events, oldest first. `loops` is alive: each `apply` brings it up to date. */
export function createLoops(): { loops: Readonly<Loops>; apply(event: Event): void } {
  const loops: Loops = { alive: [], created: 0 };
  const change = (id: string, to: Partial<Loop>) => {
    loops.alive = loops.alive.map((loop) => (loop.id === id ? { ...loop, ...to } : loop));
  };
  function apply(event: Event): void {
    switch (event.type) {
      case 'loop.created': {
        const { loop: id, cron, timeZone, recurring, prompt, words } = event;
        const dueAt = event.dueAt === null ? null : Date.parse(event.dueAt);
        const expiresAt = Date.parse(event.expiresAt);
        loops.created++;
        loops.alive.push({ id, cron, timeZone, recurring, prompt, words, dueAt, expiresAt, fallback: false });
        break;
      }
      case 'loop.scheduled': {
        const { prompt, fallback } = event;
        change(event.loop, { dueAt: Date.parse(event.dueAt), prompt, fallback });
        break;
      }
      case 'loop.fired':
        change(event.loop, { dueAt: event.nextAt === null ? null : Date.parse(event.nextAt) });
        break;
      case 'loop.ended':
        loops.alive = loops.alive.filter((loop) => loop.id !== event.loop);
        break;
      case 'run.ended':
        loops.alive = [];
        break;
    }
  }
  return { loops, apply };
}

/** What to record when the model has ended its turn, before anything is waited for. Instants in milliseconds. */
export function afterTurn(alive: readonly Loop[], run: string, now: number): Draft[] {
  return alive.flatMap((loop): Draft[] => {
    const end = (why: LoopEnd): Draft[] => [{ type: 'loop.ended', run, loop: loop.id, why }];
    if (now > loop.expiresAt) return end('expired');
    if (loop.dueAt !== null) return [];
    if (loop.fallback) return end('unpaced');
    const at = now + fallbackAfter;
    if (at > loop.expiresAt) return end('expired');
    const reason = 'The turn ended without choosing a wake-up: this is the only one of its kind.';
    const dueAt = new Date(at).toISOString();
    return [{ type: 'loop.scheduled', run, loop: loop.id, dueAt, reason, prompt: loop.prompt, fallback: true }];
  });
}

/** The loop that is due first; null when none will fire by itself. */
export function firstDue(alive: readonly Loop[]): (Loop & { dueAt: number }) | null {
  let first: (Loop & { dueAt: number }) | null = null;
  for (const loop of alive)
    if (loop.dueAt !== null && (first === null || loop.dueAt < first.dueAt)) first = { ...loop, dueAt: loop.dueAt };
  return first;
}

/** One firing for everything that has been due until `now`, and the message that begins the next turn. */
export function firing(loop: Loop & { dueAt: number }, run: string, now: number): Draft[] {
  const { id, cron, recurring, expiresAt, timeZone } = loop;
  const dueAt = new Date(loop.dueAt).toISOString();
  const fires = cron !== null && recurring ? readSchedule(cron, timeZone) : null;
  const missed = fires?.between(loop.dueAt, now, 1).total ?? 0;
  const next = fires?.next(now, 1)[0] ?? null;
  const nextAt = next !== null && next <= expiresAt ? new Date(next).toISOString() : null;
  const fired: Draft = { type: 'loop.fired', run, loop: id, dueAt, missed, nextAt };
  const over: Draft[] =
    cron === null || nextAt !== null
      ? []
      : [{ type: 'loop.ended', run, loop: id, why: recurring ? 'expired' : 'done' }];
  const text = firingText(loop, { dueAt, now: new Date(now).toISOString(), missed, nextAt });
  return [fired, ...over, { type: 'message.added', run, text, from: 'nightshift' }];
}

/** Says first that no person is speaking: a firing is nobody's consent to anything. */
function firingText(
  loop: Loop,
  { dueAt, now, missed, nextAt }: { dueAt: string; now: string; missed: number; nextAt: string | null },
): string {
  const covers = missed === 0 ? '' : ` It also stands for ${missed} due after it and missed.`;
  const pace = loop.fallback
    ? 'Your last turn chose no wake-up, so this one came by itself and is the last: call ScheduleWakeup to go on, or ScheduleWakeup with stop to end the loop.'
    : 'Before you end this turn, call ScheduleWakeup for the next one, or ScheduleWakeup with stop.';
  const after = loop.cron === null ? pace : nextAt === null ? 'It was the last of this loop.' : `Next: ${nextAt}.`;
  return `[Automated firing of ${loop.id} in this session; no person wrote this now. Due ${dueAt}, now ${now}.${covers} ${after}]\n\n${loop.prompt}`;
}
