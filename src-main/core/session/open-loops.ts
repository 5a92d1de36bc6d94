/** Turns texts that begin with `/loop` into loops of the session and into words for its next turn. */
import { Fault } from '#contract/faults.ts';
import { type LoopCreated, mostLoops, newCronLoop, newPacedLoop } from './loop-book.ts';
import { cronOf, readLoop } from './loop-words.ts';

export interface Opened {
  /** What the model is told instead of each text. */
  texts: string[];
  /** To be committed before the message that tells it. */
  loops: LoopCreated[];
}

interface Session {
  run: string;
  /** Loops it has had. */
  created: number;
  timeZone: string;
  /** Milliseconds since the epoch. */
  now: number;
}

/** For texts of a new go of the session, in which no loop is alive. Throws `input` for a loop that cannot be. */
export function openLoops(texts: readonly string[], session: Session): Opened {
  const loops: LoopCreated[] = [];
  const told = texts.map((text) => {
    const wish = readLoop(text);
    if (!wish) return text;
    const { prompt, interval } = wish;
    const of = { ...session, created: session.created + loops.length, prompt };
    if (!interval && loops.some((loop) => loop.cron === null))
      throw new Fault('input', 'A session has at most one loop without an interval.', {
        field: 'prompt',
        cure: 'Give the others an interval, e.g. "/loop 10m …".',
      });
    if (loops.length >= mostLoops)
      throw new Fault('input', `A session has at most ${mostLoops} loops.`, {
        field: 'prompt',
        cure: 'Leave some out.',
      });
    const loop = interval ? regular(of, interval) : newPacedLoop(of);
    loops.push(loop);
    return `${prompt}\n\n(${note(loop)})`;
  });
  return { texts: told, loops };
}

function regular(of: Session & { prompt: string }, interval: { asked: string; minutes: number }): LoopCreated {
  const { cron, rounded } = cronOf(interval, of.now, of.timeZone);
  return newCronLoop({ ...of, cron, recurring: true, ...(rounded ? { extra: rounded } : {}) });
}

function note({ loop, cron, words, dueAt, expiresAt }: LoopCreated): string {
  const again =
    cron === null
      ? 'Do it now, then call ScheduleWakeup to choose when it comes again (or stop: true) and end your turn.'
      : `Do it now, then end your turn: it comes again by itself, next ${dueAt}.`;
  return `Nightshift has set this up as ${loop} of this session: ${words}, until ${expiresAt} at the latest. ${again} Propose ends the session and its loops: call it only when nothing is left to wait for.`;
}
