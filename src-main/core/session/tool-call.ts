/** One tool call, from the model's wish to a committed result or a question. A failed tool is data; it never ends the session. */
import type { Draft } from '#contract/events.ts';
import type { Action, Question } from '#contract/questions.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Hooks, Speaker } from '#core/hooks/hooks.ts';
import { afterCall } from '#core/hooks/moments.ts';
import { asData, type Inspect, inspectBySigns, ofTaint } from '#core/permissions/injection-probe.ts';
import type { Judge } from '#core/permissions/judge.ts';
import type { Clock, Hands, Ids, ResolvedModel } from '#core/ports.ts';
import { bindOf } from '#core/questions/bind.ts';
import type { SkillBook } from '#core/skills/book.ts';
import type { Store, Writer } from '#core/store/event-log.ts';
import { crewTools } from '#core/tools/agents.ts';
import type { LoopBook } from '#core/tools/loops.ts';
import type { MemoryBook } from '#core/tools/memory.ts';
import { failure, type ToolOutcome } from '#core/tools/tool.ts';
import { type Having, prepare } from '#core/tools/toolbox.ts';
import { isOutward, recorded } from '#core/trials/outward.ts';
import { actionOf, answerTo, ask, openQuestion } from './ask.ts';
import type { Asked } from './asked.ts';
import { begin, denied, finish, lastingBefore, type Prepared } from './call-record.ts';
import type { PendingCall } from './conversation.ts';
import type { Crew } from './crew.ts';
import { hookedCall, withWish } from './hooked-call.ts';
import { askForLeftOut } from './left-out.ts';
import { skillCall } from './skill-call.ts';

export interface CallParts {
  store: Store;
  clock: Clock;
  ids: Ids;
  hands: Hands;
  run: string;
  trial?: boolean;
  spec: RoutineSpec;
  signal: AbortSignal;
  loops: LoopBook;
  /** Left out: the run has no skill that the agent may call. */
  skills?: SkillBook;
  /** Left out: the run has none. */
  memory?: MemoryBook;
  judge: Judge;
  inspect?: Inspect;
  asked: Readonly<Asked>;
  /** Left out: none. */
  hooks?: Hooks;
  /** Left out: the run's own agent calls. */
  thread?: Speaker;
  /** What the model was given of the tools. */
  having: Having;
  /** Left out: nobody works for it. */
  crew?: Crew;
  /** As in `Asker`. */
  alone?: boolean;
  /** The one that answers; left out: nothing is known of it. */
  model?: Pick<ResolvedModel, 'seesImages'>;
  /** That the conversation holds already. */
  images?: number;
}

/**
 * Null: the call has its result. A question: the run is parked on it and the session ends here for now.
 * A call that an earlier host began is not done again, for what it did is unknown; nor is one whose input was cut.
 */
export async function doCall(parts: CallParts, turn: number, call: PendingCall): Promise<Question | null> {
  if (call.begun) return await goneOn(parts, call);
  const waiting = openQuestion(parts.asked, call.id);
  return waiting ?? (await fromItsBeginning(parts, turn, call));
}

/** Whoever was set to work goes on; of everything else nobody knows how far it came. */
async function goneOn(parts: CallParts, call: PendingCall): Promise<Question | null> {
  return parts.crew && crewTools.has(call.name) ? await hired(parts, call) : finish(parts, call, interrupted);
}

async function fromItsBeginning(parts: CallParts, turn: number, call: PendingCall): Promise<Question | null> {
  const refuse = (outcome: ToolOutcome): null => {
    begin(parts, turn, call, []);
    return finish(parts, call, outcome);
  };
  if (call.name !== 'Propose' && (parts.store.read.run(parts.run)?.toolCalls ?? 0) >= parts.spec.limits.toolCalls)
    return refuse(tooManyCalls);
  const { having } = parts;
  const prepared = call.cut ? { failure: cutOff } : prepare(call.name, call.input, having);
  if ('failure' in prepared) return refuse(prepared.failure);
  const hooked = await hookedCall(parts.hooks, turn, { ...call, input: prepared.input }, parts);
  if ('refused' in hooked) return refuse(hooked.refused);
  const hookedParts = { ...parts, judge: withWish(parts.judge, hooked.asks) };
  if (!hooked.input) return await allowedCall(hookedParts, turn, call, prepared);
  const other = prepare(call.name, hooked.input, having);
  if ('failure' in other) return refuse(other.failure);
  return await allowedCall(hookedParts, turn, { ...call, input: hooked.input }, other);
}

