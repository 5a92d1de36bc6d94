/** What a hook says: its exit code, its JSON or plain words, taken for what they mean at its moment. */
import { z } from 'zod';
import type { HookDecision, HookMoment, HookOutcome } from '#contract/hooks.ts';
import type { HookDefinition } from './definition.ts';

/** How the command ended, before anybody has read what it printed. */
export interface Ended {
  outcome: Exclude<HookOutcome, 'blocked' | 'not_json'>;
  exitCode: number | null;
  milliseconds: number;
  out: string;
  err: string;
}

export interface HookAnswer {
  outcome: HookOutcome;
  exitCode: number | null;
  milliseconds: number;
  decision: HookDecision | null;
  reason: string | null;
  input?: Record<string, unknown>;
  context: string;
  message: string;
}

/** Characters of each text, as the published format has it. */
const longest = 10_000;
const Text = z.string().transform((text) => text.slice(0, longest).toWellFormed());

const Said = z.looseObject({
  continue: z.boolean().optional(),
  stopReason: Text.optional(),
  systemMessage: Text.optional(),
  decision: z.string().nullish(),
  reason: Text.nullish(),
  hookSpecificOutput: z
    .looseObject({
      hookEventName: z.string().optional(),
      permissionDecision: z.enum(['allow', 'deny', 'ask', 'defer']).optional(),
      permissionDecisionReason: Text.optional(),
      updatedInput: z.record(z.string(), z.unknown()).optional(),
      additionalContext: Text.optional(),
    })
    .optional(),
});

/** Plain words that these print are for the agent. */
const speaks: ReadonlySet<HookMoment> = new Set<HookMoment>(['SessionStart', 'UserPromptSubmit']);
/** Where exit code 2 and `decision: block` say no; elsewhere they are only shown. */
const stops: ReadonlySet<HookMoment> = new Set<HookMoment>([
  ...(['PreToolUse', 'UserPromptSubmit', 'PreCompact', 'Stop', 'SubagentStop'] as const),
]);
/** Where they are told to the agent, though what it is about has happened. */
const tells: ReadonlySet<HookMoment> = new Set<HookMoment>(['PostToolUse', 'PostToolUseFailure']);
/** Of these a failure never says no: the session could not end. */
const endings: ReadonlySet<HookMoment> = new Set<HookMoment>(['Stop', 'SubagentStop']);

/** Never throws. */
export function readAnswer({ moment, blocksOnFailure }: HookDefinition, ended: Ended): HookAnswer {
  const { outcome, exitCode, milliseconds } = ended;
  const [out, err] = [cut(ended.out), cut(ended.err)];
  const plain: HookAnswer = {
    ...{ outcome, exitCode, milliseconds, decision: null, reason: null, context: '', message: '' },
  };
  const failed = (how: HookAnswer): HookAnswer =>
    blocksOnFailure && !endings.has(moment) ? no(moment, how, how.message || 'The hook failed.') : how;
  if (outcome === 'failed' && exitCode === 2)
    return no(moment, { ...plain, outcome: 'blocked' }, err || out || 'The hook says no, without a reason.');
  if (outcome !== 'ok') return failed({ ...plain, message: err || out });
  if (!out.startsWith('{')) return speaks.has(moment) ? { ...plain, context: out } : plain;
  const said = parse(ended.out.trim());
  return said ? withWords(moment, plain, said) : failed({ ...plain, outcome: 'not_json', message: out.slice(0, 500) });
}

function withWords(moment: HookMoment, plain: HookAnswer, said: z.output<typeof Said>): HookAnswer {
  const own = said.hookSpecificOutput;
  const special = own && (own.hookEventName ?? moment) === moment ? own : {};
  const context = special.additionalContext ?? '';
  const answer: HookAnswer = { ...plain, context, message: said.systemMessage ?? '' };
  if (said.continue === false)
    return { ...answer, decision: 'stop', reason: said.stopReason ?? said.reason ?? 'A hook ended the session.' };
  if (said.decision === 'block') return no(moment, answer, said.reason ?? 'The hook says no, without a reason.');
  // What is said at the end of a turn is meant to be worked on.
  if (endings.has(moment) && context !== '') return { ...answer, decision: 'block', reason: context };
  return moment === 'PreToolUse' ? withPermission(answer, said, special) : answer;
}

type Special = NonNullable<z.output<typeof Said>['hookSpecificOutput']>;

/** What a hook says of a call that is about to be made. */
function withPermission(answer: HookAnswer, said: z.output<typeof Said>, special: Special): HookAnswer {
  const { permissionDecision: wish, permissionDecisionReason = null, updatedInput } = special;
  const given = updatedInput ? { input: updatedInput } : {};
  if (wish === 'deny')
    return no('PreToolUse', answer, permissionDecisionReason ?? 'The hook says no, without a reason.');
  const decision =
    wish === 'ask' || wish === 'defer' ? 'ask' : wish === 'allow' || said.decision === 'approve' ? 'allow' : null;
  return { ...answer, ...given, decision, reason: permissionDecisionReason ?? said.reason ?? null };
}

function no(moment: HookMoment, answer: HookAnswer, reason: string): HookAnswer {
  if (moment === 'PreToolUse') return { ...answer, decision: 'deny', reason };
  const words = [answer.context, reason].filter(Boolean).join('\n');
  if (stops.has(moment)) return { ...answer, decision: 'block', reason, context: endings.has(moment) ? words : '' };
  if (tells.has(moment)) return { ...answer, decision: 'block', reason, context: words };
  return { ...answer, message: answer.message || reason };
}

function parse(text: string): z.output<typeof Said> | null {
  try {
    return Said.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

const cut = (text: string) => text.trim().slice(0, longest).toWellFormed();
