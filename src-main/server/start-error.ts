/** How a host that could not start tells whoever started it why. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { Fault, FaultData } from '#contract/faults.ts';
import type { Paths } from '#host/paths.ts';

const StartError = z.object({ pid: z.int(), at: z.number(), fault: FaultData });

/** Never throws: on a disk that cannot be written the starter finds that out for itself. */
export function writeStartError(paths: Paths, fault: Fault, at: number): void {
  try {
    const error: z.infer<typeof StartError> = { pid: process.pid, at, fault: fault.toData() };
    writeFileSync(paths.startError, `${JSON.stringify(error)}\n`, { mode: 0o600 });
  } catch {}
}

export function clearStartError(paths: Paths): void {
  rmSync(paths.startError, { force: true });
}

/** The file as it is, so that a later look can tell a new error from an old one. Null: there is none. */
export function startErrorMark(paths: Paths): string | null {
  try {
    return readFileSync(paths.startError, 'utf8');
  } catch {
    return null;
  }
}

/** The error written since `mark` was taken, or null. */
export function newStartError(paths: Paths, mark: string | null): Fault | null {
  const now = startErrorMark(paths);
  if (now === null || now === mark) return null;
  try {
    return Fault.from(StartError.parse(JSON.parse(now)).fault);
  } catch {
    return null;
  }
}
