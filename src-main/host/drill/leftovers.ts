/** Finds the processes of a scratch profile by its folder, which each of them names in its environment or arguments. */
import { readdirSync, readFileSync } from 'node:fs';
import { startTimeOf } from '#host/processes.ts';

export interface Leftover {
  pid: number;
  /** How it was started, shortened. */
  what: string;
}

/** Null where the system does not tell. Processes of other users are not seen; the profile has none. */
export function processesOf(folder: string): Leftover[] | null {
  if (process.platform !== 'linux') return null;
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    const [words, environment] = [read(pid, 'cmdline'), read(pid, 'environ')];
    if (!words.includes(folder) && !environment.includes(folder)) return [];
    // A zombie runs no more: whoever started it has only not looked yet.
    if (startTimeOf(pid) === null) return [];
    return [{ pid, what: words.replaceAll('\0', ' ').trim().slice(0, 120) }];
  });
}

/** SIGKILL to it and to nothing else. */
export function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}

function read(pid: number, what: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8');
  } catch {
    return '';
  }
}
