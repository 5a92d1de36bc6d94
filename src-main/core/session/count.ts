/** Counts a prompt exactly before it is taken to be too dear: by its bytes alone it is reckoned at several times its tokens. */
import type { RoutineSpec } from '#contract/routines.ts';
import type { ResolvedModel } from '#core/ports.ts';
import type { History } from './conversation.ts';
import { offeredTools } from './offer.ts';

export interface Counted {
  /** Length of the history that was counted. */
  bytes: number;
  /** Null: the address does not count. */
  tokens: number | null;
}

/** `counted`: as it stands now, it has been asked what it comes to. `estimated`: and its last request is the answer. */
export type Countable = History & { counted?: boolean; estimated?: boolean };

/** What a count may be off by: the API calls it an estimate, and a cap must hold. */
const margin = 1.05;

interface Parts {
  model: ResolvedModel;
  spec: RoutineSpec;
  signal: AbortSignal;
}

export async function countPrompt(
  { model, spec, signal }: Parts,
  history: Readonly<History>,
  system: string,
): Promise<Counted> {
  const { messages, bytes } = history;
  const request = { system, ...offeredTools(history), messages, maxTokens: 1, effort: spec.effort };
  const tokens = (await model.count?.(request, signal)) ?? null;
  return { bytes, tokens: tokens === null ? null : Math.ceil(tokens * margin) };
}

/** The history with its prompt as counted, as long as nothing was added since. */
export function withCount(history: Readonly<History>, counted: Counted | null): Readonly<Countable> {
  if (counted?.bytes !== history.bytes) return history;
  const { bytes, tokens } = counted;
  return { ...history, counted: true, ...(tokens === null ? {} : { estimated: true, lastRequest: { bytes, tokens } }) };
}
