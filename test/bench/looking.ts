/** What both sides of a comparison do in each turn: the same words, the same tool, the same short file. */
import { on } from 'node:events';
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

/** Does a session whenever its parent asks for one, and says what one of its turns cost, until the parent leaves. */
export async function costOfTurns(session: (prompt: string) => Promise<void>): Promise<void> {
  for await (const _ of on(process, 'message', { close: ['disconnect'] })) {
    const [began, cpu] = [performance.now(), process.cpuUsage()];
    await session(promptFor(each));
    const { user, system: kernel } = process.cpuUsage(cpu);
    const cost: TurnCost = { wallMs: (performance.now() - began) / each, cpuMs: (user + kernel) / 1000 / each };
    process.send?.(cost);
  }
}

export const promptFor = (turns: number, then: 'end' | 'wait' = 'end') => `${turns} turns of looking, then ${then}`;
