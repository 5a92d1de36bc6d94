/** What a person types about a routine → the contract's fields. Reads the prompt from where the flag says. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ApiClient } from '#contract/api.ts';
import { Fault } from '#contract/faults.ts';
import type { Shell, Source } from './shell.ts';

export interface SpecFlags {
  name?: string;
  prompt?: string;
  repo?: string;
  schedule?: string;
  tz?: string;
  description?: string;
  model?: string;
  effort?: Change['effort'];
  mode?: Change['permissionMode'];
  /** Absent: not named. Empty: `--no-check`. */
  check?: string[] | false;
  turns?: number;
  minutes?: number;
  dollars?: number;
  branchPrefix?: string;
}

export type Change = Parameters<ApiClient['routines']['edit']>[0]['change'];
export type Spec = Parameters<ApiClient['routines']['add']>[0]['spec'];

/** Only the fields that were named. Throws `input` naming the field when the prompt cannot be read. */
export async function changeFrom(flags: SpecFlags, shell: Shell): Promise<Change> {
  const limits = named({ turns: flags.turns, minutes: flags.minutes, dollars: flags.dollars });
  return named({
    name: flags.name,
    prompt: flags.prompt === undefined ? undefined : await promptFrom(flags.prompt, shell),
    repository: flags.repo === undefined ? undefined : resolve(shell.cwd, flags.repo),
    schedule: flags.schedule,
    timeZone: flags.tz,
    description: flags.description,
    model: flags.model,
    effort: flags.effort,
    permissionMode: flags.mode,
    checks: flags.check === false ? [] : flags.check,
    branchPrefix: flags.branchPrefix,
    limits: Object.keys(limits).length > 0 ? limits : undefined,
  });
}

export type RequiredFlags = SpecFlags & Required<Pick<SpecFlags, 'prompt' | 'repo' | 'schedule'>>;

/** A whole routine; what was not named gets the contract's defaults, and the time zone that of the machine. */
export async function specFrom(name: string, flags: RequiredFlags, shell: Shell): Promise<Spec> {
  const change = await changeFrom(flags, shell);
  return {
    ...change,
    name,
    prompt: change.prompt ?? '',
    repository: change.repository ?? '',
    schedule: flags.schedule,
    timeZone: flags.tz ?? shell.zone,
  };
}

/** Text itself, `-` for standard input, `@path` for a file. */
async function promptFrom(value: string, shell: Shell): Promise<string> {
  if (value === '-') return await readAll(shell.stdin);
  if (!value.startsWith('@')) return value;
  const path = resolve(shell.cwd, value.slice(1));
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Fault('input', `The prompt file ${path} cannot be read (${reasonOf(cause)}).`, {
      field: 'spec.prompt',
      cure: 'Name a readable text file after @, or give the text itself; text that begins with @ can come from stdin with --prompt -.',
      cause,
    });
  }
}

export async function readAll(source: Source): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of source) text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * `+10s`, `+5m`, `+2h`, `+1d` from `now` (milliseconds), or an ISO date with time zone → the contract's instant. A
 * date stays as it was given; a time from now goes up to a whole second, which is how finely the schedulers count.
 */
export function instantFrom(text: string, now: number): string {
  const ahead = /^\+(\d{1,6})([smhd])$/.exec(text);
  const from = Math.ceil(now / 1000) * 1000;
  const at = ahead ? from + Number(ahead[1]) * (units[ahead[2] ?? ''] ?? Number.NaN) : absolute(text);
  if (Number.isFinite(at)) return new Date(at).toISOString();
  throw new Fault('input', `'${text}' is no instant.`, {
    field: 'at',
    cure: 'Write +10s, +5m, +2h or +1d, or a date with time and zone such as 2026-11-21T03:00:00Z.',
  });
}

/** A date without a zone would mean something else on another machine, so it is refused. */
function absolute(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
}

function named<T extends Record<string, unknown>>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
}
