/** Tells one process from another with the same number: pid, start time, boot of the machine and who gives the numbers. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

/** Null: this system does not tell, or it was noted by a version that did not ask; then the rest counts. */
export interface ProcessIdentity {
  pid: number;
  startTime: string | null;
  bootId: string | null;
  /** Linux: within which set of process numbers the pid is meant; containers have their own, see pid_namespaces(7). */
  pidNamespace: string | null;
}

/** `elsewhere`: its number means nothing here, so nothing can be said about it from here. */
export type Whereabouts = 'here' | 'gone' | 'elsewhere';

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTime: startTimeOf(process.pid), bootId: bootId(), pidNamespace: pidNamespace() };
}

/** `gone` when that very process has ended, zombies included, even if its number is in use again. */
export function whereabouts(identity: ProcessIdentity): Whereabouts {
  const { pid, startTime, bootId: boot, pidNamespace: namespace } = identity;
  if (boot !== null && boot !== bootId()) return 'gone';
  if (namespace !== null && namespace !== pidNamespace()) return 'elsewhere';
  if (!exists(pid)) return 'gone';
  if (startTime === null) return 'here';
  const now = startTimeOf(pid);
  return now === startTime || (now === null && process.platform !== 'linux' && exists(pid)) ? 'here' : 'gone';
}

/** Opaque; equal for two readings of the same process only. Null when there is no such process or nobody can tell. */
export function startTimeOf(pid: number): string | null {
  if (process.platform === 'linux') return startTicks(pid);
  if (process.platform === 'win32')
    return ask('powershell', ['-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`]);
  return ask('ps', ['-o', 'lstart=', '-p', String(pid)]);
}

function bootId(): string | null {
  if (process.platform === 'linux') {
    try {
      return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() || null;
    } catch {
      return null;
    }
  }
  // A start time on these systems is a calendar date, which no two boots share.
  return null;
}

function pidNamespace(): string | null {
  if (process.platform !== 'linux') return null;
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}

/** proc(5): field 22 is the start in clock ticks since boot, field 3 the state; field 2 may hold spaces and brackets. */
function startTicks(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, ticks] = [fields[0], fields[19]];
    return state === 'Z' || state === 'X' ? null : (ticks ?? null);
  } catch {
    return null;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function ask(command: string, args: string[]): string | null {
  try {
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
    return execFileSync(command, args, { env, stdio, timeout: 5000, windowsHide: true }).toString().trim() || null;
  } catch {
    return null;
  }
}
