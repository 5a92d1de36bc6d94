/** A new run that goes on from another one as it was after a turn: its conversation without thinking, its files, its own cost. */

import type { Draft, Event } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { RoutineSpec } from '#contract/routines.ts';
import { isTrial, type Run } from '#contract/runs.ts';
import type { Origin } from '#contract/session-events.ts';
import { taskRoutine } from '#contract/tasks.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { dollarsPerDay } from '#core/routines/tasks.ts';
import { asMessages, type History } from '#core/session/conversation.ts';
import { createHistory } from '#core/session/history.ts';
import { withoutThinking } from '#core/session/thinking.ts';
import type { Store, Writer } from '#core/store/event-log.ts';
import { filesOf, type TalkParts } from './files-of.ts';
import { inheritedBy } from './inherited.ts';
import { type PassedOn, passedOn } from './passed-on.ts';

/** What it is told where the person says nothing. */
export const goOnWords = {
  fork: 'Go on from here. This is a new run: its worktree has the files as they were at this point.',
  bundle: 'This session was handed over to another machine. Go on with the task from here; the files are as they were.',
};

/** The history after the turn, or after the last whole one. Throws `input` naming the turns that there are. */
export function turnOf(store: Store, run: Run, wanted: number | undefined): { turn: number; history: History } {
  return wholeTurn(eventsOf(store, run), run, wanted);
}

const eventsOf = (store: Store, { id }: Run) => store.events({ after: 0, run: id, limit: Number.MAX_SAFE_INTEGER });

export function wholeTurn(
  events: readonly Event[],
  { id, turns }: Pick<Run, 'id' | 'turns'>,
  wanted: number | undefined,
): { turn: number; history: History } {
  const { after, apply } = createHistory();
  for (const event of events) apply(event);
  for (let turn = wanted ?? turns; turn >= (wanted ?? 1); turn--) {
    const history = after(turn);
    if (history) return { turn, history };
  }
  const there =
    turns === 0
      ? 'It has no turn that is whole yet.'
      : `It has the turns 1 to ${turns}; the last may not be whole yet.`;
  throw new Fault('input', `The run ${id} cannot be taken at ${wanted ? `turn ${wanted}` : 'a turn'}. ${there}`, {
    field: 'turn',
    cure: turns === 0 ? 'Start a new run instead.' : `Choose one of these turns; see \`nightshift runs follow ${id}\`.`,
  });
}

/** In its conversation things are done that were recorded instead; a fork would be no trial any more. */
export function requireNoTrial(run: Run): void {
  if (!isTrial(run)) return;
  const { id, routine } = run;
  throw new Fault('conflict', `The run ${id} is a trial, so nothing can go on from it.`, {
    field: 'run',
    cure: `Run the routine itself: \`nightshift routines run ${routine}\`.`,
  });
}

/** Records the new run and the way to it from the old one; the caller starts it. Throws as `Talk.fork`. */
export async function beginFrom(
  parts: TalkParts,
  source: Run,
  atTurn: number | undefined,
  prompt: string | undefined,
): Promise<string> {
  const { store, snapshots, repositories } = parts;
  requireNoTrial(source);
  const spec = store.records.spec(source.id);
  const { turn, history } = turnOf(store, source, atTurn);
  const { base, baseBranch, repository } = source;
  if (!spec || !base || !baseBranch || !repository || !snapshots)
    throw new Fault('conflict', `The run ${source.id} never began, so there is nothing to go on from.`, {
      field: 'run',
      cure: 'Start a new run instead.',
    });
  parts.refuseLocked(spec);
  const files = await filesOf(parts, source, turn);
  const repo = await repositories.locate(repository);
  const start = await snapshots.branchAt(repo, files);
  const root = inheritedBy(store, source.id)?.base ?? base;
  const given = passedOn(eventsOf(store, source), history, files);
  return store.commit((writer) => {
    const from: Origin = { run: source.id, turn, how: 'fork' };
    const place = { base: root, baseBranch, start, files };
    const run = writeHeir(
      { ...parts, writer },
      { spec, from, history, given, place, prompt: prompt ?? goOnWords.fork },
    );
    writer.append({ type: 'run.forked', run: source.id, to: run, turn });
    return run;
  });
}

interface Heir {
  spec: RoutineSpec;
  from: Origin;
  history: History;
  given: PassedOn;
  place: { base: string; baseBranch: string; start: string; files: string };
  prompt: string;
}

/** Everything that the new run begins with, in one commit: nothing is paid for twice, for no answer of the old run is copied. */
export function writeHeir(
  { writer, ledger }: { writer: Writer; ledger: Pick<Ledger, 'queue'> },
  { spec, from, history, given, place, prompt }: Heir,
): string {
  const { limits, policies } = spec;
  const own = RoutineSpec.parse({
    ...{ ...spec, schedule: 'manual', paused: false },
    policies: { ...policies, overlap: 'parallel' },
    limits: { ...limits, dollarsPerDay },
  });
  const run = ledger.queue(writer, taskRoutine, own, { origin: from });
  const { said, instructions, skilled, usedSkills } = history;
  for (const draft of given.offered) writer.append({ ...draft, run } as Draft);
  writer.append({
    ...{ type: 'history.inherited', run, from, said, instructions, skilled, ...place },
    messages: withoutThinking([...history.messages, ...asMessages(history.held)]).map(({ role, content }) => ({
      role: role === 'assistant' ? role : 'user',
      content: (typeof content === 'string' ? [{ type: 'text', text: content }] : content) as { type: string }[],
    })),
    usedSkills: [...usedSkills].map(([name, text]) => ({ name, text })),
  });
  for (const draft of given.taints) writer.append({ ...draft, run } as Draft);
  if (given.left) writer.append({ type: 'message.added', run, text: given.left, from: 'nightshift' });
  writer.append({ type: 'message.added', run, text: prompt, from: 'person' });
  return run;
}
