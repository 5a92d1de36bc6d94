/** A host is killed while a session is talked to, taken back or forked: what was said is heard once, and the files are those of then. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ApiClient } from '#contract/api.ts';
import type { Event, EventType } from '#contract/events.ts';
import { TaskSpec } from '#contract/tasks.ts';
import { hostHome } from '../fakes/host-process.ts';
import { call, reply, type Step, say, startMessagesServer } from '../fakes/messages-server.ts';
import { brokenService } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';

const bash = (id: string, command: string) => reply([call('Bash', { command }, id)]);
/** The answer depends on the history alone, so that a repeated question gets the same one. */
const answer: Step = ({ body: { messages } }) => {
  const told = JSON.stringify(messages);
  if (told.includes('AGAIN'))
    return told.includes('toolu_again') ? say('Done.') : bash('toolu_again', 'echo again >> s');
  const turn = messages.filter(({ role }) => role === 'assistant').length;
  return [bash('toolu_1', 'echo one >> s'), bash('toolu_2', 'echo two >> s')][turn] ?? say('Done.');
};

const eventsOf = (client: ApiClient, run: string) => client.runs.events({ run });
const count = (events: Event[], type: EventType) => events.filter((event) => event.type === type).length;

/** Until the run has ended so often, and nothing of it waits to go on. */
async function ended(client: ApiClient, run: string, times: number): Promise<void> {
  await expect
    .poll(async () => [count(await eventsOf(client, run), 'run.ended'), (await client.runs.get({ run })).state], {
      timeout: 60_000,
      interval: 100,
    })
    .toEqual([times, 'ended']);
}

/** Does what is not done yet. */
async function drive(client: ApiClient, run: string): Promise<string> {
  if (count(await eventsOf(client, run), 'history.rewound') === 0) {
    await ended(client, run, 1);
    await client.runs.rewind({ run, toTurn: 1, prompt: 'AGAIN, from one.', door: 'terminal' });
  }
  await ended(client, run, 2);
  const { forks } = await client.runs.get({ run });
  const fork = forks?.[0] ?? (await client.runs.fork({ run, atTurn: 2, prompt: 'AGAIN, too.' })).run;
  await ended(client, fork, 1);
  return fork;
}

const points: EventType[] = ['files.saved', 'history.rewound', 'files.restored', 'run.forked'];

test.skipIf(process.platform !== 'linux').each(points)(
  'kill -9 right after %s (bubblewrap, Linux only)',
  { timeout: 180_000 },
  async (point) => {
    const server = await startMessagesServer(Array(60).fill(answer));
    onTestFinished(() => server.close());
    const home = hostHome({ ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url });
    const repository = testRepository(brokenService);
    const first = await home.attach();
    const task = TaskSpec.parse({
      ...{ prompt: 'Begin.', repository: repository.root, model: 'claude-opus-5-5', timeZone: 'UTC' },
    });
    const { run } = await first.client.runs.start({ task });
    const killed = (async () => {
      for await (const item of await first.client.events.follow({ after: 0 }))
        if (item.kind === 'event' && item.event.type === point) return process.kill(first.hostPid, 'SIGKILL');
      return false;
    })();
    // What is asked of a host that is gone fails, sooner or later.
    void drive(first.client, run).catch(() => {});
    expect(await killed).toBe(true);
    await first.closed;

    const second = await home.attach();
    const fork = await drive(second.client, run);
    const events = await eventsOf(second.client, run);
    expect(count(events, 'history.rewound')).toBe(1);
    expect(events.filter((e) => e.type === 'message.added' && e.text.startsWith('AGAIN'))).toHaveLength(1);
    const cut = events.some((e) => e.type === 'tool.finished' && e.code === 'run.interrupted');
    const files = (id: string) => readFileSync(join(home.paths.worktrees, id, 's'), 'utf8');
    // A call that the kill cut off may have been done or not; nothing is ever done twice.
    if (cut) expect(['one\nagain\n', 'one\n', 'again\n']).toContain(files(run));
    else expect(files(run)).toBe('one\nagain\n');
    if (!cut) expect(files(fork)).toBe('one\ntwo\nagain\n');
    const paid = (id: string) => second.client.runs.get({ run: id }).then(({ costMicros }) => costMicros);
    const all = [...events, ...(await eventsOf(second.client, fork))];
    const sum = all.reduce((micros, event) => micros + ('costMicros' in event ? event.costMicros : 0), 0);
    expect((await paid(run)) + (await paid(fork))).toBe(sum);
    expect((await second.client.runs.list({})).map(({ id }) => id).sort()).toEqual([run, fork].sort());
    await second.client.host.stop({ force: true });
  },
);
