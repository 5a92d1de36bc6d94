/** What watches a run beside its rules: what its calls bring back, and in auto mode the model that judges what no rule speaks of. */
import { Fault } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Purse } from '#core/budget/purse.ts';
import { askBeside, type SideQuestion } from '#core/budget/side-call.ts';
import type { Embedding } from '#core/permissions/classifier-prompt.ts';
import { type Inspect, inspectBySigns, inspectWithModel, probeSystem } from '#core/permissions/injection-probe.ts';
import type { Judge } from '#core/permissions/judge.ts';
import { withSecondOpinion } from '#core/permissions/second-opinion.ts';
import { createWitness } from '#core/permissions/witness.ts';
import type { Clock, Models, ResolvedModel } from '#core/ports.ts';
import { createAsked } from '#core/session/asked.ts';
import { payerOf } from '#core/session/limits.ts';
import type { Store } from '#core/store/event-log.ts';

interface Parts {
  store: Store;
  clock: Clock;
  purse: Purse;
  models: Models;
  /** Path of the worktree inside the sandbox. */
  seenAt: string;
  /** Whose agent it is; a run's when left out. */
  of?: Embedding;
}

export interface Watch {
  judge: Judge;
  inspect: Inspect;
}

/** `rules`: the judge by rules alone. `model`: the run's own. */
export async function watchRun(
  parts: Parts,
  run: string,
  spec: RoutineSpec,
  rules: Judge,
  model: ResolvedModel,
): Promise<Watch> {
  const { store } = parts;
  const known = readAlong(store, run);
  const auto = spec.permissionMode === 'auto';
  const second = auto ? await secondModel(parts.models, model) : { missing: 'It is not in auto mode.' };
  const say = (purpose: string, question: Pick<SideQuestion, 'system' | 'text' | 'schema'>, signal: AbortSignal) => {
    if ('missing' in second) throw new Fault('model.unreachable', second.missing);
    const payer = () => payerOf({ store, run, spec }, known().asked);
    return askBeside({ ...parts, model: second, payer }, { purpose, ...question }, signal);
  };
  const judge = withSecondOpinion({
    rules,
    seenAt: parts.seenAt,
    ...(parts.of ? { of: parts.of } : {}),
    seen: () => known().seen,
    network: spec.network.length > 0,
    ask:
      'missing' in second
        ? second
        : (signal) => (system, text, schema) =>
            say('classifier', { system, text, ...(schema ? { schema } : {}) }, signal),
    alert: (why) => alert(store, run, why),
  });
  const inspect = auto
    ? inspectWithModel((text, signal) => say('probe', { system: probeSystem, text }, signal))
    : inspectBySigns;
  return { judge, inspect };
}

async function secondModel(models: Models, own: ResolvedModel): Promise<ResolvedModel | { missing: string }> {
  try {
    return (await models.second(own)) ?? { missing: 'This run plays recorded answers, and they can judge nothing.' };
  } catch (error) {
    if (error instanceof Fault) return { missing: `The classifier cannot be asked: ${error.message}` };
    throw error;
  }
}

/** The run's events as far as they are committed, folded once each. */
function readAlong(store: Store, run: string) {
  const witness = createWitness();
  const questions = createAsked();
  let after = 0;
  return () => {
    for (const event of store.events({ after, run, limit: Number.MAX_SAFE_INTEGER })) {
      after = event.seq;
      witness.apply(event);
      questions.apply(event);
    }
    return { seen: witness.seen, asked: questions.asked };
  };
}

function alert(store: Store, run: string, why: string): void {
  const routine = store.read.run(run)?.routine ?? null;
  const text = `Auto mode had nobody to ask in ${run}, so a person is asked or it is denied. ${why}`;
  store.commit((writer) => writer.append({ type: 'alert.raised', about: run, routine, text }));
}
