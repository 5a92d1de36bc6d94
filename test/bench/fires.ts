/** From the start of the command that the OS starts to the first request at the API, ours and a bare program's alike. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createDemo } from '#host/demo/create.ts';
import { resolvePaths } from '#host/paths.ts';
import { dueWords } from '#host/scheduler/options.ts';
import { quickWake } from '#host/scheduler/quick-wake.ts';
import { entry } from '#host/self.ts';
import { type Attachment, attach } from '#server/attach.ts';
import { launcher } from './launch.ts';
import { alternate, type Line, median } from './measure.ts';

/** Milliseconds between asking for an instant and the instant: a busy machine takes its time. */
const ahead = 1500;
const patience = 60_000;

/** `url`: the scripted API that `api` runs. */
export async function fires(home: string, api: ChildProcess, url: string, rounds: number): Promise<Line[]> {
  const bare = [process.execPath, join(import.meta.dirname, 'bare-loop.ts')];
  mkdirSync(join(home, 'run'), { mode: 0o700 });
  const launch = await launcher(join(home, 'run'), { BENCH_URL: url }, (env) => ({ ours: ours(env), bare }));
  const { env } = launch;
  const paths = resolvePaths(env);
  try {
    await setUp(home, env, url);
    const due = async (keep: boolean): Promise<number> => {
      const host = await attach({ paths, env });
      const at = Date.now() + ahead;
      await host.client.routines.fireAt({ routine: 'bench', at: new Date(at).toISOString() });
      // Whatever it was registered with, the command is started by hand, and once.
      await launch.still('bench');
      if (!keep) await stop(host);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, at - Date.now())));
      const took = await firstRequest(api, () => launch.start('ours'));
      if (keep) return finish(host, took);
      return finish(await attach({ paths, env }), took);
    };
    const asked = async (): Promise<number> => {
      const host = await attach({ paths, env });
      const took = await firstRequest(api, async () => {
        const began = process.hrtime.bigint();
        await host.client.routines.run({ routine: 'bench' });
        return began;
      });
      return finish(host, took);
    };
    const results = await alternate(rounds, {
      cold: () => due(false),
      warm: () => due(true),
      asked,
      bare: () => firstRequest(api, () => launch.start('bare')),
    });
    const of = (name: string) => median(results[name] ?? []);
    const what = `${launch.words} to first model request`;
    return [
      { what: `${what}, no host running`, ours: of('cold'), bare: of('bare'), unit: 'ms', most: { times: 3 } },
      { what: `${what}, host running`, ours: of('warm'), bare: of('bare'), unit: 'ms', most: { value: 60 } },
      {
        what: 'a person asks for a run, to first model request, host running',
        ...{ ours: of('asked'), unit: 'ms', most: { value: 150 } },
      },
    ];
  } finally {
    const left = await attach({ paths, env, start: false }).catch(() => null);
    if (left) await stop(left);
    await launch.close();
  }
}

/** As its own timer would start it. */
function ours(env: Record<string, string>): string[] {
  const entries = { exec: process.execPath, cli: entry('cli'), endpoint: resolvePaths(env).endpoint };
  const asked = { by: 'os_timer', routine: 'bench' };
  if (process.platform === 'linux') return quickWake(entries, asked);
  return [entries.exec, entries.cli, ...dueWords(['--by', asked.by, '--routine', asked.routine])];
}

async function setUp(home: string, env: Record<string, string>, url: string): Promise<void> {
  const repository = join(home, 'fired');
  await createDemo({ directory: repository });
  const host = await attach({ paths: resolvePaths(env), env });
  await host.client.model.setBaseUrl({ url });
  const spec = { name: 'bench', prompt: 'p', schedule: 'nightly', timeZone: 'Europe/Berlin', repository };
  await host.client.routines.add({ id: 'bench', spec: { ...spec, model: 'claude-opus-5-5' } });
  // The first run of all waits for its sandbox; those of every later night do not.
  const { run } = await host.client.routines.run({ routine: 'bench' });
  await ended(host, run);
  await stop(host);
}

async function finish(host: Attachment, took: number): Promise<number> {
  const { active } = await host.client.due({ by: 'host' });
  for (const run of active) await ended(host, run);
  host.close();
  return took;
}

async function ended(host: Attachment, run: string): Promise<void> {
  for await (const item of await host.client.events.follow({ after: 0, run }))
    if (item.kind === 'event' && item.event.type === 'run.ended') return;
}

async function stop(host: Attachment): Promise<void> {
  await host.client.host.stop({ force: true });
  await host.closed;
}

/** `start` says when the command began, by the clock that never jumps, in nanoseconds. */
async function firstRequest(api: ChildProcess, start: () => Promise<bigint>): Promise<number> {
  const arrivals: bigint[] = [];
  const hear = (message: { arrived?: string }) => {
    if (message.arrived !== undefined) arrivals.push(BigInt(message.arrived));
  };
  api.on('message', hear);
  try {
    const began = await start();
    for (const until = Date.now() + patience; Date.now() < until; ) {
      // What an earlier contender still had on its way does not count.
      const first = arrivals.find((at) => at > began);
      if (first !== undefined) return Number(first - began) / 1e6;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error('no request came');
  } finally {
    api.off('message', hear);
  }
}
