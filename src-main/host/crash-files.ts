/** What a process leaves behind when it crashes holds no memory and no environment: a key that it used is not in there. */
import { writeFileSync } from 'node:fs';

/** Of this process and of those that it starts. Call first of all; never throws. */
export function crashWithoutMemory(): void {
  if (process.report) process.report.excludeEnv = true;
  if (process.platform !== 'linux') return;
  try {
    // Which parts of the memory the kernel puts into a core file: none.
    writeFileSync('/proc/self/coredump_filter', '0');
  } catch {
    // Without /proc nothing can be said here; the limit on core files of the system remains.
  }
}
