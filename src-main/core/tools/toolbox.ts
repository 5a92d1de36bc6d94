/** The tools a session can have, in the fixed order in which the model sees them: the order is part of the cached prefix. */
import type { Tool as ApiTool } from '@anthropic-ai/sdk/resources/messages';
import { z } from 'zod';
import { advisor, agent, sendMessage, taskOutput, taskStop } from './agents.ts';
import { bash } from './bash.ts';
import { edit, glob, grep, read, write } from './files.ts';
import { cronCreate, cronDelete, cronList, scheduleWakeup } from './loops.ts';
import { memory } from './memory.ts';
import { propose } from './propose.ts';
import { requestApproval } from './request-approval.ts';
import { skill } from './skill.ts';
import { failure, type Tool } from './tool.ts';

export const toolbox: readonly Tool[] = [
  ...[bash, read, edit, write, glob, grep],
  ...[cronCreate, cronList, cronDelete, scheduleWakeup],
  ...[agent, sendMessage, taskOutput, taskStop, advisor],
  requestApproval,
  skill,
  memory,
  propose,
];

type Prepared = { tool: Tool; input: never } | { failure: ReturnType<typeof failure> };

/** What a session has of the tools; it stays so for a run, or for a subagent. */
export interface Having {
  /** The run has a skill that the agent may call. */
  skilled: boolean;
  /** It has a memory. */
  remembers?: boolean;
  /** It may start subagents. */
  crewed?: boolean;
  /** It has somebody to ask for advice. */
  advised?: boolean;
  /** Of a subagent: these and no others. */
  only?: readonly string[] | null;
  /** Of a program that embeds the agent: these and no others. */
  own?: OwnTools;
}

/** Tools of an embedding program, in the place of all others. */
export interface OwnTools {
  all: readonly Tool[];
  /** What the model sees of them. */
  described: ApiTool[];
}

const all: Having = { skilled: true, remembers: true, crewed: true, advised: true };
const crewNames: ReadonlySet<string> = new Set([agent, sendMessage, taskOutput, taskStop].map(({ name }) => name));

function has(name: string, { skilled, remembers = false, crewed = false, advised = false, only }: Having): boolean {
  if (only) return only.includes(name);
  if (name === skill.name) return skilled;
  if (name === memory.name) return remembers;
  if (name === advisor.name) return advised;
  return crewed || !crewNames.has(name);
}

/** As the API takes it. */
export function describe({ name, description, schema }: Tool): ApiTool {
  const { $schema: _, ...input_schema } = z.toJSONSchema(schema, { io: 'input' });
  return { name, description, input_schema: input_schema as ApiTool['input_schema'] };
}

/** @param all their order is part of the cached prefix, and stays. */
export function ownTools(all: readonly Tool[]): OwnTools {
  return { all, described: all.map(describe) };
}

/** Of an embedding program's, those that a subagent has. */
export const onlySome = ({ all }: OwnTools, names: readonly string[]): OwnTools =>
  ownTools(all.filter(({ name }) => names.includes(name)));

const described: ApiTool[] = toolbox.map(describe);
const lists = new Map<string, ApiTool[]>();
/** Kept, so that one having is one list; more of them than a host would ever see at once. */
const mostLists = 500;

/** What the model sees of them. */
export function apiTools({ skilled, remembers, crewed, advised, only, own }: Having): ApiTool[] {
  if (own) return own.described;
  const having = { skilled, remembers, crewed, advised, only };
  const key = JSON.stringify(having);
  const list = lists.get(key) ?? described.filter(({ name }) => has(name, having));
  if (lists.size < mostLists) lists.set(key, list);
  return list;
}

/** The tool and its parsed input, or what to tell the model instead. */
export function prepare(name: string, input: unknown, having: Having = all): Prepared {
  const tools = having.own?.all ?? toolbox.filter((each) => has(each.name, having));
  const tool = tools.find((each) => each.name === name);
  if (!tool) {
    const names = tools.map((each) => each.name).join(', ');
    return { failure: failure('tool.unknown', `There is no tool called "${name}". You have: ${names}.`) };
  }
  const parsed = tool.schema.safeParse(input);
  if (parsed.success) return { tool, input: parsed.data as never };
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`);
  return { failure: failure('tool.input', `The input of ${name} is not valid. ${issues.join('; ')}.`) };
}
