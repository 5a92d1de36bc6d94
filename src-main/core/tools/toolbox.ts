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

const described: ApiTool[] = toolbox.map(({ name, description, schema }) => {
  const { $schema: _, ...input_schema } = z.toJSONSchema(schema, { io: 'input' });
  return { name, description, input_schema: input_schema as ApiTool['input_schema'] };
});

/** What a run may have or not, from its beginning to its end: a skill that the agent may call, and a memory. */
export interface Having {
  skilled: boolean;
  remembers?: boolean;
}

const missing = ({ skilled, remembers = false }: Having): ReadonlySet<string> =>
  new Set([...(skilled ? [] : [skill.name]), ...(remembers ? [] : [memory.name])]);

/** What the model sees of them. */
export function apiTools(having: Having): ApiTool[] {
  const without = missing(having);
  return described.filter(({ name }) => !without.has(name));
}

/** The tool and its parsed input, or what to tell the model instead. */
export function prepare(
  name: string,
  input: unknown,
  having: Having = { skilled: true, remembers: true },
): { tool: Tool; input: never } | { failure: ReturnType<typeof failure> } {
  const without = missing(having);
  const tools = toolbox.filter((each) => !without.has(each.name));
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
