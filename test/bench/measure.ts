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

/** Milliseconds of processor time that `work` takes: what it would take if nobody else used the machine. */
export function processorMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** One measured thing. `bare`: the other side, where there is one. */
export interface Line {
  what: string;
  ours: number;
  bare?: number;
  /** Of `ours` to `bare`, where it is known better than by these two: of pairs that were measured side by side. */
  ratio?: number;
  unit: string;
  /** The most it may be: times the bare side, in `unit`, or in `unit` beyond the bare side. */
  most?: { times: number } | { value: number } | { beyond: number };
}

export const heading = columns('', 'ours', 'bare', 'ratio', 'target', '');

/** The line as text; with a target, also whether it is met. */
export function row({ what, ours, bare, ratio: known, unit, most }: Line): string {
  const show = (value: number) => `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${unit}`;
  const ratio = known ?? (bare ? ours / bare : Number.NaN);
  const times = bare ? `${ratio.toFixed(2)} ×` : '–';
  if (!most) return columns(what, show(ours), bare ? show(bare) : '–', times, '–', '');
  const [target, met] =
    'times' in most
      ? [`≤ ${most.times} ×`, ratio <= most.times]
      : 'value' in most
        ? [`≤ ${most.value} ${unit}`, ours <= most.value]
        : [`+ ≤ ${most.beyond} ${unit}`, ours - (bare ?? 0) <= most.beyond];
  return columns(what, show(ours), bare ? show(bare) : '–', times, target, met ? 'met' : 'MISSED');
}

function columns(what: string, ...cells: string[]): string {
  return `${what.padEnd(66)} ${cells.map((cell) => cell.padStart(10)).join(' ')}`.trimEnd();
}
