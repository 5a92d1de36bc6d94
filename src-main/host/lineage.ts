/** Tells when the programs that started us for a person are gone: npm and its shell do not take us along. */
import { readFileSync } from 'node:fs';

/** npm, its shell, and our own starter on another Node. */
const mostSteps = 4;

/** True for as long as every process between us and the npm that started us, or our own starter, is still there. */
export function watchLineage(): () => boolean {
  const first = ancestors();
  return () => first.every((pid, step) => parentOf(step === 0 ? process.pid : (first[step - 1] ?? 0)) === pid);
}

/** From our parent up to npm; only our starter, or nobody, when no npm started us. */
function ancestors(): number[] {
  const found: number[] = [];
  for (let pid = process.pid; found.length < mostSteps; ) {
    const parent = parentOf(pid);
    if (parent === null || parent <= 1) break;
    found.push(parent);
    if (/^npm(\s|$)|\/npm(-cli\.js)?\0/.test(commandOf(parent))) return found;
    pid = parent;
  }
  const starter = found[0];
  return starter !== undefined && commandOf(starter).includes('nightshift.mjs') ? [starter] : [];
}

function parentOf(pid: number): number | null {
  try {
    // The name in parentheses may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(fields[1]);
  } catch {
    return null;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
