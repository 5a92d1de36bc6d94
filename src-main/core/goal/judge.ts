/** One verdict on a goal: a model's, as far as its quote holds, and never against a check command. */
import { z } from 'zod';
import { GoalVerdict } from '#contract/aims.ts';
import type { CheckRound } from '#contract/runs.ts';
import type { AnswerSchema } from '#core/budget/side-call.ts';
import type { AskModel } from '#core/permissions/classifier.ts';
import { judgeSystem, renderRecord } from './judge-prompt.ts';
import { holdsQuote, type Piece, selectPieces } from './shown.ts';

export interface Ruling {
  verdict: GoalVerdict;
  reason: string;
  quote: string | null;
  /** No answer of the judge counts, which says nothing of the goal. */
  unusable?: true;
}

const Answer = z.object({
  verdict: GoalVerdict,
  quote: z.string().max(4000).nullish(),
  reason: z.string().trim().min(1).max(4000),
});

const schema: AnswerSchema = z.toJSONSchema(Answer, { io: 'input' });

/** Answers in no form that counts are asked for once more. */
const tries = 2;

/** Throws what `ask` throws. */
export async function judgeGoal(
  ask: AskModel,
  goal: string,
  record: { pieces: readonly Piece[]; patch: string; checks: CheckRound | null },
): Promise<Ruling> {
  const selected = selectPieces(record.pieces, record);
  const ruling = await answered(ask, renderRecord(goal, selected), selected.shown);
  const failing = record.checks?.results.find(({ passed }) => !passed);
  if (ruling.verdict !== 'met' || !failing) return ruling;
  const how = failing.exitCode === null ? 'it did not end by itself' : `exit code ${failing.exitCode}`;
  return { verdict: 'not_yet', quote: null, reason: `The check \`${failing.command}\` fails (${how}).` };
}

async function answered(ask: AskModel, text: string, shown: readonly Piece[]): Promise<Ruling> {
  for (let left = tries; left > 0; left--) {
    const read = Answer.safeParse(parsed(await ask(judgeSystem, text, schema)));
    if (!read.success) continue;
    const { verdict, reason, quote } = read.data;
    const held = quote && holdsQuote(shown, quote, verdict) ? quote : null;
    // What is missing may show nowhere; then the reason stands alone.
    if (held !== null || verdict === 'not_yet') return { verdict, reason, quote: held };
    const why = `The judge called it ${verdict}, but what it quotes is nowhere in the evidence: show it, for example by running the command that proves it.`;
    return { verdict: 'not_yet', reason: `${why} It said: ${reason}`, quote: null };
  }
  return { verdict: 'not_yet', reason: 'The judge gave no answer that counts.', quote: null, unusable: true };
}

/** The object in it: some models put words or a fence around what they were asked for. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(/\{[\s\S]*\}/.exec(text)?.[0] ?? '');
  } catch {
    return null;
  }
}
