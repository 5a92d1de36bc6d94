/** A run that waits for a limit outlives whatever is killed around it, and goes on once when its time has come, whoever notices it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import type { Event, EventType } from '#contract/events.ts';
import { openStore } from '#core/store/event-log.ts';
import { systemClock } from '#host/clock.ts';
import { startTimeOf } from '#host/processes.ts';
import { entry } from '#host/self.ts';
import type { Attachment } from '#server/attach.ts';
import { type HostHome, hostHome } from '../fakes/host-process.ts';
import { call, fail, reply, type Step, startMessagesServer } from '../fakes/messages-server.ts';
import { spec } from '../fakes/places.ts';
import { brokenPrefixes } from '../fakes/prefix.ts';
import { brokenService } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';

const limited = fail(429, { headers: { 'retry-after': '7200' } });
const script: Step[] = [
  reply([call('Bash', { command: 'echo once >> trace.txt' }, 'toolu_1')]),
  limited,
  reply([call('Propose', { title: 'Trace', explanation: 'So.', not_done: ['Nothing else.'] }, 'toolu_2')]),
];

async function killAt(
  { client, hostPid, closed }: Attachment,
  run: string,
  type: EventType,
  after = 0,
): Promise<Event> {
  for await (const item of await client.events.follow({ after, run })) {
    if (item.kind !== 'event' || item.event.type !== type) continue;
    process.kill(hostPid, 'SIGKILL');
    await closed;
    await expect.poll(() => startTimeOf(hostPid), { timeout: 30_000 }).toBeNull();
    return item.event;
  }
  throw new Error(`${type} never came`);
}

/** As if the hours had gone by; to be called while no host lives. */
function letTimePass({ paths }: HostHome, run: string): void {
  const store = openStore(paths.database, systemClock);
  const until = new Date(Date.now() - 1000).toISOString();
  store.commit((writer) => {
    writer.append({ type: 'run.held', run, until, reason: 'as before', wait: 1, of: 3 });
    // What the account said holds no longer, either.
    writer.records.setFact('rate_limits', '[]');
  });
  store.close();
}

async function wake({ env }: HostHome): Promise<number | null> {
  const argv = [entry('cli'), 'due', '--by', 'os_timer', '--no-wait', '--routine', 'triage'];
  const [code] = await once(spawn(process.execPath, argv, { env, stdio: 'ignore' }), 'exit');
  return code as number | null;
}

test.skipIf(process.platform !== 'linux').each([['run.resumed'], ['turn.started'], ['message.finished']] as const)(
  'killed as it is held, woken twice by its timer, killed again at %s: it goes on as one run (bubblewrap, Linux only)',
  async (point) => {
    const server = await startMessagesServer(script);
    onTestFinished(() => server.close());
    const home = hostHome({ ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url });
    const first = await home.attach();
    const own = { repository: testRepository(brokenService).root, schedule: 'manual', model: 'claude-opus-5-5' };
    await first.client.routines.add({ id: 'triage', spec: spec({ ...own, checks: [] }) });
    const { run } = await first.client.routines.run({ routine: 'triage' });
    const held = await killAt(first, run, 'run.held');
    expect(held).toMatchObject({ wait: 1, of: 3 });

    // Before its time nothing wakes it, and nobody is asked.
    expect(await wake(home)).toBe(0);
    const early = await home.attach();
    expect(await early.client.runs.get({ run })).toMatchObject({ state: 'running', held: { wait: 1 }, resumes: 0 });
    expect(server.requests).toHaveLength(2);
    process.kill(early.hostPid, 'SIGKILL');
    await early.closed;
    await expect.poll(() => startTimeOf(early.hostPid), { timeout: 30_000 }).toBeNull();

    letTimePass(home, run);
    server.push(...Array(3).fill(script[2]));
    expect(await Promise.all([wake(home), wake(home)])).toEqual([0, 0]);
    const events = async (host: Attachment) => host.client.runs.events({ run, after: 0, limit: 1000 });
    const second = await home.attach();
    const lifted = async (host: Attachment) =>
      (await events(host)).filter((event) => event.type === 'run.resumed' && event.why === 'limit_lifted').length;
    // The place is told again to whoever looks later, so the host is killed in any case, there or further on.
    await killAt(second, run, point, held.seq);
    const third = await home.attach();
    await expect.poll(async () => (await third.client.runs.get({ run })).state, { timeout: 60_000 }).toBe('ended');
    expect(await lifted(third)).toBe(1);
    const over = await third.client.runs.get({ run });
    expect(over).toMatchObject({ outcome: 'proposed' });
    expect(over.held).toBeUndefined();
    const { patch } = await third.client.proposals.diff({ proposal: over.proposal ?? '' });
    expect(patch.match(/^\+once$/gm)).toHaveLength(1);
    expect(brokenPrefixes(server.requests)).toEqual([]);
    await third.client.host.stop({ force: true });
  },
);
