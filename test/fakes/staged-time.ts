/** What time does to a night on the stage: routines in each other's way, due times that were missed, a drill. */
import type { DrillItem, DrillResult } from '#contract/drill.ts';
import type { Occurrence } from '#contract/ledger.ts';
import * as records from './records.ts';
import { routineFrom, type Stage } from './staged-host.ts';

const hour = 3_600_000;

/** Three routines of one repository at one time of day, one of every five minutes, and one that nothing was planned for. */
export function stageWeek(stage: Stage): void {
  const add = (id: string, name: string, schedule: string, repository = '/home/sam/code/orders') =>
    stage.routines.set(id, routineFrom(id, records.spec({ name, schedule, repository, timeZone: 'Europe/London' })));
  add('morning-brief', 'Morning brief', '0 6 * * *');
  add('stale-branches', 'Stale branches', '0 6 * * 1-5');
  add('licence-check', 'Licence check', '5 6 * * *');
  add('health-ping', 'Health ping', '*/5 * * * *', '/home/sam/code/checkout-web');
}

/** Two due times while the machine slept and one that could not begin. */
export function stageMissed(stage: Stage, now = Date.now()): void {
  missed(stage, 'overnight-log-triage', now - 2 * hour, { cause: 'asleep', reason: 'The machine was asleep.' });
  missed(stage, 'flaky-test-hunt', now - 3 * hour, { cause: 'asleep', reason: 'The machine was asleep.' });
}

export function missed(stage: Stage, routine: string, at: number, part: Partial<Occurrence> = {}): void {
  const dueAt = new Date(at).toISOString();
  const claimedAt = new Date().toISOString();
  const row = {
    routine,
    dueAt,
    claimedAt,
    state: 'skipped' as const,
    reason: null,
    run: null,
    claimedBy: 'host' as const,
  };
  const occurrence: Occurrence = { ...row, count: 1, cause: null, from: null, ...part };
  stage.say({ type: 'occurrence.claimed', routine, occurrence });
}

const words: Pick<DrillResult, 'fault' | 'done' | 'expected' | 'happened' | 'evidence'>[] = [
  {
    fault: 'runner_killed',
    done: 'killed the host in the middle of a run',
    expected: 'the run goes on with the next host, once',
    happened: 'it went on and ended with its proposal',
    evidence: ['ledger: 1 row, ran', 'run resumed 1 time', '1 proposal'],
  },
  {
    fault: 'slept',
    done: 'moved the clock over a night of sleep',
    expected: 'one catch-up, the other due times folded',
    happened: 'one run started late, 7 due times are folded',
    evidence: ['ledger: ran_late 1, coalesced 7'],
  },
  {
    fault: 'disk_full',
    done: 'filled the disk in the middle of a run',
    expected: 'the run ends with its reason',
    happened: 'a row is missing from the account',
    evidence: ['ledger: 0 rows'],
  },
  {
    fault: 'units_broken',
    done: 'edited and deleted the timers of the system',
    expected: 'the self-check names them and mends them',
    happened: 'there is no user manager on this machine',
    evidence: [],
  },
];
const states = ['held', 'held', 'failed', 'skipped'] as const;

/** A drill of four faults that stands still before the one at `until`, for ever or till its caller leaves. */
export function stageDrill(stage: Stage, until = words.length): { left: Promise<void> } {
  const left = Promise.withResolvers<void>();
  stage.drill = async function* (signal): AsyncGenerator<DrillItem> {
    const gone = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
    try {
      for (const [index, word] of words.entries()) {
        yield { kind: 'began', fault: word.fault, done: word.done };
        if (index === until) return await gone;
        const state = states[index] ?? 'held';
        const problems = state === 'failed' ? ['1 due time has no row'] : [];
        yield { kind: 'result', result: { ...word, state, problems, milliseconds: 4200 + index * 900 } };
      }
    } finally {
      left.resolve();
    }
  };
  return { left: left.promise };
}
