/** What a tool gives back, and the planned way for it to fail. */
import type { HandsResult } from '#contract/hands.ts';

export type Answer = Omit<HandsResult, 'milliseconds'>;

/** What every tool is told besides its input. */
export interface Context {
  /** Where relative paths start. */
  workspace: string;
  /** The only directories file tools touch; absolute, links resolved. */
  roots: string[];
  /** Characters of an answer's text. */
  resultLimit: number;
  /** Bytes one command may print before it is stopped. */
  outputLimit: number;
  /** Its reason, when it is aborted, may be the code to answer with. */
  signal: AbortSignal;
  /** Hears of the process group of every command; only where no process namespace ends them all. */
  started?(group: number): void;
  /** Somebody follows what a command prints. */
  print?: (stream: 'out' | 'err', chunk: Buffer) => void;
}

export type Tool = (input: Record<string, unknown>, context: Context) => Answer | Promise<Answer>;

export class ToolFailure extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function done(text: string, more: Partial<Answer> = {}): Answer {
  return { ok: true, code: null, text, ...more };
}

const systemCodes: Record<string, [code: string, message: string]> = {
  ENOENT: ['tool.not_found', 'does not exist'],
  ENOTDIR: ['tool.not_found', 'does not exist: a part of the path is not a directory'],
  EISDIR: ['tool.is_directory', 'is a directory'],
  EACCES: ['tool.not_permitted', 'may not be accessed'],
  EPERM: ['tool.not_permitted', 'may not be changed'],
  EROFS: ['tool.read_only', 'is read-only here'],
  ELOOP: ['tool.outside_workspace', 'is a symbolic link that cannot be followed'],
  ENOSPC: ['tool.no_space', 'cannot be written: the disk is full'],
  EDQUOT: ['tool.no_space', 'cannot be written: the disk quota is used up'],
  EFBIG: ['tool.no_space', 'would become larger than a file may be here'],
  ENAMETOOLONG: ['tool.bad_input', 'has a name that is too long'],
  ENXIO: ['tool.not_a_file', 'is not a regular file'],
};

/** Every thrown thing becomes an answer: a tool cannot end a session. */
export function failed(error: unknown, path?: unknown): Answer {
  if (error instanceof ToolFailure) return { ok: false, code: error.code, text: error.message };
  const known = error instanceof Error && 'code' in error ? systemCodes[String(error.code)] : undefined;
  if (known) return { ok: false, code: known[0], text: `${typeof path === 'string' ? path : 'The path'} ${known[1]}.` };
  return {
    ok: false,
    code: 'tool.failed',
    text: `The tool failed: ${error instanceof Error ? error.message : String(error)}`,
  };
}
