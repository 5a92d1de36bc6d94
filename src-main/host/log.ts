/** The host's log: one line of JSON per fact, without secrets and without what was said in a run, in at most two files, and never a reason to fail. */
import { appendFileSync, renameSync, statSync } from 'node:fs';
import type { Clock, Log } from '#core/ports.ts';
import { redact } from './redact.ts';

type Clean = (text: string) => string;

const maxLine = 16_000;

/** Somebody who looks for a fault wants to see what was said, too. */
export const wantsContent = (env: NodeJS.ProcessEnv): boolean => env.NIGHTSHIFT_LOG_CONTENT === '1';

/**
 * `maxBytes`: size at which the file moves to `<file>.1`, replacing the one before. `clean` frees a text of secrets.
 * `content`: the words of errors of a run are written, too. A line with a `run` bears its session as well: a run has
 * one, under the same id.
 */
export function openLog(file: string, clock: Clock, maxBytes = 2_000_000, clean: Clean = redact, content = false): Log {
  let size = sizeOf(file);
  const write = (line: Record<string, unknown>) => {
    try {
      const text = `${render(line, clean)}\n`;
      if (size + text.length > maxBytes && size > 0) {
        renameSync(file, `${file}.1`);
        size = 0;
      }
      appendFileSync(file, text, { mode: 0o600 });
      size += Buffer.byteLength(text);
    } catch {
      // A full or missing disk must not end the night's work; there is nowhere left to say so.
    }
  };
  const at = () => new Date(clock.now()).toISOString();
  return {
    info: (what, facts) => write({ at: at(), level: 'info', what, ...withSession(facts) }),
    error(what, error, facts) {
      const silent = facts?.run !== undefined && !content;
      write({ at: at(), level: 'error', what, ...withSession(facts), error: anatomy(error, clean, silent) });
    },
  };
}

function withSession({ run, ...facts }: Record<string, unknown> = {}): Record<string, unknown> {
  return run === undefined ? facts : { run, session: run, ...facts };
}

function render(line: Record<string, unknown>, clean: Clean): string {
  const text = JSON.stringify(line, (_key, value: unknown) => {
    if (typeof value === 'string') return clean(value);
    return typeof value === 'bigint' ? String(value) : value;
  });
  if (text.length <= maxLine) return text;
  return JSON.stringify({ at: line.at, level: line.level, what: line.what, cut: text.slice(0, maxLine / 2) });
}

/**
 * Name, code, words and place of an error and its causes; other fields may hold content that has no business here. In a
 * run its words may, too, for they quote what a model or a program has said: `silent` leaves them out.
 */
function anatomy(error: unknown, clean: Clean, silent: boolean, depth = 0): unknown {
  if (!(error instanceof Error)) return silent ? typeof error : clean(String(error)).slice(0, 500);
  const code = (error as NodeJS.ErrnoException).code;
  const cause = error.cause === undefined || depth > 3 ? undefined : anatomy(error.cause, clean, silent, depth + 1);
  const { name, message, stack } = error;
  if (!silent) return { name, code, message, stack, cause };
  const frames = stack?.split('\n').filter((line) => /^ {4}at /.test(line) && !message.includes(line));
  return { name, code, stack: frames?.join('\n'), cause };
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}
