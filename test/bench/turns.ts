/** What a tool turn costs beside the bare loop on the same SDK, and how much memory a session takes that waits in mid-answer. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TurnCost } from './looking.ts';
import { type Line, median } from './measure.ts';

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

/** Sessions before it counts: a host works all night, and what it runs has long been compiled. */
const warmUps = 16;
/** Pairs of sessions that count, of each pair of processes. */
const counted = 16;

interface Contender {
  /** What a turn of its next session costs. */
  session(): Promise<TurnCost>;
  close(): Promise<void>;
}

function contender(name: string, url: string): Contender {
  const child = fork(join(import.meta.dirname, name), {
    env: { ...process.env, BENCH_URL: url },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const gone = once(child, 'exit').then(([code]) => code as number | null);
  const early = gone.then((code) => Promise.reject(new Error(`${name} ended with ${code}`)));
  early.catch(() => {});
  return {
    async session() {
      child.send('go');
      const [cost] = await Promise.race([once(child, 'message'), early]);
      return cost as TurnCost;
    },
    async close() {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}

/**
 * Both sides at once, each idle while the other works: a session of each, side by side within a fraction of a second, is
 * one pair, and whatever else the machine does meets both alike.
 */
async function pairs(url: string): Promise<{ ours: TurnCost; bare: TurnCost }[]> {
  const [ours, bare] = [contender('our-turns.ts', url), contender('bare-turns.ts', url)];
  try {
    const found = [];
    for (let done = 0; done < warmUps + counted; done++) {
      // Neither is always the first.
      const first = done % 2 === 0 ? await ours.session() : null;
      const other = await bare.session();
      found.push({ ours: first ?? (await ours.session()), bare: other });
    }
    return found.slice(warmUps);
  } finally {
    await Promise.all([ours.close(), bare.close()]);
  }
}

/** `url`: the scripted API. */
export async function turns(url: string, rounds: number): Promise<Line[]> {
  const found: Awaited<ReturnType<typeof pairs>> = [];
  for (let round = 0; round < rounds; round++) found.push(...(await pairs(url)));
  const line = (what: string, cost: keyof TurnCost, times: number): Line => ({
    what: `a tool turn, event log on disk: ${what}`,
    ours: median(found.map(({ ours }) => ours[cost])),
    bare: median(found.map(({ bare }) => bare[cost])),
    ratio: median(found.map(({ ours, bare }) => ours[cost] / bare[cost])),
    ...{ unit: 'ms', most: { times } },
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
