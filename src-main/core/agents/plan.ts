/** What a call that starts a subagent, or speaks to one again, is about to commit; or why it does nothing. */
import type { AgentId } from '#contract/agents.ts';
import type { Draft } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { gatherAtStart } from '#core/instructions/gather.ts';
import { instructionWords } from '#core/instructions/words.ts';
import { workspace } from '#core/permissions/judge.ts';
import { shown } from '#core/skills/find.ts';
import { skillList } from '#core/skills/words.ts';
import { failure, type ToolOutcome } from '#core/tools/tool.ts';
import { usualKind } from './built-in.ts';
import type { FoundKind } from './find.ts';
import { deepest, mostThreads, type Shared } from './parts.ts';
import { skillTexts } from './skill-texts.ts';
import { threadSystem } from './words.ts';

export interface Planned {
  drafts(): Draft[] | ToolOutcome;
}

/** Who calls: a subagent, or null for the agent of the run itself. */
export interface Caller {
  id: AgentId | null;
  /** 0: the agent of the run itself. */
  depth: number;
}

export interface AgentInput {
  description: string;
  prompt: string;
  subagent_type?: string;
  model?: string;
  isolation?: 'worktree';
  run_in_background?: boolean;
}

/** Throws only the reason of the session's signal, and what git throws. */
export async function planStart(
  shared: Shared,
  { id: parent, depth }: Caller,
  call: string,
  input: AgentInput,
): Promise<Planned | ToolOutcome> {
  const { session, threads } = shared;
  const { run, spec } = session;
  if (session.model.rehearsal)
    return failure('agent.unsupported', 'This run plays recorded answers, and there are none for subagents.');
  if (depth >= deepest) return failure('agent.too_deep', `Subagents go ${deepest} deep at most: do it yourself.`);
  const name = input.subagent_type ?? usualKind;
  const found = await kindNamed(shared, parent, name);
  if ('ok' in found) return found;
  const { kind } = found;
  const background = parent === null && (input.run_in_background ?? kind.background);
  const wish = input.model ?? kind.model;
  const model = wish === null ? session.model.id : await modelNamed(shared, wish);
  if (typeof model !== 'string') return model;
  const own = input.isolation === 'worktree' || kind.worktree;
  const { place } = shared;
  if (own && shared.system) return failure('agent.unsupported', 'There are no worktrees here: leave `isolation` out.');
  if (own && (!place || spec.permissionMode === 'plan'))
    return failure('agent.unsupported', 'This run changes no files, so nobody in it has a worktree of its own.');
  const beginning = own && place ? await place.beginning(threads.size + 1) : null;
  const seenAt = session.seenAt ?? workspace;
  const system =
    shared.system?.(kind.body) ?? threadSystem(kind.body, { ...spec, whenAsked: 'deny' }, seenAt, beginning);
  const tools = depth + 1 >= deepest ? kind.tools.filter((tool) => tool !== 'Agent') : kind.tools;
  const told = await firstTold(shared, found);
  return {
    drafts() {
      if (threads.size >= mostThreads)
        return failure(
          'agent.too_many',
          `A run has at most ${mostThreads} subagents: speak again to one that you have.`,
        );
      const agent = `agent-${threads.size + 1}`;
      return [
        {
          ...{ type: 'agent.started', run, agent, parent, call, name, description: input.description },
          ...{ system, tools, kinds: kind.kinds, model, effort: kind.effort ?? spec.effort },
          ...{
            permissionMode: kind.permissionMode,
            turns: Math.min(kind.turns ?? spec.limits.turns, spec.limits.turns),
          },
          ...{
            background,
            work: beginning && place ? { branch: `${place.branch}-${agent}`, base: beginning.commit } : null,
          },
        },
        ...told.map((draft) => ({ ...draft, agent })),
        { type: 'message.added', run, agent, text: input.prompt, from: 'agent' },
      ];
    },
  };
}

/** Speaks to one that has ended its turn. */
export function planMessage(
  { session, threads }: Shared,
  { id: parent }: Caller,
  call: string,
  { agent, message, run_in_background = false }: { agent: string; message: string; run_in_background?: boolean },
): Planned | ToolOutcome {
  const { run } = session;
  const background = parent === null && run_in_background;
  return {
    drafts() {
      const thread = threads.get(agent);
      if (!thread || thread.started.parent !== parent) return notYours(agent);
      if (!thread.ended) return failure('agent.working', `${agent} is still at work: wait for it, or stop it.`);
      return [
        { type: 'agent.continued', run, agent, parent, call, background },
        { type: 'message.added', run, agent, text: message, from: 'agent' },
      ];
    },
  };
}

export const notYours = (agent: string): ToolOutcome =>
  failure('tool.not_found', `You have started no subagent ${JSON.stringify(agent)}.`);

async function kindNamed(shared: Shared, parent: AgentId | null, name: string): Promise<FoundKind | ToolOutcome> {
  const { kinds } = await shared.kinds.find();
  const allowed = parent === null ? null : (shared.threads.get(parent)?.started.kinds ?? null);
  const open = kinds.filter((kind) => !allowed || allowed.includes(kind.name));
  const found = open.find((kind) => kind.name === name.toLowerCase());
  if (found) return found;
  const names = open.map((kind) => kind.name).join(', ');
  return failure('tool.not_found', `There is no kind of subagent called ${JSON.stringify(name)}. There are: ${names}.`);
}

async function modelNamed({ resolve, session }: Shared, wish: string): Promise<string | ToolOutcome> {
  try {
    return (await resolve(wish)).id;
  } catch (error) {
    session.signal.throwIfAborted();
    if (!(error instanceof Fault) || !/^(input|model)\b/.test(error.code)) throw error;
    return failure('agent.model', [error.message, error.cure].filter(Boolean).join(' '));
  }
}

/** The instruction files and skills of its run, as events of its own. */
async function firstTold(shared: Shared, { kind }: FoundKind): Promise<Draft[]> {
  const { session, sources } = shared;
  const { run, skills: book } = session;
  const gathered = kind.instructed ? await gatherAtStart(sources) : { pieces: [], problems: [] };
  const skilled = book !== undefined && kind.tools.includes('Skill');
  const skills = skilled ? (await book.find()).skills : [];
  const preloaded = book ? await skillTexts(book, kind.skills) : { texts: [], problems: [] };
  const files = gathered.pieces.map(({ body: _, ...file }) => file);
  const text = [instructionWords(gathered.pieces, false), skillList(skills), ...preloaded.texts]
    .filter(Boolean)
    .join('\n\n');
  const problems = preloaded.problems;
  if (text === '' && problems.length === 0) return [];
  const callable = skills.length > 0 ? { skills: skills.map(shown) } : {};
  return [{ type: 'instructions.loaded', run, occasion: 'start', files, problems, text, ...callable }];
}
