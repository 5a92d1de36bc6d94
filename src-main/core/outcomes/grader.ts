/** A grader in a fresh context with read-only hands: looks at the result until it gives its grade. */
import type { Message, MessageParam, ToolResultBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { HandsTool } from '#contract/hands.ts';
import type { CheckRound } from '#contract/runs.ts';
import { askBound, type SideParts } from '#core/budget/side-call.ts';
import type { Hands } from '#core/ports.ts';
import { apiTools, prepare } from '#core/tools/toolbox.ts';
import { Grade, graderSystem, gradeTool, gradingText } from './grader-prompt.ts';

/** A command that was run for the grading, by whom does not matter, with what it printed. */
export interface Heard {
  command: string;
  output: string;
}

export interface Graded {
  grade: Grade;
  heard: Heard[];
}

export interface Result {
  task: string;
  criteria: readonly string[];
  patch: string;
  checks: CheckRound | null;
}

const looking: readonly string[] = ['Bash', 'Read', 'Glob', 'Grep'] satisfies HandsTool[];
const tools = [...apiTools({ skilled: false }).filter(({ name }) => looking.includes(name)), gradeTool];

/** Answers; a grader that looks on and on has no grade. */
const mostTurns = 40;
/** Times that it is told how to answer. */
const mostReminders = 2;
/** Tokens of one answer, and milliseconds that it may take. */
const [longest, patience] = [8_192, 300_000];
/** Milliseconds that one of its commands may take. */
const commandTimeout = 300_000;

/** Null: it gave no grade. Throws `model.*`, `limit.*`, `sandbox.died`, and the reason of `signal`. */
export async function grade(
  parts: SideParts,
  hands: Hands,
  result: Result,
  signal: AbortSignal,
): Promise<Graded | null> {
  const heard: Heard[] = (result.checks?.results ?? []).map(({ command, output }) => ({ command, output }));
  const messages: MessageParam[] = [{ role: 'user', content: [{ type: 'text', text: gradingText(result) }] }];
  let reminders = 0;
  for (let turn = 0; turn < mostTurns; turn++) {
    const question = { purpose: 'grader', system: graderSystem, tools, messages, effort: 'medium' as const };
    const bound = parts.model.structured?.() ? { strict: true } : {};
    const answer = await askBound(parts, { ...question, ...bound, longest, patience }, signal);
    const { found, results } = await carryOut(answer, hands, heard, signal);
    if (found) return { grade: found, heard };
    if (answer.stop_reason === 'refusal' || answer.content.length === 0) return null;
    if (results.length === 0 && answer.stop_reason !== 'pause_turn' && ++reminders > mostReminders) return null;
    messages.push({ role: 'assistant', content: answer.content });
    if (results.length > 0) messages.push({ role: 'user', content: results });
    else if (answer.stop_reason !== 'pause_turn') messages.push({ role: 'user', content: reminder });
  }
  return null;
}

const reminder = 'Look at what you still need, then call Grade with one entry for each criterion.';

async function carryOut(
  { content, stop_reason }: Message,
  hands: Hands,
  heard: Heard[],
  signal: AbortSignal,
): Promise<{ found: Grade | null; results: ToolResultBlockParam[] }> {
  const results: ToolResultBlockParam[] = [];
  for (const block of content) {
    if (block.type !== 'tool_use') continue;
    if (block.name === 'Grade') {
      const read = Grade.safeParse(block.input);
      if (read.success) return { found: read.data, results };
      const why = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
      results.push(refused(block.id, `This is no grade that counts. ${why}`));
    } else if (stop_reason === 'max_tokens') results.push(refused(block.id, 'Your answer was cut; call it again.'));
    else results.push(await look(block, hands, heard, signal));
  }
  return { found: null, results };
}

async function look(
  { id, name, input }: { id: string; name: string; input: unknown },
  hands: Hands,
  heard: Heard[],
  signal: AbortSignal,
): Promise<ToolResultBlockParam> {
  const prepared = looking.includes(name) ? prepare(name, input) : null;
  if (!prepared) return refused(id, `You have ${looking.join(', ')} and Grade.`);
  if ('failure' in prepared) return refused(id, prepared.failure.text);
  const given: Record<string, unknown> = prepared.input;
  const timeout = Math.min(commandTimeout, Number(given.timeout ?? commandTimeout));
  const { ok, text } = await hands.call(name as HandsTool, name === 'Bash' ? { ...given, timeout } : given, signal);
  if (name === 'Bash') heard.push({ command: String(given.command), output: text });
  return ok ? { type: 'tool_result', tool_use_id: id, content: text } : refused(id, text);
}

function refused(tool_use_id: string, content: string): ToolResultBlockParam {
  return { type: 'tool_result', tool_use_id, content, is_error: true };
}
