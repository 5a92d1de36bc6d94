/** The tools a session can have, in the fixed order in which the model sees them: the order is part of the cached prefix. */
import type { Tool as ApiTool } from '@anthropic-ai/sdk/resources/messages';
import { z } from 'zod';
import { advisor, agent, sendMessage, taskOutput, taskStop } from './agents.ts';
import { bash } from './bash.ts';
import { edit, glob, grep, read, write } from './files.ts';
import { cronCreate, cronDelete, cronList, scheduleWakeup } from './loops.ts';
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
  propose,
];

const described: ApiTool[] = toolbox.map(({ name, description, schema }) => {
  const { $schema: _, ...input_schema } = z.toJSONSchema(schema, { io: 'input' });
  return { name, description, input_schema: input_schema as ApiTool['input_schema'] };
});

/** What a session has of them; it stays so for a run, or for a subagent. */
export interface ToolSet {
  /** The run has a skill that the agent may call. */
  skilled: boolean;
  /** It may start subagents. */
  crewed?: boolean;
  /** It has somebody to ask for advice. */
  advised?: boolean;
  /** Of a subagent: these and no others. */
  only?: readonly string[] | null;
}

/** Of the grown agent of a run, where it does not say otherwise. */
const sometimes = (name: string, { skilled, crewed = false, advised = false }: ToolSet): boolean =>
  name === skill.name ? skilled : name === advisor.name ? advised : !crewNames.has(name) || crewed;
const crewNames: ReadonlySet<string> = new Set([agent, sendMessage, taskOutput, taskStop].map(({ name }) => name));

const has = (set: ToolSet) => (name: string) => (set.only ? set.only.includes(name) : sometimes(name, set));

const sets = new Map<string, ApiTool[]>();

/** What the model sees of them. */
export function apiTools({ skilled, crewed, advised, only }: ToolSet): ApiTool[] {
  const set = { skilled, crewed, advised, only };
  const key = JSON.stringify(set);
  const wanted = has(set);
  const known = sets.get(key) ?? described.filter(({ name }) => wanted(name));
  if (sets.size < mostSets) sets.set(key, known);
  return known;
}

/** Kept, so that one set is one list; more of them than a host would ever see at once. */
const mostSets = 500;

/** The tool and its parsed input, or what to tell the model instead. */
export function prepare(
  name: string,
  input: unknown,
  set: ToolSet = { skilled: true, crewed: true, advised: true },
): { tool: Tool; input: never } | { failure: ReturnType<typeof failure> } {
  const wanted = has(set);
  const tools = toolbox.filter((each) => wanted(each.name));
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
