/** The judge of a run behind its rules: the classifier for what they leave open, and a person for all that is outward once a result has spoken to the agent. */
import { isHeldUp } from '#core/budget/failed-try.ts';
import { canonical } from '#core/questions/bind.ts';
import type { Tool } from '#core/tools/tool.ts';
import { type AskModel, classify, type Ruling } from './classifier.ts';
import type { Embedding } from './classifier-prompt.ts';
import type { Judge, Verdict } from './judge.ts';
import type { Seen, Taint } from './witness.ts';

export interface OpinionParts {
  rules: Judge;
  /** Path of the worktree inside the sandbox; `/workspace` when left out. */
  seenAt?: string;
  /** Whose agent it is; a run's when left out. */
  of?: Embedding;
  /** As the run stands now. */
  seen(): Readonly<Seen>;
  /** The run may reach hosts. */
  network: boolean;
  /** Null: there is none; the sentence says why. */
  ask: ((signal: AbortSignal) => AskModel) | { missing: string };
  /** Called once a run, when the classifier cannot be asked. */
  alert(why: string): void;
}

/** Only what the rules leave to it is judged anew; it never allows what they ask or deny. */
export function withSecondOpinion({ rules, seenAt, of, seen, network, ask, alert }: OpinionParts): Judge {
  /** Rulings of this go by the exact call and what the person had said by then. */
  const known = new Map<string, Ruling>();

  async function rule(tool: Tool, input: unknown, signal: AbortSignal): Promise<Ruling> {
    if (typeof ask !== 'function') return { kind: 'unclear', why: ask.missing };
    const { words, calls } = seen();
    const key = canonical([tool.name, input, words]);
    const before = known.get(key);
    if (before) return before;
    const ruling = await classify(ask(signal), { words, calls, present: { tool: tool.name, input } }, seenAt, of);
    if (ruling.kind !== 'unclear') known.set(key, ruling);
    return ruling;
  }

  async function classified(found: Verdict, tool: Tool, input: unknown, signal: AbortSignal): Promise<Verdict> {
    let ruling: Ruling;
    try {
      ruling = await rule(tool, input, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (isHeldUp(error)) throw error;
      ruling = { kind: 'unclear', why: `The classifier cannot be asked: ${(error as Error).message}` };
    }
    if (ruling.kind === 'allow')
      return { ...found, decision: 'allow', code: null, source: 'classifier', why: 'The classifier allows it.' };
    if (ruling.kind === 'deny')
      return {
        ...found,
        decision: 'deny',
        code: ruling.code,
        source: 'classifier',
        why: `The classifier denies it: ${ruling.reason}`,
        hint: adjust,
      };
    if (!seen().alerted) alert(ruling.why);
    return {
      ...{ ...found, decision: 'ask', code: 'auto.unavailable', approvable: true },
      why: `${ruling.why} Without it nothing is allowed that no rule allows.`,
      hint: 'An allow rule for exactly this, or the approval of a person.',
    };
  }

  return {
    version: rules.version,
    async judge(tool, input, signal) {
      const found = await rules.judge(tool, input, signal);
      // What was seen is read from the log: only where it can matter.
      const { taint } = found.decision !== 'deny' && isOutward(tool, found, network) ? seen() : untouched;
      if (taint) return afterTaint(found, taint);
      return found.decision === 'ask' && found.code === 'auto.unclassified'
        ? await classified(found, tool, input, signal)
        : found;
    },
  };
}

const untouched = { taint: null };

const adjust =
  'Reach the aim of the task in a way that this does not apply to, or leave it out and say so in not_done.';

/** It can reach something outside, or nobody knows what it does. */
function isOutward(tool: Tool, { code, onlyLooks }: Verdict, network: boolean): boolean {
  if (code === 'auto.unclassified' || /^(WebFetch|WebSearch|mcp__.*)$/.test(tool.name)) return true;
  return network && tool.class === 'execute' && !onlyLooks;
}

function afterTaint(found: Verdict, { source, sign, excerpt, unprobed }: Taint): Verdict {
  return {
    ...{ ...found, decision: 'ask', code: 'auto.injection', approvable: true },
    why: `The result of an earlier call (${source}) ${unprobed === undefined ? 'held' : `could not be probed (${unprobed}) and may hold`} ${sign}: "${excerpt.slice(0, 160)}". Since then everything that reaches outside is a person's to allow.`,
    hint: 'Do what is left of the task without it, and say what is missing in not_done.',
  };
}
