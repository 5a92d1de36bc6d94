/** Changes the loops of a session: every change is an event, and what it would break is refused. */
import type { Draft } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { readSchedule } from '#core/calendar/calendar.ts';
import type { Clock } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import type { Loop, LoopBook } from '#core/tools/loops.ts';
import { type Loops, longestLoop } from './loops.ts';

/** Alive at a time in one session. */
export const mostLoops = 50;

export type LoopCreated = Extract<Draft, { type: 'loop.created' }>;

interface NewLoop {
  run: string;
  /** How many loops the session has had. */
  created: number;
  timeZone: string;
  prompt: string;
  /** Milliseconds since the epoch. */
  now: number;
}

/** `extra` is told after the words of the schedule. Throws `input` naming `cron` for what is no cron or comes too late. */
export function newCronLoop(of: NewLoop & { cron: string; recurring: boolean; extra?: string }): LoopCreated {
  const { cron: wanted, recurring, timeZone, now } = of;
  const read = readSchedule(wanted, timeZone, now);
  if (read.cron === null)
    throw new Fault('input', `"${wanted}" is no cron expression.`, {
      field: 'cron',
      cure: 'Write five fields, e.g. "*/10 * * * *".',
    });
  const due = read.next(now, 1)[0];
  if (due === undefined || due > now + longestLoop)
    throw new Fault('input', `"${wanted}" is not due within 7 days, and no loop lives longer.`, {
      field: 'cron',
      cure: 'Choose an earlier time; what must come later is a routine of its own.',
    });
  const words = of.extra ? `${read.words} (${of.extra})` : read.words;
  return { ...begun(of), cron: read.cron, recurring, words, dueAt: new Date(due).toISOString() };
}

/** A loop that waits for the model to choose its wake-ups. */
export function newPacedLoop(of: NewLoop): LoopCreated {
  return { ...begun(of), cron: null, recurring: true, words: 'Paced by the agent', dueAt: null };
}

function begun({ run, created, timeZone, prompt, now }: NewLoop) {
  const expiresAt = new Date(now + longestLoop).toISOString();
  return { type: 'loop.created' as const, run, loop: `loop-${created + 1}`, timeZone, prompt, expiresAt };
}

interface Parts {
  store: Store;
  clock: Clock;
  run: string;
  timeZone: string;
  /** Brought up to date by every commit. */
  loops: Readonly<Loops>;
}

export function createLoopBook({ store, clock, run, timeZone, loops }: Parts): LoopBook {
  const commit = (...drafts: Draft[]) => store.commit((writer) => void drafts.map((draft) => writer.append(draft)));
  const paced = () => loops.alive.find((loop) => loop.cron === null);
  const known = (id: string): Loop => {
    const loop = loops.alive.find((each) => each.id === id);
    if (loop) return loop;
    const names = loops.alive.map((each) => each.id).join(', ') || 'none';
    throw new Fault('not_found', `There is no loop "${id}" in this session.`, { cure: `There are: ${names}.` });
  };
  const wish = (prompt: string) => {
    if (loops.alive.length >= mostLoops)
      throw new Fault('conflict', `The session has ${mostLoops} loops, and more are not possible.`, {
        cure: 'Delete one with CronDelete first.',
      });
    return { run, created: loops.created, timeZone, prompt, now: clock.now() };
  };

  return {
    list: () => loops.alive,
    create({ cron, prompt, recurring }) {
      const created = newCronLoop({ ...wish(prompt), cron, recurring });
      commit(created);
      return known(created.loop);
    },
    remove(id) {
      commit({ type: 'loop.ended', run, loop: known(id).id, why: 'deleted' });
    },
    wakeUp({ inMs, reason, prompt: wanted }) {
      const loop = paced();
      const prompt = wanted ?? loop?.prompt;
      if (prompt === undefined)
        throw new Fault('input', 'There is no self-paced loop yet.', { cure: 'Give the prompt that shall come.' });
      const at = clock.now() + inMs;
      if (loop && at > loop.expiresAt)
        throw new Fault(
          'conflict',
          `${loop.id} ends at ${new Date(loop.expiresAt).toISOString()}, before that wake-up.`,
          {
            cure: 'Finish with Propose, or choose an earlier wake-up.',
          },
        );
      const created = loop ? null : newPacedLoop(wish(prompt));
      const id = loop?.id ?? (created as LoopCreated).loop;
      const dueAt = new Date(at).toISOString();
      const scheduled: Draft = { type: 'loop.scheduled', run, loop: id, dueAt, reason, prompt, fallback: false };
      commit(...(created ? [created, scheduled] : [scheduled]));
      return known(id);
    },
    stop() {
      const loop = paced();
      if (loop) commit({ type: 'loop.ended', run, loop: loop.id, why: 'stopped' });
      return loop !== undefined;
    },
  };
}
