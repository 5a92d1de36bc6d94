/** A tool of the program that embeds the agent: it runs in that program, outside of any sandbox. */
import type { z } from 'zod';

export interface ToolCallContext {
  /** Aborts when the session is stopped; a tool that goes on nevertheless is left behind. */
  signal: AbortSignal;
}

/** What a tool brings back for the model. `failed`: it is told as a failure. */
export type ToolResult = string | { text: string; failed?: boolean };

export interface AgentTool<Input extends z.ZodObject = z.ZodObject> {
  /** 1 to 128 letters, digits, `_` and `-`; not the name of a built-in tool. */
  name: string;
  /** For the model: what it does, and when to use it. */
  description: string;
  /** What the model has to give; anything else never reaches `run`. */
  input: Input;
  /** It changes nothing anywhere, so it may be done twice after a crash, and in mode `plan`. */
  readOnly?: boolean;
  /** Whatever it throws is told to the model as a failure; a tool cannot end a session. */
  run(input: z.output<Input>, context: ToolCallContext): ToolResult | Promise<ToolResult>;
}

/** Keeps the type of `run` in step with `input`. */
export function tool<Input extends z.ZodObject>(own: AgentTool<Input>): AgentTool {
  return own as unknown as AgentTool;
}
