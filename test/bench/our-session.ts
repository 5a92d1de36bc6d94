/** Our side: the same turns in one fresh process through the real session, every event on disk, every call in the sandbox. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RoutineSpec } from '#contract/routines.ts';
import { createPurse } from '#core/budget/purse.ts';
import { modeJudge } from '#core/permissions/gate.ts';
import { createAgent } from '#core/session/agent.ts';
import { openStore } from '#core/store/event-log.ts';
import { createIds, systemClock } from '#host/clock.ts';
import { createModels } from '#host/model/models.ts';
import { resolvePaths } from '#host/paths.ts';
import { createSandbox } from '#host/sandbox/launch.ts';

const home = mkdtempSync(join(tmpdir(), 'nightshift-bench-'));
const log = { info: () => {}, error: () => {} };
const vault = { get: async () => null, set: async () => {}, delete: async () => {} };
const env = { ANTHROPIC_API_KEY: 'sk-bench', ANTHROPIC_BASE_URL: process.env.BENCH_URL };
const models = createModels({ env, paths: resolvePaths({ NIGHTSHIFT_HOME: home }), vault, log });
const store = openStore(join(home, 'a.db'), systemClock);
const run = 'run-00000001';
const spec = RoutineSpec.parse({ name: 'b', prompt: 'p', schedule: 'manual', timeZone: 'UTC', repository: '/' });
const repository = process.env.BENCH_REPOSITORY ?? '';
const hands = await createSandbox({ log }).launch({
  ...{ run, worktree: process.env.BENCH_WORKTREE ?? '', access: 'write' },
  gitDirectory: join(repository, '.git'),
});
store.commit((writer) => {
  writer.append({ type: 'run.queued', run, routine: 'bench', trigger: { kind: 'person' } });
  writer.append({ type: 'message.added', run, text: 'Do the work.', from: 'routine' });
});
const signal = new AbortController().signal;
const model = await models.resolve('claude-opus-5-5', 'bench');
const [ids, judge] = [createIds(systemClock), modeJudge(spec.permissionMode)];
const purse = createPurse({ store, clock: systemClock, startOfDay: (at) => at - (at % 86_400_000) });
await createAgent({ store, purse, clock: systemClock, ids, judge, model, hands, run, spec, signal }).work();
await hands.close();
await models.close();
store.close();
rmSync(home, { recursive: true });
