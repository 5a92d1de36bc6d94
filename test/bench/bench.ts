/** How fast, as ratios measured side by side in one run. Nothing here passes or fails. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openStore } from '#core/store/event-log.ts';
import { createIds, systemClock } from '#host/clock.ts';
import { createDemo } from '#host/demo/create.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { resolvePaths } from '#host/paths.ts';
import { entry } from '#host/self.ts';
import { attach } from '#server/attach.ts';
import { alternate, median, row, runProgram } from './measure.ts';
import { registerCost } from './register.ts';
import { sandboxCost } from './sandbox.ts';

const rounds = Number(process.env.BENCH_ROUNDS ?? 7);
const here = (name: string) => join(import.meta.dirname, name);
const home = mkdtempSync(join(tmpdir(), 'nightshift-bench-'));
const api = fork(here('scripted-api.ts'));
const [{ url }] = (await once(api, 'message')) as [{ url: string }];

console.log(`${''.padEnd(64)} ${'ours'.padStart(14)} ${'bare'.padStart(14)} ${'ratio'.padStart(9)}`);
try {
  await sandboxed();
  await sessions();
  await events();
  await fires();
  await registering();
} finally {
  api.disconnect();
  rmSync(home, { recursive: true, force: true });
}

async function registering(): Promise<void> {
  const cost = await registerCost();
  const what = '500 routines told to systemd (bare: files, one reload, one start)';
  console.log(cost ? row(what, cost.oursMs, cost.bareMs, 'ms') : `${what}: SKIPPED, no user manager can be started`);
}

async function sandboxed(): Promise<void> {
  const cost = await sandboxCost(join(home, 'sandboxed'));
  if (!cost) return console.log('sandbox: SKIPPED, there is none on this system');
  console.log(row('one Bash call in the sandbox (bare: sh -c, no sandbox)', cost.call.ours, cost.call.bare, 'ms'));
  console.log(
    row('a sandbox, from its start to its probes (bare: bubblewrap)', cost.start.ours, cost.start.bare, 'ms'),
  );
  console.log(row('the same with a network', cost.online.ours, cost.start.bare, 'ms'));
}

async function sessions(): Promise<void> {
  const directory = join(home, 'repository');
  await createDemo({ directory });
  const repositories = createRepositories({ env: process.env, log: { info: () => {}, error: () => {} } });
  const repository = await repositories.inspect(directory);
  const worktree = join(home, 'worktree');
  await repositories.addWorktree(repository, 'nightshift/bench', repository.head, worktree);
  const env = { ...process.env, BENCH_URL: url, BENCH_REPOSITORY: directory, BENCH_WORKTREE: worktree };
  const results = await alternate(rounds, {
    ours: () => runProgram([process.execPath, here('our-session.ts')], env),
    bare: () => runProgram([process.execPath, here('bare-loop.ts')], env),
  });
  const pick = (name: string, what: 'wallMs' | 'cpuMs') => median((results[name] ?? []).map((cost) => cost[what]));
  console.log(
    row('session of 10 tool turns, cold process: wall', pick('ours', 'wallMs'), pick('bare', 'wallMs'), 'ms'),
  );
  console.log(
    row('session of 10 tool turns, cold process: processor', pick('ours', 'cpuMs'), pick('bare', 'cpuMs'), 'ms'),
  );
}

/** Events of 1 KB, a transaction each, synchronous FULL on both sides: higher is better. */
async function events(): Promise<void> {
  const count = 2000;
  const store = openStore(join(home, 'ours.db'), systemClock);
  const raw = new Database(join(home, 'raw.db'));
  raw.pragma('journal_mode = WAL');
  raw.pragma('synchronous = FULL');
  raw.exec(
    'CREATE TABLE events(seq INTEGER PRIMARY KEY, at TEXT, run TEXT, type TEXT, body TEXT); CREATE INDEX i ON events(run, seq)',
  );
  const insert = raw.prepare('INSERT INTO events(at, run, type, body) VALUES (?, ?, ?, ?)');
  const run = createIds(systemClock).next('run');
  const text = 'x'.repeat(900);
  store.commit((writer) => writer.append({ type: 'run.queued', run, routine: 'bench', trigger: { kind: 'person' } }));
  const rate = async (work: () => void) => {
    const began = performance.now();
    for (let i = 0; i < count; i++) work();
    return (count / (performance.now() - began)) * 1000;
  };
  const results = await alternate(3, {
    ours: () =>
      rate(() => store.commit((writer) => writer.append({ type: 'message.added', run, text, from: 'routine' }))),
    bare: () =>
      rate(() => void insert.run(new Date().toISOString(), run, 'message.added', JSON.stringify({ run, text }))),
  });
  store.close();
  raw.close();
  console.log(
    row(
      'events stored a second, one commit each (more is better)',
      median(results.ours ?? []),
      median(results.bare ?? []),
      '/s',
    ),
  );
}

