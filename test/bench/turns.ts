/** What a tool turn costs beside the bare loop on the same SDK, and how much memory a session takes that waits in mid-answer. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TurnCost } from './looking.ts';
import { alternate, type Line, median } from './measure.ts';

/** What the program says at its end, to its parent. Rejects when it fails. */
async function told<T>(name: string, url: string, execArgv: string[] = []): Promise<T> {
  const child = fork(join(import.meta.dirname, name), {
    execArgv,
    env: { ...process.env, BENCH_URL: url },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let said: T | undefined;
  child.on('message', (message) => {
    said = message as T;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0 || said === undefined) throw new Error(`${name} ended with ${code}`);
  return said;
}

/** `url`: the scripted API. */
export async function turns(url: string, rounds: number): Promise<Line[]> {
  const costs = await alternate(rounds, {
    ours: () => told<TurnCost>('our-turns.ts', url),
    bare: () => told<TurnCost>('bare-turns.ts', url),
  });
  const of = (name: string, what: keyof TurnCost) => median((costs[name] ?? []).map((cost) => cost[what]));
  const line = (what: string, cost: keyof TurnCost, times: number): Line => ({
    what: `a tool turn, event log on disk: ${what}`,
    ...{ ours: of('ours', cost), bare: of('bare', cost), unit: 'ms', most: { times } },
  });
  const memory: number[] = [];
  for (let round = 0; round < Math.min(3, rounds); round++)
    memory.push((await told<{ mb: number }>('our-hundred.ts', url, ['--expose-gc'])).mb);
  return [
    line('wall', 'wallMs', 1.3),
    line('processor', 'cpuMs', 2),
    { what: 'one of 100 sessions in mid-answer: memory', ours: median(memory), unit: 'MB', most: { value: 5 } },
  ];
}