/** What a person has said of it, or else the rules. */
async function allowedCall(
  parts: CallParts,
  turn: number,
  call: PendingCall,
  prepared: Prepared,
): Promise<Question | null> {
  const answer = answerTo(parts, call.id);
  if (answer?.kind === 'refused') {
    begin(parts, turn, call, []);
    return finish(parts, call, answer.outcome);
  }
  if (call.name === 'Skill' && parts.skills)
    return await skillCall({ ...parts, skills: parts.skills }, turn, call, prepared);
  if (answer?.kind === 'approved') {
    const { question } = answer;
    const host = question.action.kind === 'host';
    const action = host
      ? hostAction(parts, call, prepared.input)
      : await actionOf(parts, prepared.tool, prepared.input, call.id);
    // Anything that has changed since a person looked makes it another question.
    const same = bindOf(parts.run, action) === question.bind;
    if (same && host) return reachable(parts, turn, call, question);
    if (same)
      return await perform(parts, turn, call, prepared, [
        { type: 'question.used', run: parts.run, question: question.id },
      ]);
  }
  if (call.name === 'RequestApproval') return requested(parts, turn, call, prepared.input);
  return await judged(parts, turn, call, prepared);
}

/** A host for the rest of the run: asked once, unless it is on the list already. */
function requested(parts: CallParts, turn: number, call: PendingCall, input: unknown): Question | null {
  const { host: wanted, why } = input as { host: string; why: string };
  const action = hostAction(parts, call, input);
  const { host } = action;
  const { network } = parts.spec;
  if (network.some((entry) => entry === wanted || `${entry}:443` === host)) {
    begin(parts, turn, call, []);
    return finish(parts, call, told(`${host} is on the list already.`));
  }
  if (parts.spec.whenAsked === 'park') {
    return ask(parts, { action, code: 'net.host_not_allowed', why: `The run wants to reach ${host}: ${why}` });
  }
  begin(parts, turn, call, []);
  return finish(
    parts,
    call,
    failure('mode.unattended', `Nobody is asked in this routine: ${host} stays out of reach.`),
  );
}

/** Port 443 unless another one is named. */
function hostAction({ judge }: CallParts, call: PendingCall, input: unknown): Extract<Action, { kind: 'host' }> {
  const { host: wanted } = input as { host: string };
  const host = /:\d+$/.test(wanted) ? wanted : `${wanted}:443`;
  return { kind: 'host', call: call.id, host, policyVersion: judge.version };
}

/** The sandbox that the run was taken up again with lets it through. */
function reachable(parts: CallParts, turn: number, call: PendingCall, { id, action }: Question): null {
  begin(parts, turn, call, [{ type: 'question.used', run: parts.run, question: id }]);
  const host = action.kind === 'host' ? action.host : '';
  return finish(
    parts,
    call,
    told(
      `A person allowed it: ${host} can be reached for the rest of this run, for at most 24 hours and under the rules of today.`,
    ),
  );
}

const told = (text: string): ToolOutcome => ({ ok: true, code: null, text, view: { kind: 'text', text } });

async function judged(parts: CallParts, turn: number, call: PendingCall, prepared: Prepared): Promise<Question | null> {
  const { judge, run, spec, signal } = parts;
  const verdict = await judge.judge(prepared.tool, prepared.input, signal);
  const { decision, code, rule, source, segment, version = judge.version } = verdict;
  const decided: Draft = {
    ...{ type: 'permission.decided', run, turn, call: call.id, tool: call.name },
    ...{ decision, code, rule, source, segment, policyVersion: version },
  };
  if (parts.trial && isOutward(verdict, call.name, prepared.input)) {
    begin(parts, turn, call, [decided]);
    return finish(parts, call, recorded(call.name));
  }
  if (decision === 'allow') return await perform(parts, turn, call, prepared, [decided]);
  if (decision === 'ask' && verdict.approvable && spec.whenAsked === 'park') {
    const action = await actionOf(parts, prepared.tool, prepared.input, call.id);
    return ask(parts, { action, code: code ?? 'rule.ask', why: verdict.why }, [decided]);
  }
  begin(parts, turn, call, [decided]);
  return finish(parts, call, denied(call.name, verdict, version));
}

