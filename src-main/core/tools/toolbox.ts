/** The tools a session can have, in the fixed order in which the model sees them: the order is part of the cached prefix. */
import type { Tool as ApiTool } from '@anthropic-ai/sdk/resources/messages';
import { z } from 'zod';
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
  requestApproval,
  skill,
  memory,
  propose,
];

type Prepared = { tool: Tool; input: never } | { failure: ReturnType<typeof failure> };

/** What a run may have or not, from its beginning to its end: a skill that the agent may call, and a memory. */
export interface Having {
  skilled: boolean;
  remembers?: boolean;
}

const missing = ({ skilled, remembers = false }: Having): ReadonlySet<string> =>
  new Set([...(skilled ? [] : [skill.name]), ...(remembers ? [] : [memory.name])]);

/** The tools of one session. */
export interface ToolSet {
  /** What the model sees of them. */
  described(having: Having): ApiTool[];
  /** The tool and its parsed input, or what to tell the model instead. */
  prepare(name: string, input: unknown, having?: Having): Prepared;
}

/** @param tools their order is part of the cached prefix, and stays. */
export function toolSet(tools: readonly Tool[]): ToolSet {
  const described = tools.map(describe);
  const left = <T extends { name: string }>(all: readonly T[], having: Having): T[] => {
    const without = missing(having);
    return all.filter(({ name }) => !without.has(name));
  };
  return {
    described: (having) => left(described, having),
    prepare: (name, input, having = { skilled: true, remembers: true }) => prepareOf(left(tools, having), name, input),
  };
}

/** As the API takes it. */
export function describe({ name, description, schema }: Tool): ApiTool {
  const { $schema: _, ...input_schema } = z.toJSONSchema(schema, { io: 'input' });
  return { name, description, input_schema: input_schema as ApiTool['input_schema'] };
}

/** Those of a run. */
export const runTools = toolSet(toolbox);
export const { described: apiTools, prepare } = runTools;

function prepareOf(tools: readonly Tool[], name: string, input: unknown): Prepared {
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
