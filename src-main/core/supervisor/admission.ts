/** Which waiting runs may start now: a pure plan, so that a Monday's opened lid does not start twelve agents at once. */

/** Runs at the same time. They wait for the model most of the time, so this does not follow the number of cores. */
export const slots = 4;
/** Runs at the same time in one repository. */
export const slotsPerRepository = 2;
/** After a sleep or a start, this many late runs go at once, then one each `lateEvery` milliseconds. */
export const lateBurst = 2;
export const lateEvery = 15_000;
/** A start this much after its time counts as late, in milliseconds. */
const lateAfter = 60_000;

export interface Waiting {
  run: string;
  routine: string;
  repository: string;
  /** Instants in milliseconds since the epoch. Null: a person started it, and waits. */
  dueAt: number | null;
  /** Its due instant with the routine's jitter; not before. */
  startAt: number;
  queuedAt: number;
  /** Higher goes first. */
  priority: number;
  /** Beside other runs of its routine. */
  parallel: boolean;
  /** An earlier host had begun it: it goes on before anything new begins. */
  begun: boolean;
}

export interface Active {
  routine: string;
  repository: string;
  /** Rests until one of its loops fires: it takes no slot, but goes on without asking for one when it is woken. */
  resting?: boolean;
}

/** How many late runs may go now, and as of when. */
export interface Allowance {
  tokens: number;
  at: number;
}

export const fullAllowance: Allowance = { tokens: lateBurst, at: 0 };

export interface Plan {
  start: string[];
  allowance: Allowance;
  /** When to look again although nothing ended, in milliseconds since the epoch; null: no need. */
  lookAt: number | null;
}

export function planStarts(
  waiting: readonly Waiting[],
  active: readonly Active[],
  now: number,
  before: Allowance,
): Plan {
  // A clock that was set back must not hold everything until it has caught up.
  const since = Math.max(0, now - before.at);
  let tokens = now < before.at ? lateBurst : Math.min(lateBurst, before.tokens + since / lateEvery);
  const working: Active[] = [...active];
  const busy = () => working.filter((run) => !run.resting);
  const start: string[] = [];
  let lookAt: number | null = null;
  const look = (at: number) => {
    lookAt = Math.min(lookAt ?? at, at);
  };
  for (const run of [...waiting].sort(order)) {
    if (busy().length >= slots) break;
    // Only what the calendar has put off waits for its time: a clock that was set back holds nothing that a person or an earlier host began.
    if (run.startAt > now && run.dueAt !== null && !run.begun) {
      look(run.startAt);
      continue;
    }
    const inRepository = busy().filter((other) => other.repository === run.repository).length;
    // A resting run is still its routine's run.
    const besideItself = working.some((other) => other.routine === run.routine);
    if (inRepository >= slotsPerRepository || (!run.parallel && besideItself)) continue;
    if (run.dueAt !== null && now - run.startAt > lateAfter && !run.begun) {
      if (tokens < 1) {
        look(now + Math.ceil((1 - tokens) * lateEvery));
        continue;
      }
      tokens -= 1;
    }
    start.push(run.run);
    working.push(run);
  }
  return { start, allowance: { tokens, at: now }, lookAt };
}

/** What was begun, then what a person waits for, then by priority, then what has waited longest since its time. */
function order(a: Waiting, b: Waiting): number {
  return (
    Number(b.begun) - Number(a.begun) ||
    Number(b.dueAt === null) - Number(a.dueAt === null) ||
    b.priority - a.priority ||
    a.startAt - b.startAt ||
    a.queuedAt - b.queuedAt ||
    a.run.localeCompare(b.run)
  );
}
