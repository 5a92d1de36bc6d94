/** What both sides of a comparison do in each turn: the same words, the same tool, the same short file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const system = 'You look at a file, line by line.';
export const description = 'One line of the file.';
export const model = 'claude-opus-5-5';

/** A folder with the file in it. */
export function lookAt(): { folder: string; line(number: number): string; close(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-bench-'));
  const file = join(folder, 'lines.txt');
  writeFileSync(file, Array.from({ length: 20 }, (_, at) => `this is line ${at} of the file`).join('\n'));
  return {
    folder,
    line: (number) => readFileSync(file, 'utf8').split('\n')[number % 20] ?? '',
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface TurnCost {
  wallMs: number;
  cpuMs: number;
}

/** Turns of a session. */
const each = 50;
/** Sessions before it counts: a host works all night, and what it runs has long been compiled. */
const warmUps = 8;
const counted = 4;

/** Of one turn, in a process that is warm. Says it to its parent. */
export async function costOfTurns(session: (prompt: string) => Promise<void>): Promise<void> {
  for (let done = 0; done < warmUps; done++) await session(promptFor(each));
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  for (let done = 0; done < counted; done++) await session(promptFor(each));
  const { user, system: kernel } = process.cpuUsage(cpu);
  const all = each * counted;
  const cost: TurnCost = { wallMs: (performance.now() - began) / all, cpuMs: (user + kernel) / 1000 / all };
  process.send?.(cost);
}

export const promptFor = (turns: number, then: 'end' | 'wait' = 'end') => `${turns} turns of looking, then ${then}`;
