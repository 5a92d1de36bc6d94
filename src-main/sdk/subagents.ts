/** Kinds of subagents of a program: its own, those of its project and the built-in ones, each with the tools that the agent itself has. */
import type { KindBook } from '#core/agents/book.ts';
import type { FoundKind } from '#core/agents/find.ts';
import { type Kind, looking } from '#core/agents/kind.ts';
import { agent, crewTools, sendMessage } from '#core/tools/agents.ts';
import type { Tool } from '#core/tools/tool.ts';
import type { SubagentKind } from './agent.ts';

/** `tools`: all that the agent has. Of one name, the program's comes before a file and a file before what is built in. */
export function kindsFor(
  book: KindBook,
  own: Readonly<Record<string, SubagentKind>>,
  tools: readonly Tool[],
): KindBook {
  return {
    async find() {
      const { kinds, problems } = await book.find();
      const others = kinds.filter(({ name }) => !Object.hasOwn(own, name));
      const all = [...Object.entries(own).map(([name, kind]) => ofProgram(name, kind)), ...others];
      return { problems, kinds: all.map((kind) => withTools(kind, tools)).sort((a, b) => (a.name < b.name ? -1 : 1)) };
    },
  };
}

function ofProgram(name: string, { description, prompt, ...more }: SubagentKind): FoundKind {
  const { tools, model = null, effort = null, mode = null, turns = null, background = false, skills = [] } = more;
  const kind: Kind = {
    ...{ name, description, tools: [...(tools ?? [])], inherits: tools === undefined, denied: [], kinds: null },
    ...{ model, effort, permissionMode: mode, turns, background, worktree: false, skills: [...skills] },
    ...{ instructed: true, ignored: [], body: prompt },
  };
  const tokens = Math.ceil(Buffer.byteLength(description) / 4);
  const bodyTokens = Math.ceil(Buffer.byteLength(prompt) / 4);
  return { name, layer: 'person', path: null, description, tools: [], model, ignored: [], tokens, bodyTokens, kind };
}

/** What a file says of tools that Nightshift does not know may be said of the program's. */
function withTools(found: FoundKind, all: readonly Tool[]): FoundKind {
  const { kind } = found;
  const named = new Set([...kind.tools, ...kind.ignored]);
  const has = ({ name, class: of }: Tool) => {
    if (kind.denied.includes(name) || (kind.permissionMode === 'plan' && of !== 'read' && !looking.includes(name)))
      return false;
    if (crewTools.has(name)) return starts(kind) && (name === agent.name || name === sendMessage.name);
    return kind.inherits || named.has(name);
  };
  const tools = all.filter(has).map(({ name }) => name);
  const ignored = kind.ignored.filter((name) => !tools.includes(name));
  return { ...found, tools, ignored, kind: { ...kind, tools, ignored } };
}

/** Only where it is named: a subagent does not start others of itself. */
const starts = ({ tools }: Kind) => tools.includes(agent.name);
