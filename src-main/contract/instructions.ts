/** The files that tell an agent how to work: which of them a run was given, what they weigh, and which do not count. */
import { z } from 'zod';

/** Whose file it is, from the broadest to the narrowest; where two contradict each other, the narrower one holds. */
export const InstructionLayer = z.enum(['managed', 'person', 'project', 'local']);
export type InstructionLayer = z.infer<typeof InstructionLayer>;

export const InstructionFile = z.object({
  layer: InstructionLayer,
  /** In the repository, or absolute for a file of the person or the administrator. */
  path: z.string(),
  /** The file that imports it; null: it was found by its place. */
  importedBy: z.string().nullable(),
  /** As handed over, without comments. */
  bytes: z.int().min(0),
  /** What it costs in every request, estimated at four bytes a token. */
  tokens: z.int().min(0),
});
export type InstructionFile = z.infer<typeof InstructionFile>;

/** A file, or a part of one, that does not count. */
export const InstructionProblem = z.object({ path: z.string(), message: z.string(), cure: z.string() });
export type InstructionProblem = z.infer<typeof InstructionProblem>;

/** Instructions that are read when they are called by name: a folder with a SKILL.md, or a file of `commands`. */
export const SkillFile = z.object({
  /** By which it is called; one name is one skill. */
  name: z.string(),
  kind: z.enum(['skill', 'command']),
  layer: InstructionLayer,
  /** Of its file: in the repository, or absolute. */
  path: z.string(),
  /** What it is for, as the agent is told, at most 1,536 characters; empty where only its name is. */
  description: z.string(),
  /** `agent`: it is told of it and may call it. `prompt`: a prompt that begins with `/name` may. */
  calledBy: z.array(z.enum(['agent', 'prompt'])),
  /** What its line costs in every request, and its text once it is called; estimated at four bytes a token. */
  tokens: z.int().min(0),
  bodyTokens: z.int().min(0),
  /** Fields of its front matter that do nothing here; `allowed-tools` among them grants nothing. */
  ignored: z.array(z.string()),
});
export type SkillFile = z.infer<typeof SkillFile>;

/** A kind of subagent that a run can start, as a file of `agents` says it, or as Nightshift has it. */
export const AgentFile = z.object({
  /** By which it is started; one name is one kind. */
  name: z.string(),
  layer: InstructionLayer.or(z.literal('built_in')),
  /** Null: built in. */
  path: z.string().nullable(),
  /** What it is for, as the agent is told, at most 1,536 characters. */
  description: z.string(),
  /** As its file says; null: that of the run. */
  model: z.string().nullable(),
  tools: z.array(z.string()),
  /** What its line costs in every request, and its text once it is started; estimated at four bytes a token. */
  tokens: z.int().min(0),
  bodyTokens: z.int().min(0),
  /** Fields of its front matter, and tools, that do nothing here. */
  ignored: z.array(z.string()),
});
export type AgentFile = z.infer<typeof AgentFile>;

/** What is to be known of fields that do nothing here. `fields` not empty. */
export function ignoredWords(fields: readonly string[]): string {
  const grants = fields.includes('allowed-tools') ? '; it gets no permission that the run does not have' : '';
  const [names, verb] = [fields.map((field) => `\`${field}\``).join(', '), fields.length === 1 ? 'does' : 'do'];
  return `${names} ${verb} nothing here${grants}`;
}

/** In the order in which the agent reads them. */
export const Instructions = z.object({
  files: z.array(InstructionFile),
  problems: z.array(InstructionProblem),
});
export type Instructions = z.infer<typeof Instructions>;

export const InstructionPreview = Instructions.extend({
  repository: z.string(),
  /** Full hash of the commit whose files these are. */
  commit: z.string(),
  /** Rules that count once a file is touched that one of their globs matches. */
  waiting: z.array(z.object({ path: z.string(), globs: z.array(z.string()) })),
  skills: z.array(SkillFile),
  /** Kinds of subagents that a run can start. */
  agents: z.array(AgentFile),
});
export type InstructionPreview = z.infer<typeof InstructionPreview>;
