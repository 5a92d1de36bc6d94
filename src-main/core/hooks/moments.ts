/** What each moment tells its hooks, and what their answer means there. */
import { Fault } from '#contract/faults.ts';
import type { ToolOutcome } from '#core/tools/tool.ts';
import type { Fired, FiredBy, Firing, Hooks } from './hooks.ts';

interface Call {
  id: string;
  name: string;
  input: unknown;
}

/** Before a tool call is judged. `input`: as its tool has it. */
export const beforeCall = (turn: number, { id, name, input }: Call): Firing => ({
  ...{ moment: 'PreToolUse', subject: name, turn, call: id },
  told: { tool_name: name, tool_input: input, tool_use_id: id },
});

/** After a tool was really used. */
export function afterCall(turn: number, { id, name, input }: Call, { ok, text, view }: ToolOutcome): Firing {
  const told = { tool_name: name, tool_input: input, tool_use_id: id };
  const at = { subject: name, turn, call: id };
  if (!ok) return { moment: 'PostToolUseFailure', ...at, told: { ...told, error: text, is_interrupt: false } };
  const { file_path: filePath } = (input ?? {}) as { file_path?: unknown };
  const response = {
    ...{ success: true, text },
    ...(typeof filePath === 'string' ? { filePath } : {}),
    ...(view.kind === 'terminal'
      ? { stdout: view.output, stderr: '', interrupted: false, exitCode: view.exitCode }
      : {}),
  };
  return { moment: 'PostToolUse', ...at, told: { ...told, tool_response: response } };
}

/** Blocks of the end of one turn after the other; then it ends all the same. */
export const mostBlocks = 8;

/**
 * The agent, or a subagent, has ended its turn. False: a hook wants it to go on, and has said why. `blocks`: how often it
 * was sent on in a row by now.
 */
export async function mayStop(
  hooks: Hooks | undefined,
  { turn, lastText, blocks }: { turn: number; lastText: string; blocks: number },
  by: FiredBy,
): Promise<boolean> {
  const moment = by.thread ? 'SubagentStop' : 'Stop';
  if (!hooks?.has(moment) || blocks >= mostBlocks) return true;
  const told = { stop_hook_active: blocks > 0, last_assistant_message: lastText };
  const { decision } = await hooks.fire({ moment, subject: by.thread?.type ?? '', turn, told }, by);
  return decision !== 'block';
}

/** A subagent begins; what its hooks say is told to it. */
export const subagentStarts = (type: string): Firing => ({
  ...{ moment: 'SubagentStart', subject: type, turn: 0 },
  told: {},
});

/** `startup`: the run begins. `resume`: it is taken up again, in a new sandbox. `compact`: after a summary. */
export const starts = (turn: number, source: 'startup' | 'resume' | 'compact', model: string): Firing => ({
  ...{ moment: 'SessionStart', subject: source, turn },
  told: { source, model },
});

export const prompted = (turn: number, prompt: string): Firing => ({
  ...{ moment: 'UserPromptSubmit', subject: '', turn },
  told: { prompt },
});

/**
 * A summary is about to take the place of the conversation. False: a hook does not want that. `needed`: without it there
 * is no further answer; then what a hook says ends the session, as `model.context_full`.
 */
export async function mayCompact(
  hooks: Hooks | undefined,
  { turn, needed }: { turn: number; needed: boolean },
  by: FiredBy,
): Promise<boolean> {
  const told = { trigger: 'auto', custom_instructions: '' };
  const fired = await hooks?.fire({ moment: 'PreCompact', subject: 'auto', turn, told }, by);
  if (!fired || !isNo(fired)) return true;
  // One that ends the session has done so.
  if (!needed || fired.decision === 'stop') return false;
  throw new Fault(
    'model.context_full',
    `The conversation fills the model’s context, and a hook (PreCompact) forbids its summary: ${fired.reason}`,
    { cure: 'Change that hook, give the routine a smaller task, or a model with a larger context.' },
  );
}

export const ends = (turn: number, reason: string): Firing => ({
  ...{ moment: 'SessionEnd', subject: reason, turn },
  told: { reason },
});

export const asksPerson = (turn: number, message: string): Firing => ({
  ...{ moment: 'Notification', subject: 'permission_prompt', turn },
  told: { message, title: 'Nightshift', notification_type: 'permission_prompt' },
});

export const isNo = ({ decision }: Fired): boolean =>
  decision === 'deny' || decision === 'block' || decision === 'stop';
