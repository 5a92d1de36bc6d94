/** Runs inside a small file system: fills it in the middle of a run, frees it, and lets the next host go on. Prints what it saw. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Event } from '#contract/events.ts';
import { RoutineSpec } from '#contract/routines.ts';
import { createRuntime } from '#core/runtime.ts';
import { type AuditDesk, openAuditDesk } from '#host/audit/methods.ts';
import { createIds, systemClock } from '#host/clock.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { createModels } from '#host/model/models.ts';
import { resolvePaths } from '#host/paths.ts';
import { createMachine } from '#host/presence/machine.ts';
import { createSandbox } from '#host/sandbox/launch.ts';
import { createSecrets } from '#host/secrets.ts';
import { call, reply, type Step, startMessagesServer } from '../fakes/messages-server.ts';

const home = process.argv[2] ?? '';
const repository = join(home, 'repository');
mkdirSync(repository);
writeFileSync(join(repository, 'a.txt'), 'a\n');
const git = (...args: string[]) =>
  spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.invalid', ...args], { cwd: repository });
git('init', '--quiet', '--initial-branch=main');
git('add', '.');
git('commit', '--quiet', '-m', 'first');

const filler = join(home, 'filler');
function fill(): void {
  const file = openSync(filler, 'w');
  try {
    for (let size = 1 << 20; size >= 1; ) {
      try {
        if (writeSync(file, Buffer.alloc(size)) < size) size >>= 1;
      } catch {
        size >>= 1;
      }
    }
  } finally {
    closeSync(file);
  }
}

const edit = reply([call('Write', { file_path: 'b.txt', content: 'b\n' }, 'toolu_1')]);
const propose = reply([call('Propose', { title: 'Add b', explanation: 'b', not_done: ['Nothing else.'] }, 'toolu_2')]);
let filled = false;
const answer: Step = ({ body }) => {
  const done = body.messages.some((message) => message.role === 'assistant');
  if (done && !filled) {
    filled = true;
    fill();
  }
  return done ? propose : edit;
};
const server = await startMessagesServer(Array(10).fill(answer));
const paths = resolvePaths({ NIGHTSHIFT_HOME: join(home, 'data') });
mkdirSync(paths.data);
const said: string[] = [];
const log = { info: () => {}, error: (what: string, error: unknown) => void said.push(`${what}: ${String(error)}`) };
const vault = { get: async () => null, set: async () => {}, delete: async () => {} };
const env = { ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: server.url };
let desk: AuditDesk | undefined;
const host = () =>
  createRuntime({
    audit(store) {
      const parts = { store, clock: systemClock, log, paths, version: '0.0.0', secrets: createSecrets(), vault };
      desk = openAuditDesk(parts);
      return desk.log;
    },
    timeZone: 'UTC',
    ...{ clock: systemClock, ids: createIds(systemClock), log, places: paths },
    models: createModels({ env, paths, vault, log }),
    sandbox: createSandbox({ log }),
    repositories: createRepositories({ env: process.env, log }),
    machine: createMachine({ env: process.env }),
    scheduler: { sync: async () => new Map(), exactness: () => 'exact', doctor: async () => [], heal: async () => [] },
  });
const events = (runtime: ReturnType<typeof host>): Event[] => runtime.store.events({ after: 0, limit: 1000 });

const first = host();
const spec = RoutineSpec.parse({
  name: 'a',
  prompt: 'p',
  schedule: 'manual',
  timeZone: 'UTC',
  repository,
  model: 'claude-opus-5-5',
});
await first.handlers.routines.add({ id: 'a', spec });
const idle = new Promise<void>((resolve) => void first.onIdle(resolve));
const { run } = await first.handlers.routines.run({ routine: 'a' });
await idle;
const before = events(first);
const meanwhile = await first.handlers.runs.get({ run });
const refused = await first.handlers.routines
  .run({ routine: 'a' })
  .catch((error: { code?: string; cure?: string }) => error);
const adding = await first.handlers.routines
  .add({ id: 'b', spec: { ...spec, prompt: 'x'.repeat(90_000) } })
  .catch((error: { code?: string; cure?: string }) => error);
await first.close();
rmSync(filler);

const second = host();
const over = new Promise<void>((resolve) => void second.onIdle(resolve));
second.start();
await over;
const after = events(second);
const end = await second.handlers.runs.get({ run });
const verdict = await desk?.methods.verify({});
await second.close();
await server.close();
const pick = (value: object) =>
  'code' in value ? { code: value.code, cure: 'cure' in value ? value.cure : null } : {};
console.log(
  JSON.stringify({
    ...{ verdict, before, after, said, meanwhile: meanwhile.state, outcome: end.outcome },
    ...{ refused: pick(refused), adding: pick(adding) },
  }),
);
