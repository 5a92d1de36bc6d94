/** Hundreds of sessions on one host: those that wait hold nothing, those that work take turns, and none is lost. */
import { expect, test } from 'vitest';
import type { Verdict } from '#core/permissions/judge.ts';
import type { Repositories, Rules, Sandbox } from '#core/ports.ts';
import { slots } from '#core/supervisor/admission.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { type Step, say, use } from '../fakes/messages-server.ts';
import { recordingHands } from '../fakes/recording-hands.ts';
import { testRepository } from '../fakes/repository.ts';
import { taskRuntime } from '../fakes/task.ts';

const allowed: Verdict = {
  ...{ decision: 'allow', code: null, why: '', hint: null, rule: null, source: null },
  ...{ segment: null, path: null, approvable: true },
};
/** Asks a person about every command. */
const asking: Rules = {
  load: async () => ({
    judge: {
      version: 'v1',
      judge: async ({ name }) =>
        name === 'Bash' ? { ...allowed, decision: 'ask', code: 'rule.ask', why: 'A rule asks.' } : allowed,
    },
    ...{ sources: [], problems: [] },
  }),
};

/** Answers by the history alone: a command for a task that says so, and words for every other. */
const model: Step = ({ body: { messages } }) =>
  messages.length === 1 && JSON.stringify(messages[0]).includes('ASK') ? use('Bash', { command: 'ls' }) : say('Done.');

/** A repository in which nothing ever changes: git is not what is tested, and costs more than all the rest. */
async function stillRepository() {
  const repository = testRepository();
  const real = createRepositories({ env: process.env });
  const facts = await real.inspect(repository.root);
  const repositories: Repositories = {
    ...real,
    inspect: async () => facts,
    locate: async () => facts,
    addWorktree: async () => 'kept',
    removeWorktree: async () => {},
    commitAll: async () => null,
    head: async () => facts.head,
    deleteBranch: async () => true,
    read: async (_repo, _commit, paths) => paths.map(() => ({ kind: 'missing' })),
  };
  return { repository, repositories };
}

/** Hands that count how many of them are there. */
function countedSandbox() {
  const count = { now: 0, most: 0, made: 0 };
  const sandbox: Sandbox = {
    async launch() {
      const hands = recordingHands();
      count.made += 1;
      count.now += 1;
      count.most = Math.max(count.most, count.now);
      let open = true;
      const close = async () => {
        if (open) count.now -= 1;
        open = false;
      };
      return { ...hands, close };
    },
    doctor: async () => [],
  };
  return { sandbox, count };
}

test('200 that wait for an answer and 60 that work: fair, bounded, none lost, over a restart too', {
  timeout: 240_000,
}, async () => {
  const { sandbox, count } = countedSandbox();
  const still = await stillRepository();
  const script = Array<Step>(2000).fill(model);
  const first = await taskRuntime({ script, sandbox, rules: asking, ...still });
  const waiting: string[] = [];
  for (let each = 0; each < 200; each++) waiting.push(await first.start({ prompt: `ASK ${each}` }));
  const states = async (product: typeof first) =>
    Object.groupBy(await product.handlers.runs.list({ limit: 1000 }), ({ session }) => session ?? 'none');
  await expect
    .poll(async () => (await states(first)).needs_input?.length, { timeout: 120_000, interval: 250 })
    .toBe(200);
  await expect.poll(() => first.runtime.busy(), { timeout: 10_000 }).toBe(false);
  expect(count.now).toBe(0);
  expect(count.most).toBeLessThanOrEqual(slots);

  // Those that wait hold nobody up, and who came first goes first.
  const working: string[] = [];
  for (let each = 0; each < 60; each++) working.push(await first.start({ prompt: `Task ${each}` }));
  await Promise.all(working.map((run) => first.ended(run)));
  const began = first.store
    .events({ after: 0, limit: 1_000_000 })
    .flatMap((event) => (event.type === 'run.dispatched' && working.includes(event.run) ? [event.run] : []));
  expect(began).toEqual(working);
  expect((await states(first)).idle).toHaveLength(60);
  await first.runtime.close();

  const second = await taskRuntime({
    ...{ script, sandbox, rules: asking, home: first.paths.data, ...still, clock: first.clock },
  });
  second.runtime.start();
  expect(second.runtime.busy()).toBe(false);
  expect(await states(second)).toMatchObject({ needs_input: { length: 200 }, idle: { length: 60 } });
  for (const [at, run] of working.slice(0, 20).entries())
    await second.handlers.runs.say({ run, text: `More ${at}`, interrupt: false, door: 'terminal' });
  const open = await second.handlers.questions.list({ state: 'open', limit: 1000 });
  expect(open).toHaveLength(200);
  for (const part of [open.slice(0, 100), open.slice(100)])
    await second.handlers.questions.answer({
      answers: part.map(({ id, bind }) => ({ question: id, bind, decision: 'deny' as const })),
      door: 'terminal',
    });
  await Promise.all([
    ...waiting.map((run) => second.ended(run)),
    ...working.slice(0, 20).map((run) => second.ended(run, 2)),
  ]);
  expect(Object.keys(await states(second))).toEqual(['idle']);
  const ends = second.store.events({ after: 0, limit: 1_000_000 }).filter(({ type }) => type === 'run.ended');
  expect(ends).toHaveLength(200 + 60 + 20);
  expect(count.most).toBeLessThanOrEqual(slots);
  await expect.poll(() => count.now, { timeout: 10_000 }).toBe(0);
});
