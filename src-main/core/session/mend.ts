/** What a session does itself about an answer that failed: another model, a summary, or going on without old thinking. */
import { Fault } from '#contract/faults.ts';
import type { ResolvedModel } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import type { History } from './conversation.ts';
import { withoutStrict } from './offer.ts';
import { countThinking } from './thinking.ts';

export interface Mended {
  /** The one that answers from here on. */
  model: ResolvedModel;
  /** The count of summaries when the conversation did not fit any more: until there is one more, one is due. */
  fullAt: number | null;
}

interface Parts extends Mended {
  store: Store;
  run: string;
  signal: AbortSignal;
  fallback?: () => Promise<ResolvedModel | null>;
}

/** Throws `error` itself when nothing can be done about it; each thing is done once for one cause. */
export async function mend(parts: Parts, history: Readonly<History>, error: unknown): Promise<Mended> {
  const { model, fullAt, signal } = parts;
  if (!(error instanceof Fault) || signal.aborted) throw error;
  switch (error.code) {
    case 'model.refused':
      return { fullAt, model: await otherModel(parts, error) };
    case 'model.context_full':
      if (fullAt === history.compactions || history.turns === 0) throw error;
      return { model, fullAt: history.compactions };
    case 'model.thinking_invalid':
      withoutThinking(parts, history, error);
      return { model, fullAt };
    case 'model.schema_refused':
      withoutStrict(parts, history, error);
      return { model, fullAt };
    case 'model.bad_request':
      // Of a first request that is refused for whatever reason, bound inputs are what most addresses know least.
      if (history.turns > 0) throw error;
      withoutStrict(parts, history, error);
      return { model, fullAt };
    default:
      throw error;
  }
}

async function otherModel({ store, run, model, fallback }: Parts, error: Fault): Promise<ResolvedModel> {
  const other = await fallback?.();
  if (!other || other.id === model.id) throw error;
  const why = error.message;
  store.commit((writer) => writer.append({ type: 'model.switched', run, from: model.id, to: other.id, why }));
  return other;
}

function withoutThinking({ store, run }: Parts, history: Readonly<History>, error: Fault): void {
  const blocks = countThinking(history);
  if (blocks === 0) throw error;
  store.commit((writer) => writer.append({ type: 'thinking.dropped', run, blocks, why: error.message }));
}
