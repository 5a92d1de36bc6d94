/** What a tool is to the session: a schema, a permission class, and a way to do it in the hands. */
import { z } from 'zod';
import type { ToolView } from '#contract/events.ts';
import type { HandsImage, HandsResult } from '#contract/hands.ts';
import type { Hands } from '#core/ports.ts';
import type { LoopBook } from './loops.ts';
import type { MemoryBook } from './memory.ts';

/**
 * `read` looks, `edit` changes files of the worktree, `execute` runs a program in the sandbox, `report` only tells the
 * session something.
 */
export type ToolClass = 'read' | 'edit' | 'execute' | 'report';

export interface ToolOutcome {
  ok: boolean;
  /** Machine-readable why-not; null when it went well. */
  code: string | null;
  /** For the model. */
  text: string;
  /** For a person. */
  view: ToolView;
  /** For the model, beside the text. */
  image?: HandsImage;
}

export interface ToolContext {
  hands: Hands;
  signal: AbortSignal;
  /** Of the session that calls. */
  loops: LoopBook;
  /** Left out: the run has none. */
  memory?: MemoryBook;
}

export interface Tool {
  name: string;
  description: string;
  class: ToolClass;
  schema: z.ZodType;
  /** Input is already parsed by `schema`. A failed tool is an outcome, not an exception. */
  execute(input: never, context: ToolContext): Promise<ToolOutcome>;
}

/** Keeps the input type of `execute` in step with the schema. */
export function defineTool<S extends z.ZodType>(tool: {
  name: string;
  description: string;
  class: ToolClass;
  schema: S;
  execute(input: z.output<S>, context: ToolContext): Promise<ToolOutcome>;
}): Tool {
  return tool as unknown as Tool;
}

/** A file of the worktree, for schemas. */
export const filePath = z.string().min(1).max(4096).describe('Relative to your worktree, or absolute below it');

/** The plain way to show what the hands did. */
export function textOutcome(result: HandsResult): ToolOutcome {
  const { ok, code, text, image } = result;
  return { ok, code, text, view: { kind: 'text', text }, ...(image ? { image } : {}) };
}

export function failure(code: string, text: string): ToolOutcome {
  return { ok: false, code, text, view: { kind: 'text', text } };
}
