/** Opens a skill for the agent: the call itself and every command in its text pass the gate before the first one is run. */
import type { Draft } from '#contract/events.ts';
import type { Question } from '#contract/questions.ts';
import { afterCall } from '#core/hooks/moments.ts';
import { inspectBySigns, ofTaint } from '#core/permissions/injection-probe.ts';
import { bindOf, isFresh } from '#core/questions/bind.ts';
import type { OpenSkill, SkillBook } from '#core/skills/book.ts';
import { commandsOf, mostCommands, runCommands } from '#core/skills/run-commands.ts';
import { bash } from '#core/tools/bash.ts';
import { failure, type Tool, type ToolOutcome } from '#core/tools/tool.ts';
import { isOutward, recorded } from '#core/trials/outward.ts';
import { actionOf, ask } from './ask.ts';
import { begin, denied, finish, type Prepared } from './call-record.ts';
import type { PendingCall } from './conversation.ts';
import type { CallParts } from './tool-call.ts';

type Parts = CallParts & { skills: SkillBook };

/** Null: the call has its result. A question: one of its steps is a person's to allow. */
export async function skillCall(
  parts: Parts,
  turn: number,
  call: PendingCall,
  { tool, input }: Prepared,
): Promise<Question | null> {
  const { skill: name, args = '' } = input as { skill: string; args?: string };
  const opened = await parts.skills.open('agent', name, args);
  const commands = 'missing' in opened ? [] : commandsOf(opened);
  const refusal =
    'missing' in opened
      ? opened.missing
      : commands.length > mostCommands
        ? `It has more than ${mostCommands} commands in its text, so it is not given.`
        : null;
  if (refusal !== null || 'missing' in opened) {
    begin(parts, turn, call, []);
    return finish(parts, call, failure('tool.not_found', refusal ?? ''));
  }
  const drafts: Draft[] = [];
  const steps: [Tool, Record<string, unknown>][] = [
    [tool, input],
    ...commands.map((command): [Tool, Record<string, unknown>] => [bash, { command }]),
  ];
  for (const [each, its] of steps) {
    const passed = await pass(parts, turn, call, each, its, drafts);
    if ('question' in passed) return passed.question;
    drafts.push(passed.draft);
    if (!passed.refused) continue;
    begin(parts, turn, call, drafts);
    return finish(parts, call, passed.refused);
  }
  begin(parts, turn, call, drafts);
  return await give(parts, turn, call, opened);
}

type Passed =
  | { question: Question }
  /** `refused`: what the model is told instead. */
  | { draft: Draft; refused: ToolOutcome | null };

async function pass(
  parts: Parts,
  turn: number,
  call: PendingCall,
  tool: Tool,
  input: Record<string, unknown>,
  before: Draft[],
): Promise<Passed> {
  const { judge, run, spec, signal, asked, clock } = parts;
  const action = await actionOf(parts, tool, input, call.id);
  const bind = bindOf(run, action);
  const yes = asked.questions.find((it) => it.bind === bind && !it.usedAt && isFresh(it, clock.now()));
  if (yes) return { draft: { type: 'question.used', run, question: yes.id }, refused: null };
  const verdict = await judge.judge(tool, input, signal);
  const { decision, code, rule, source, segment } = verdict;
  const draft: Draft = {
    ...{ type: 'permission.decided', run, turn, call: call.id, tool: tool.name },
    ...{ decision, code, rule, source, segment, policyVersion: judge.version },
  };
  if (parts.trial && isOutward(verdict, tool.name, input)) return { draft, refused: recorded(tool.name) };
  if (decision === 'allow') return { draft, refused: null };
  // Approvals that were found on the way are used when all of them are there.
  if (decision === 'ask' && verdict.approvable && spec.whenAsked === 'park') {
    const decided = [...before, draft].filter(({ type }) => type === 'permission.decided');
    return { question: ask(parts, { action, code: code ?? 'rule.ask', why: verdict.why }, decided) };
  }
  return { draft, refused: denied(tool.name, verdict, judge.version) };
}

async function give(parts: Parts, turn: number, call: PendingCall, opened: OpenSkill): Promise<null> {
  const { hands, signal, run, inspect = inspectBySigns } = parts;
  const { ok, text, found } = await runCommands(hands, inspect, opened, call.id, signal);
  const tainted: Draft[] = found ? [{ type: 'run.tainted', run, call: call.id, ...ofTaint(found) }] : [];
  const outcome: ToolOutcome = { ok: true, code: null, text, view: { kind: 'text', text } };
  const given = ok ? outcome : failure('tool.failed', text);
  finish(parts, call, given, tainted);
  await parts.hooks?.fire(afterCall(turn, call, given), parts);
  return null;
}
