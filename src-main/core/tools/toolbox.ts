/** The tools a session can have, in the fixed order in which the model sees them: the order is part of the cached prefix. */
import type { Tool as ApiTool } from '@anthropic-ai/sdk/resources/messages';
import { z } from 'zod';
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
  requestApproval,
  skill,
  propose,
];

/** As the API takes it. */
export function describe({ name, description, schema }: Tool): ApiTool {
  const { $schema: _, ...input_schema } = z.toJSONSchema(schema, { io: 'input' });
  return { name, description, input_schema: input_schema as ApiTool['input_schema'] };
}

const described: ApiTool[] = toolbox.map(describe);
const withoutSkill = described.filter(({ name }) => name !== skill.name);

/** Tools of an embedding program, in the place of all others. */
export interface OwnTools {
  all: readonly Tool[];
  /** What the model sees of them. */
  described: ApiTool[];
}

/** @param all their order is part of the cached prefix, and stays. */
export function ownTools(all: readonly Tool[]): OwnTools {
  return { all, described: all.map(describe) };
}

/** What the model sees of them. `skilled`: the run has a skill that the agent may call, or none; that stays so for a run. */
export const apiTools = ({ skilled, own }: { skilled: boolean; own?: OwnTools }): ApiTool[] =>
  own?.described ?? (skilled ? described : withoutSkill);

/** The tool and its parsed input, or what to tell the model instead. */
export function prepare(
  name: string,
  input: unknown,
  skilled = true,
  own?: OwnTools,
): { tool: Tool; input: never } | { failure: ReturnType<typeof failure> } {
  const tools = own?.all ?? toolbox.filter((each) => skilled || each !== skill);
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
