/** Sessions on the stage that can be talked to: what is said is heard, and a fork is another row. */
import type { Handlers } from '#contract/api.ts';
import type { Draft } from '#contract/events.ts';
import type { Run } from '#contract/runs.ts';

type Talking = Pick<Handlers['runs'], 'start' | 'say' | 'fork' | 'rewind' | 'handOver' | 'take'>;

export function stagedTalk(say: (event: Draft) => void, get: (run: string) => Run): Talking {
  let forks = 0;
  return {
    start: async ({ task }) => {
      forks += 1;
      const run = `run-t${String(forks).padStart(9, '0')}`;
      say({ type: 'run.queued', run, routine: 'one-off', trigger: { kind: 'person' } });
      say({ type: 'message.added', run, text: task.prompt, from: 'routine' });
      return { run };
    },
    say: async ({ run, text, interrupt, door }) => {
      say({ type: 'person.said', run, text, by: door, interrupt });
      if (interrupt) say({ type: 'turn.interrupted', run, turn: get(run).turns });
      return get(run);
    },
    fork: async ({ run, atTurn }) => {
      const source = get(run);
      const turn = atTurn ?? source.turns;
      forks += 1;
      const to = `run-f${String(forks).padStart(9, '0')}`;
      const origin = { run, turn, how: 'fork' as const };
      say({ type: 'run.queued', run: to, routine: 'one-off', trigger: { kind: 'person' }, origin });
      say({ type: 'run.forked', run, to, turn });
      return { run: to };
    },
    rewind: async ({ run, toTurn, door }) => {
      say({ type: 'history.rewound', run, turn: toTurn, files: 'a'.repeat(40), by: door });
      return get(run);
    },
    handOver: async ({ run, door }) => {
      say({ type: 'run.handed_over', run, turn: get(run).turns, bundle: 'b'.repeat(64), by: door });
      return { name: `${run}.session.jsonl`, text: '{}\n', sha256: 'b'.repeat(64) };
    },
    take: async () => ({ run: 'run-00000000' }),
  };
}