async function perform(
  parts: CallParts,
  turn: number,
  call: PendingCall,
  { tool, input }: Prepared,
  before: Draft[],
): Promise<Question | null> {
  if (parts.crew && crewTools.has(tool.name))
    return await hire({ ...parts, crew: parts.crew }, turn, call, input, before);
  if (tool.name === 'Propose' && parts.crew?.busy()) {
    begin(parts, turn, call, before);
    return finish(parts, call, othersWork);
  }
  begin(parts, turn, call, before, 'kill');
  const { hands, signal, loops, memory, run, inspect = inspectBySigns } = parts;
  const silent = tool.name === 'Propose' ? askForLeftOut(input, logOf(parts)) : null;
  // What only looks can be done again after a power cut; the rest must be known to have begun.
  if (tool.class !== 'read') await parts.store.flush();
  const having = { hands, signal, loops, ...(memory ? { memory } : {}) };
  const outcome = silent ?? seenBy(parts, await tool.execute(input, having));
  // What changes files or tells the session something only repeats what the model has written.
  const brought = tool.class === 'read' || tool.class === 'execute' || tool.name === 'Memory';
  const found = brought ? await inspect(outcome.text, signal) : null;
  const text = found ? asData(outcome.text, call.id, found) : outcome.text;
  const tainted: Draft[] = found ? [{ type: 'run.tainted', run, call: call.id, ...ofTaint(found) }] : [];
  finish(parts, call, { ...outcome, text }, tainted, lastingBefore(parts.hooks));
  // What it brought is on record by now: hooks can say something to it, and nothing can be lost over them.
  await parts.hooks?.fire(afterCall(turn, call, outcome), parts);
  return null;
}

const logOf = ({ store, run }: CallParts) => store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER });

/** Others do it; their beginning is committed with that of the call. */
async function hire(
  parts: CallParts & { crew: Crew },
  turn: number,
  call: PendingCall,
  input: unknown,
  before: Draft[],
): Promise<Question | null> {
  const planned = await parts.crew.plan(call, input);
  const drafts = 'drafts' in planned ? planned.drafts() : planned;
  begin(parts, turn, call, Array.isArray(drafts) ? [...before, ...drafts] : before);
  return Array.isArray(drafts) ? await hired(parts, call) : finish(parts, call, drafts);
}

async function hired(parts: CallParts, call: PendingCall): Promise<Question | null> {
  const result = await parts.crew?.result(call, call.input, parts.signal);
  if (result && 'action' in result) return result;
  return finish(parts, call, result ?? interrupted);
}

const othersWork = failure(
  'tool.agents_working',
  'Subagents in the background still work for you, or have a result that you have not seen. Wait with TaskOutput or by ending your turn, or stop them with TaskStop; then propose.',
);

/** Images that one conversation may hold: with more, the API takes smaller ones only. Source: the vendor's guide to vision, November 2026. */
const mostImages = 20;

function seenBy({ model, images = 0 }: CallParts, outcome: ToolOutcome): ToolOutcome {
  if (!outcome.image) return outcome;
  if (model?.seesImages === false)
    return failure('tool.image', `${outcome.text} The model that answers cannot see images: find out otherwise.`);
  if (images < mostImages) return outcome;
  return failure('tool.image', `${outcome.text} You have seen ${mostImages} images, and no more fit: go on without.`);
}

const tooManyCalls = failure(
  'limit.tool_calls',
  'The run has used up its tool calls; this one was not done. End with what you have.',
);

const interrupted = failure(
  'run.interrupted',
  'Nightshift was restarted while this call was running. It may have happened in part. Look at the state of the files before you repeat it.',
);

const cutOff = failure(
  'model.cut',
  'Your answer was cut at the output limit in the middle of this call, so it was not done. Call it again, in smaller steps.',
);

/**
 * Gives every call of the last answer that has no result one that says so, in the same transaction in which the run
 * ends: whatever is said to the model next, the API wants each call answered first.
 */
export function closeCalls(writer: Writer, run: string, pending: readonly PendingCall[]): void {
  for (const call of pending) {
    const { ok, code, text, view } = call.begun ? interrupted : notDone;
    writer.append({ type: 'tool.finished', run, call: call.id, ok, code, text, view });
  }
}

const notDone = failure('run.stopped', 'The run ended before this call began; it was not done.');
