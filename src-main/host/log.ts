/** The host's log: one line of JSON per fact without secrets, in at most two files, and never a reason to fail. */
import { appendFileSync, renameSync, statSync } from 'node:fs';
import type { Clock, Log } from '#core/ports.ts';
import { redact } from './redact.ts';

type Clean = (text: string) => string;

const maxLine = 16_000;

/** `maxBytes`: size at which the file moves to `<file>.1`, replacing the one before. `clean` frees a text of secrets. */
export function openLog(file: string, clock: Clock, maxBytes = 2_000_000, clean: Clean = redact): Log {
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
    info: (what, facts) => write({ at: at(), level: 'info', what, ...facts }),
    error: (what, error, facts) => write({ at: at(), level: 'error', what, ...facts, error: anatomy(error, clean) }),
  };
}

function render(line: Record<string, unknown>, clean: Clean): string {
  const text = JSON.stringify(line, (_key, value: unknown) => {
    if (typeof value === 'string') return clean(value);
    return typeof value === 'bigint' ? String(value) : value;
  });
  if (text.length <= maxLine) return text;
  return JSON.stringify({ at: line.at, level: line.level, what: line.what, cut: text.slice(0, maxLine / 2) });
}

/** Own words and place of an error and its causes; other fields may hold content that has no business here. */
function anatomy(error: unknown, clean: Clean, depth = 0): unknown {
  if (!(error instanceof Error)) return clean(String(error)).slice(0, 500);
  const code = (error as NodeJS.ErrnoException).code;
  const cause = error.cause === undefined || depth > 3 ? undefined : anatomy(error.cause, clean, depth + 1);
  return { name: error.name, code, message: error.message, stack: error.stack, cause };
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}
