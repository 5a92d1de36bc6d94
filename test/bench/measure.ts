/** How a bench measures: side by side, alternating, medians. */
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export interface ProcessCost {
  wallMs: number;
  /** User and system time of the whole tree that was waited for. */
  cpuMs: number;
}

/** Runs a program to its end. Rejects with its stderr when it fails. */
export function runProgram(argv: string[], env: NodeJS.ProcessEnv): Promise<ProcessCost> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    // bash counts the processor time of everything below it, which Node does not.
    const child = spawn('bash', ['-c', 'TIMEFORMAT="@@ %U %S"; time "$@"', 'bash', ...argv], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.on('close', (code) => {
      const times = /@@ ([\d.]+) ([\d.]+)/.exec(said);
      if (code !== 0 || !times) return reject(new Error(`${argv.join(' ')} ended with ${code}: ${said}`));
      const cpuMs = (Number(times[1]) + Number(times[2])) * 1000;
      resolve({ wallMs: performance.now() - began, cpuMs });
    });
  });
}

/** Each contender in turn, round after round, so that whatever else the machine does meets all of them alike. */
export async function alternate<T>(
  rounds: number,
  contenders: Record<string, () => Promise<T>>,
): Promise<Record<string, T[]>> {
  const results: Record<string, T[]> = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, contender] of Object.entries(contenders)) results[name]?.push(await contender());
  return results;
}

export function row(what: string, ours: number, theirs: number, unit: string): string {
  const ratio = theirs === 0 ? '–' : `${(ours / theirs).toFixed(2)} ×`;
  const show = (value: number) => `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${unit}`;
  return `${what.padEnd(64)} ${show(ours).padStart(14)} ${show(theirs).padStart(14)} ${ratio.padStart(9)}`;
}
