/**
 * The model that judges what no rule speaks of, in two stages: a quick yes that must be clear, then a decision with its
 * reason. It sees the person's words and the calls, neither results nor what the agent says about itself.
 */
import { z } from 'zod';
import type { AnswerSchema } from '#core/budget/side-call.ts';
import { type Embedding, fastSystem, fullSystem, renderFacts } from './classifier-prompt.ts';
import { workspace } from './judge.ts';
import type { SeenCall } from './witness.ts';

export interface Facts {
  words: readonly string[];
  /** Before the present one, oldest first. */
  calls: readonly SeenCall[];
  present: SeenCall;
}

/** Asks a model one question without tools; throws what stands in the way. `schema`: of the JSON that the answer is to be. */
export type AskModel = (system: string, text: string, schema?: AnswerSchema) => Promise<string>;

/** Why it was not allowed; a code, once shipped, keeps its meaning. */
export const denialCodes = [
  'auto.destructive',
  'auto.exfiltration',
  'auto.overreach',
  'auto.escalation',
  'auto.outward',
] as const;

export type Ruling =
  | { kind: 'allow' }
  | { kind: 'deny'; code: (typeof denialCodes)[number]; reason: string }
  /** It cannot be asked about this, or its answer was not in the one form that counts. */
  | { kind: 'unclear'; why: string };

const Full = z.union([
  z.strictObject({ decision: z.literal('allow') }),
  z.strictObject({
    decision: z.literal('deny'),
    code: z.enum(denialCodes),
    reason: z.string().trim().min(1).max(400),
  }),
]);

/** As far as an answer can be bound to it. */
const fullSchema: AnswerSchema = {
  type: 'object',
  properties: {
    decision: { type: 'string', enum: ['allow', 'deny'] },
    code: { type: 'string', enum: [...denialCodes], description: 'Of a denial only' },
    reason: { type: 'string', description: 'Of a denial only' },
  },
  required: ['decision'],
};

/** Bytes of a call's input; a longer one is a person's. */
const longestCall = 24_000;

/** `seenAt`: path of the worktree inside the sandbox. Throws what `ask` throws. */
export async function classify(
  ask: AskModel,
  facts: Facts,
  seenAt: string = workspace,
  of: Embedding = 'run',
): Promise<Ruling> {
  const text = renderFacts(facts);
  if (Buffer.byteLength(JSON.stringify(facts.present.input)) > longestCall)
    return { kind: 'unclear', why: 'The call is too long for the classifier.' };
  if ((await ask(fastSystem(seenAt, of), text)).trim() === 'ALLOW') return { kind: 'allow' };
  const answer = Full.safeParse(parsed(await ask(fullSystem(seenAt, of), text, fullSchema)));
  if (!answer.success) return { kind: 'unclear', why: 'The classifier gave no answer that counts.' };
  const { data } = answer;
  return data.decision === 'allow' ? { kind: 'allow' } : { kind: 'deny', code: data.code, reason: data.reason };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
