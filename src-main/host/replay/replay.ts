/** Replays a cassette, as it is or with something changed, and says whether the same requests were sent, byte for byte. */
import type { Cassette, ReplayReport, RequestPart } from '#contract/cassettes.ts';
import { Fault } from '#contract/faults.ts';
import { RoutineSpec } from '#contract/routines.ts';
import { createKindBook } from '#core/agents/book.ts';
import { createHandOver, handOverAtStart } from '#core/instructions/hand-over.ts';
import type { InstructionFiles } from '#core/instructions/port.ts';
import { workspace } from '#core/permissions/judge.ts';
import type { Repositories } from '#core/ports.ts';
import { differingRequests } from '#core/replay/compare.ts';
import type { PlayParts } from '#core/replay/play.ts';
import { createSkillBook } from '#core/skills/book.ts';
import { ModelFacts } from '#host/model/model-table.ts';
import { runTape } from './run-tape.ts';

export interface ReplayChange {
  /** Instead of the routine's own. */
  prompt?: string;
  /** Instead of the routine's own. */
  goal?: string;
  rubric?: string;
  /** What is known of models, instead of what was known then. */
  models?: readonly ModelFacts[];
  /** Instruction files of this repository's head, instead of those that were handed over. */
  repository?: { path: string; repositories: Repositories; machine: InstructionFiles };
  /** Parts of the requests that may differ. */
  ignore?: readonly RequestPart[];
}

/** Asks no model and starts no sandbox. Throws `input` for a change that cannot be, and `repo.*`. */
export async function replayCassette(cassette: Cassette, change: ReplayChange = {}): Promise<ReplayReport> {
  const { head, events, requests, departs } = cassette;
  const instructions = change.repository && (await fromRepository(change.repository, hiredIn(cassette)));
  const known = change.models ?? readModels(head.models);
  const { requests: sent, end } = await runTape({
    ...{ events, seenAt: head.seenAt, models: known, changes: head.changes },
    spec: withWords(head.spec, change),
    ...(instructions ? { instructions } : {}),
  });
  const last = events.findLast((event) => event.type === 'run.ended');
  const whole = last?.type === 'run.ended' && last.reason?.code.startsWith('limit.') !== true;
  const ended = whole && last.outcome !== 'stopped' && last.outcome !== 'failed';
  const more = ended && end.kind === 'more' ? end.turn : null;
  const differing = differingRequests(requests, sent, { ignore: change.ignore ?? [], more });
  const first = differing[0] ?? null;
  const differ = end.verdicts.filter(({ before, after }) => before !== after);
  const verdicts = { found: end.verdicts.length, differ };
  const same = first === null && differ.length === 0;
  return { run: head.run, same, recorded: requests.length, sent: sent.length, first, differing, verdicts, departs };
}

/** Throws `input` for a list that is none. */
export function readModels(value: unknown): ModelFacts[] {
  const read = ModelFacts.array().safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new Fault('input', `The table of models cannot be read: ${issue?.path.join('.') || 'it'}: ${issue?.message}.`, {
    field: 'modelTable',
    cure: 'Write a JSON list of models, each with the fields that the cassette has under `models` in its first line.',
  });
}

function withWords(spec: RoutineSpec, { prompt, goal, rubric }: ReplayChange): RoutineSpec {
  const changed = { ...spec };
  for (const [field, wanted] of Object.entries({ prompt, goal, rubric })) {
    if (wanted === undefined) continue;
    const name = field as 'prompt' | 'goal' | 'rubric';
    const read = RoutineSpec.shape[name].safeParse(wanted);
    if (!read.success)
      throw new Fault('input', `The ${name} cannot be used: ${read.error.issues[0]?.message}.`, {
        field: name,
        cure: 'Give a text, @file, or - for standard input.',
      });
    changed[name] = read.data;
  }
  return changed;
}

type Hiring = { advisor: string | null } | undefined;

/** Undefined: the run began when there were no subagents yet. */
function hiredIn({ head, events }: Cassette): Hiring {
  const crewed = events.some((event) => event.type === 'instructions.loaded' && event.agents !== undefined);
  return crewed ? { advisor: head.spec.advisor ?? null } : undefined;
}

async function fromRepository(
  { path, repositories, machine }: NonNullable<ReplayChange['repository']>,
  hiring: Hiring,
): Promise<PlayParts['instructions']> {
  const { root, gitDirectory, head: commit } = await repositories.inspect(path);
  const sources = { repositories, machine, repo: { root, gitDirectory }, commit };
  const hired = hiring && { kinds: createKindBook(sources), ...hiring };
  return async (store, run) => {
    const book = createSkillBook({ ...sources, run, effort: 'high', seenAt: workspace, filesAt: undefined });
    return createHandOver(store, run, sources, await handOverAtStart(store, run, sources, book, hired));
  };
}
