/** How a session asks a person: the exact action as a stored question, the run parked on it, its place given to others. */
import type { Draft } from '#contract/events.ts';
import type { Action, Question } from '#contract/questions.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import { type Judge, workspace } from '#core/permissions/judge.ts';
import type { Clock, Hands, Ids } from '#core/ports.ts';
import { bindOf, isFresh } from '#core/questions/bind.ts';
import type { Store, Writer } from '#core/store/event-log.ts';
import { failure, type Tool, type ToolOutcome } from '#core/tools/tool.ts';
import type { Asked } from './asked.ts';

/** Who asks. */
export interface Asker {
  store: Store;
  clock: Clock;
  ids: Ids;
  run: string;
  spec: RoutineSpec;
  /** Others of the run may go on meanwhile: it is parked by the session only when nobody can. */
  alone?: boolean;
}

export interface Asking {
  action: Action;
  code: string;
  why: string;
}

/** Commits the question together with `before`, and unless others may go on, parks the run and gives its place free. */
export function ask(
  { store, clock, ids, run, spec, alone = true }: Asker,
  asking: Asking,
  before: Draft[] = [],
): Question {
  const now = clock.now();
  const deadline = new Date(now + spec.answerWithin * 60_000).toISOString();
  const { routine } = store.read.run(run) as Run;
  const question: Question = {
    ...{ id: ids.next('ask'), run, routine, ...asking, bind: bindOf(run, asking.action) },
    ...{ askedAt: new Date(now).toISOString(), deadline, state: 'open' },
    ...{ answeredAt: null, answeredBy: null, note: null, usedAt: null },
  };
  store.commit((writer) => {
    for (const draft of before) writer.append(draft);
    writer.append({ type: 'question.asked', run, question });
    if (alone) park(writer, question);
  });
  return question;
}

function park(writer: Writer, { id, run, deadline }: Question): void {
  writer.append({ type: 'run.parked', run, question: id, until: deadline });
  writer.outbox.done('run', run);
}

/** For a question on which nobody in the run can go on. False: it was answered meanwhile, so there is no need. */
export function parkOn(store: Store, question: string): boolean {
  return store.commit((writer) => {
    const asked = store.read.question(question);
    if (asked?.state !== 'open') return false;
    if (store.read.run(asked.run)?.parkedOn !== question) park(writer, asked);
    return true;
  });
}

/** The question about this call that nobody has answered yet. */
export function openQuestion({ questions }: Readonly<Asked>, call: string): Question | null {
  return questions.find(({ state, action }) => state === 'open' && 'call' in action && action.call === call) ?? null;
}

/** The call as a person is to see it; for a change of a file with its diff, made by the hands without writing it. */
export async function actionOf(
  { hands, judge, signal, seenAt = workspace }: { hands: Hands; judge: Judge; signal: AbortSignal; seenAt?: string },
  tool: Tool,
  input: Record<string, unknown>,
  call: string,
): Promise<Extract<Action, { kind: 'tool_call' }>> {
  const path = [input.file_path, input.path].find((each) => typeof each === 'string') ?? null;
  const preview =
    (tool.name === 'Edit' || tool.name === 'Write') && path !== null
      ? await hands.call(tool.name, { ...input, preview: true }, signal)
      : null;
  return {
    ...{ kind: 'tool_call', call, tool: tool.name, input, cwd: seenAt, policyVersion: judge.version },
    command: typeof input.command === 'string' ? input.command : null,
    path: path as string | null,
    patch: preview?.patch ?? null,
    contentHash: preview?.contentHash ?? null,
  };
}

export type Answered =
  | { kind: 'approved'; question: Question }
  | { kind: 'refused'; outcome: ToolOutcome }
  /** Nothing that counts any more. */
  | undefined;

/** What a person said of this call, if that still counts. */
export function answerTo({ asked, clock }: { asked: Readonly<Asked>; clock: Clock }, call: string): Answered {
  const question = asked.questions.findLast(({ action }) => 'call' in action && action.call === call);
  if (!question) return undefined;
  const { state, note, usedAt } = question;
  if (state === 'approved')
    return isFresh(question, clock.now()) && !usedAt ? { kind: 'approved', question } : undefined;
  const more = note ? ` They say: ${note}` : '';
  if (state === 'denied')
    return { kind: 'refused', outcome: failure('question.denied', `A person looked at this and denied it.${more}`) };
  if (state === 'expired')
    return {
      kind: 'refused',
      outcome: failure(
        'question.expired',
        `Nobody answered until ${question.deadline}, so this is denied. Go on without it, and say in not_done what is missing.`,
      ),
    };
  return undefined;
}
