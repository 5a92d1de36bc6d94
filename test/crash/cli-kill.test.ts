/** `nightshift run` while its host is killed: the same command follows the same run, and its exit code is the truth. */
import { spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { Event, type EventType } from '#contract/events.ts';
import { openStore } from '#core/store/event-log.ts';
import { systemClock } from '#host/clock.ts';
import { startTimeOf } from '#host/processes.ts';
import { entry } from '#host/self.ts';
import type { Attachment } from '#server/attach.ts';
import { heard } from '../fakes/heard.ts';
import { hostHome } from '../fakes/host-process.ts';
import { call, fail, reply, type Step, say, startMessagesServer, use } from '../fakes/messages-server.ts';
import { brokenService } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';
import { verifies } from '../promises.ts';

const mend = use('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' });
const propose = reply([call('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] })]);
const impossible = say(JSON.stringify({ verdict: 'impossible', quote: 'answer = 42', reason: 'As seen.' }));
const limited = fail(429, { headers: { 'retry-after': '7200' } });

async function setUp(script: Step[]) {
  const server = await startMessagesServer(script);
  onTestFinished(() => server.close());
  const home = hostHome({ ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url });
  const { root: cwd } = testRepository(brokenService);
  const host = await home.attach();
  function task(...more: string[]) {
    const argv = [entry('cli'), 'run', '--prompt', 'Mend it.', '--model', 'claude-opus-5-5', '--json', ...more];
    const child = spawn(process.execPath, argv, { env: home.env, cwd });
    onTestFinished(() => void child.kill('SIGKILL'));
    return heard(child);
  }
  return { server, home, host, task };
}

/** Kills the host at the first event of that type; which run it was. `before`: at the last moment. */
async function killAt({ client, hostPid, closed }: Attachment, type: EventType, before = () => {}): Promise<string> {
  for await (const item of await client.events.follow({ after: 0 })) {
    if (item.kind !== 'event' || item.event.type !== type || !('run' in item.event)) continue;
    before();
    process.kill(hostPid, 'SIGKILL');
    await closed;
    await expect.poll(() => startTimeOf(hostPid), { timeout: 30_000 }).toBeNull();
    return item.event.run;
  }
  throw new Error(`${type} never came`);
}

/** Each event was told once and in order. */
function told(out: string): Event[] {
  const events = out
    .trimEnd()
    .split('\n')
    .map((line) => Event.parse(JSON.parse(line)));
  const order = events.map(({ seq }) => seq);
  expect(order).toEqual([...new Set(order)].toSorted((a, b) => a - b));
  return events;
}

test.skipIf(process.platform !== 'linux').each(['run.queued', 'run.started', 'tool.started'] as const)(
  'killed at %s: the same command ends with what came of the same run, and there is no other (bubblewrap, Linux only)',
  async (point) => {
    // Killed before the call did anything, it is not done by itself again: the agent does it.
    const script = point === 'tool.started' ? [mend, mend, propose, propose] : [mend, propose, propose, propose];
    const { host, home, task } = await setUp(script);
    const { ended, seen } = task();
    const run = await killAt(host, point);
    expect(await ended).toBe(0);
    expect(told(seen.out).at(-1)).toMatchObject({ type: 'run.ended', run, outcome: 'proposed' });
    const next = await home.attach();
    expect(await next.client.runs.list({ limit: 10 })).toHaveLength(1);
    await next.client.host.stop({ force: true });
  },
);

test.skipIf(process.platform !== 'linux')(
  verifies(
    'task-by-exit-code',
    'killed as it is parked: the command ends with 14, and the question is there to be answered (bubblewrap, Linux only)',
  ),
  async () => {
    const { host, home, task } = await setUp([mend, propose, impossible]);
    const { ended, seen } = task('--goal', 'All is well.');
    const run = await killAt(host, 'run.parked');
    expect(await ended).toBe(14);
    expect(told(seen.out).filter(({ type }) => type === 'run.parked')).toHaveLength(1);
    const next = await home.attach();
    expect(await next.client.questions.list({ run, state: 'open' })).toHaveLength(1);
    await next.client.host.stop({ force: true });
  },
);

test.skipIf(process.platform !== 'linux')(
  'killed as it is held: the command waits on with the next host, and a stop from elsewhere ends it with 15 (bubblewrap, Linux only)',
  async () => {
    const { host, home, task, server } = await setUp([mend, limited]);
    const { ended, seen } = task();
    const run = await killAt(host, 'run.held');
    await expect.poll(() => seen.err, { timeout: 30_000 }).toContain('attaching again');
    const next = await home.attach();
    expect(await next.client.runs.get({ run })).toMatchObject({ held: { wait: 1, of: 3 } });
    await next.client.runs.stop({ run });
    expect(await ended).toBe(15);
    const events = told(seen.out);
    expect(events.filter(({ type }) => type === 'run.held')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ type: 'run.ended', outcome: 'stopped' });
    expect(server.requests).toHaveLength(2);
    await next.client.host.stop({ force: true });
  },
);

test.skipIf(process.platform !== 'linux')(
  'killed as it is held: where the limit lifts meanwhile, the same command sees the run to its end (bubblewrap, Linux only)',
  async () => {
    const { host, home, task } = await setUp([mend, limited, propose]);
    const { ended, seen, child } = task();
    // It sleeps over all of it, as a machine does.
    const run = await killAt(host, 'run.held', () => child.kill('SIGSTOP'));
    const store = openStore(home.paths.database, systemClock);
    const until = new Date(Date.now() - 1000).toISOString();
    store.commit((writer) => {
      writer.append({ type: 'run.held', run, until, reason: 'as before', wait: 1, of: 3 });
      writer.records.setFact('rate_limits', '[]');
    });
    store.close();
    child.kill('SIGCONT');
    expect(await ended).toBe(0);
    const events = told(seen.out);
    expect(events.filter((event) => event.type === 'run.resumed')).toMatchObject([{ why: 'limit_lifted' }]);
    expect(events.at(-1)).toMatchObject({ type: 'run.ended', run, outcome: 'proposed' });
    const next = await home.attach();
    await next.client.host.stop({ force: true });
  },
);