/** From the start of the command that the OS timer starts to the first request at the API. */
async function fires(): Promise<void> {
  const data = join(home, 'data');
  const runtime = join(home, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  const env = {
    ...{ PATH: process.env.PATH, HOME: home, XDG_RUNTIME_DIR: runtime, TZ: 'UTC', NIGHTSHIFT_HOME: data },
    ...{ NIGHTSHIFT_IDLE_MS: '0', ANTHROPIC_API_KEY: 'sk-bench', ANTHROPIC_BASE_URL: url, BENCH_URL: url },
  };
  const paths = resolvePaths(env);
  const repository = join(home, 'fired');
  await createDemo({ directory: repository });
  const setUp = await attach({ paths, env });
  await setUp.client.routines.add({
    id: 'bench',
    spec: { name: 'bench', prompt: 'p', schedule: 'manual', timeZone: 'UTC', repository, model: 'claude-opus-5-5' },
  });

  const due = async (keep: boolean): Promise<number> => {
    const host = await attach({ paths, env });
    await host.client.routines.fireAt({ routine: 'bench', at: new Date(Date.now() + 100).toISOString() });
    await new Promise((resolve) => setTimeout(resolve, 200));
    if (!keep) {
      await host.client.host.stop({ force: true });
      await host.closed;
    }
    const took = await firstRequest([process.execPath, entry('cli'), 'due', '--by', 'os_timer', '--no-wait'], env);
    const after = keep ? host : await attach({ paths, env });
    const { active } = await after.client.due({ by: 'host' });
    for (const run of active)
      for await (const item of await after.client.events.follow({ after: 0, run }))
        if (item.kind === 'event' && item.event.type === 'run.ended') break;
    host.close();
    after.close();
    return took;
  };
  setUp.close();
  const results = await alternate(rounds, {
    cold: () => due(false),
    warm: () => due(true),
    bare: () => firstRequest([process.execPath, here('bare-loop.ts')], env),
  });
  const bare = median(results.bare ?? []);
  console.log(row('OS fire to first model request, no host running', median(results.cold ?? []), bare, 'ms'));
  console.log(row('OS fire to first model request, host running', median(results.warm ?? []), bare, 'ms'));
}

async function firstRequest(argv: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const began = performance.timeOrigin + performance.now();
  const arrived = new Promise<number>((resolve) => {
    const hear = (message: { arrived?: number }) => {
      // What an earlier contender still had on its way does not count.
      if (message.arrived === undefined || message.arrived < began) return;
      api.off('message', hear);
      resolve(message.arrived);
    };
    api.on('message', hear);
  });
  const [exec = '', ...args] = argv;
  const child: ChildProcess = spawn(exec, args, { env, stdio: 'ignore' });
  const took = (await arrived) - began;
  if (child.exitCode === null) await once(child, 'exit');
  return took;
}
