/** What a person may do with a session: say something to it, cut in, go on from it elsewhere, take it back to an earlier turn. */
import { Fault } from '#contract/faults.ts';
import type { Door } from '#contract/questions.ts';
import type { Run } from '#contract/runs.ts';
import { mayBeTalkedTo } from '#contract/session-state.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { withdrawQuestions } from '#core/questions/questions.ts';
import type { Writer } from '#core/store/event-log.ts';
import { endRun } from '#core/supervisor/end.ts';
import { discard } from '#core/supervisor/keep.ts';
import { filesOf, type TalkParts } from './files-of.ts';
import { forgetFiles } from './forget-files.ts';
import { beginFrom, turnOf } from './fork.ts';
import { goOn } from './idle.ts';
import { leaveBehind } from './leave-behind.ts';

export interface Talk {
  /** Throws `not_found`, and `conflict` for one that is over for good. */
  say(id: string, text: string, how: { interrupt: boolean; door: Door }): Run;
  /** Throws `not_found`, `input` about the turn, `conflict` where the files of then are gone, `repo.*`. */
  fork(id: string, how: { atTurn?: number | undefined; prompt?: string | undefined }): Promise<string>;
  /** Throws as `fork`, and `conflict` for one that is over for good. */
  rewind(id: string, how: { toTurn: number; prompt?: string | undefined; door: Door }): Promise<Run>;
  /** Ends one for good, in one commit with `mark`, which may throw to forbid it. */
  end(id: string, mark: (writer: Writer, run: Run) => void): Promise<void>;
  /** Drops the files of turns of runs that are long over. Never throws. */
  forget(): Promise<void>;
}

/** What those need who hand sessions over as files. */
export interface Handing extends Pick<Talk, 'end'> {
  ledger: Pick<Ledger, 'queue'>;
  kick(): void;
}

export function createTalk(parts: TalkParts): Talk {
  const { store, clock, supervisor } = parts;

  function get(id: string): Run {
    const run = store.read.run(id);
    if (run) return run;
    throw new Fault('not_found', `There is no run "${id}".`, { field: 'run', cure: 'See `nightshift runs list`.' });
  }

  function requireAlive(run: Run): void {
    if (run.state !== 'ended' || mayBeTalkedTo(run, clock.now())) return;
    throw over(run);
  }

  return {
    say(id, text, { interrupt, door }) {
      store.commit((writer) => {
        const run = get(id);
        requireAlive(run);
        const said = writer.append({ type: 'person.said', run: id, text, by: door, interrupt });
        if (run.state === 'ended') goOn(store, writer, id, text, said.seq);
      });
      supervisor.kick();
      return get(id);
    },
    async fork(id, { atTurn, prompt }) {
      const source = get(id);
      const run = await beginFrom(parts, source, atTurn, prompt);
      supervisor.kick();
      return run;
    },
    async rewind(id, { toTurn, prompt, door }) {
      requireAlive(get(id));
      turnOf(store, get(id), toTurn);
      await supervisor.aside(id, async () => {
        const run = get(id);
        requireAlive(run);
        turnOf(store, run, toTurn);
        const files = await filesOf(parts, run, toTurn);
        store.commit((writer) => {
          // Whatever it asks belongs to what is left behind.
          withdrawQuestions(store, writer, id);
          writer.append({ type: 'history.rewound', run: id, turn: toTurn, files, by: door });
          leaveBehind(store, writer, run, toTurn);
          takeUp(writer, run, prompt, door);
        });
      });
      return get(id);
    },
    end: (id, mark) =>
      supervisor.aside(id, async () => {
        const before = get(id);
        store.commit((writer) => {
          mark(writer, before);
          if (before.state === 'ended') return;
          const reason = { code: 'run.stopped' as const, message: 'It was handed over and goes on elsewhere.' };
          endRun(parts, writer, id, { outcome: 'stopped', reason, proposal: before.proposal });
        });
        if (before.state !== 'ended') await clearAway(parts, before);
      }),
    forget: () => forgetFiles(parts),
  };

  function takeUp(writer: Writer, run: Run, prompt: string | undefined, by: Door): void {
    const { id } = run;
    const said = prompt && writer.append({ type: 'person.said', run: id, text: prompt, by, interrupt: false });
    if (run.state === 'ended') {
      if (said && prompt) goOn(store, writer, id, prompt, said.seq);
      return;
    }
    if (said && prompt) writer.append({ type: 'message.added', run: id, text: prompt, from: 'person', said: said.seq });
    if (run.state !== 'running') return;
    writer.append({ type: 'run.resumed', run: id, why: 'said' });
    writer.outbox.add('run', id);
  }
}

/** Where it cannot be removed it stays: nothing in it is needed any more. */
async function clearAway({ repositories, worktrees, log }: TalkParts, run: Run): Promise<void> {
  if (run.proposal || !run.repository || !run.branch) return;
  try {
    await discard({ repositories, worktrees }, run, await repositories.locate(run.repository));
  } catch (error) {
    log.error('removing the worktree of a run that was handed over', error, { run: run.id });
  }
}

function over(run: Run): Fault {
  const { id } = run;
  const why = run.handedOver ? 'was handed over and goes on elsewhere' : 'is over for good';
  const open = run.outcome === 'proposed' && !run.handedOver && run.proposal !== null;
  const revise = open
    ? `, or ask for changes while its proposal is open: \`nightshift proposals revise ${run.proposal}\``
    : '';
  return new Fault('conflict', `The run ${id} ${why}; nothing can be said to it any more.`, {
    field: 'run',
    cure: `Fork it, which goes on from what it did: \`nightshift runs fork ${id} --prompt '…'\`${revise}.`,
  });
}
