import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ApiClient } from '#contract/api.ts';
import type { Event, EventType } from '#contract/events.ts';
import { hostHome } from '../fakes/host-process.ts';
import { call, reply, type Step, startMessagesServer } from '../fakes/messages-server.ts';
import { spec } from '../fakes/places.ts';
import { brokenService } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';

/** The answer depends on the history alone, so that a repeated question gets the same one. */
const last = reply([
  call('Propose', { title: 'Mend', explanation: 'It was off.', not_done: ['Nothing else.'] }, 'toolu_3'),
]);
const plan = [
  reply([call('Bash', { command: 'node answer.test.js; echo one >> trace.txt' }, 'toolu_1')]),
  reply([call('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' }, 'toolu_2')]),
  last,
];
const answer: Step = ({ body }) => plan[body.messages.filter((message) => message.role === 'assistant').length] ?? last;

/** Every byte below a directory. */
function fingerprint(directory: string): string {
  const hash = createHash('sha256');
  const walk = (at: string) => {
    for (const name of readdirSync(at).sort()) {
      const path = join(at, name);
      // What Nightshift keeps in the git directory for its own branches and worktrees is not the person's checkout.
      if (/\.git\/(worktrees|objects|refs\/(heads\/)?nightshift|logs\/refs\/heads\/nightshift|packed-refs)/.test(path))
        continue;
      if (statSync(path).isDirectory()) walk(path);
      else hash.update(path).update(readFileSync(path));
    }
  };
  walk(directory);
  return hash.digest('hex');
}

async function eventsUntil(client: ApiClient, after: number, last: (event: Event) => boolean): Promise<Event[]> {
  const events: Event[] = [];
  for await (const item of await client.events.follow({ after })) {
    if (item.kind !== 'event') continue;
    events.push(item.event);
    if (last(item.event)) break;
  }
  return events;
}

const points: EventType[] = [
  'occurrence.claimed',
  'run.started',
  'sandbox.ready',
  'checks.finished',
  'message.added',
  'turn.started',
  'message.finished',
  'tool.started',
  'tool.finished',
];

test.each(points)(
  'kill -9 right after %s: one row, no event lost, nothing done twice, the checkout untouched',
  async (point) => {
    const server = await startMessagesServer(Array(20).fill(answer));
    onTestFinished(() => server.close());
    const home = hostHome({ ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url });
    const repository = testRepository(brokenService);
    const untouched = fingerprint(repository.root);

    const first = await home.attach();
    const routine = spec({
      repository: repository.root,
      schedule: 'manual',
      model: 'claude-opus-5-5',
      checks: ['node answer.test.js'],
    });
    await first.client.routines.add({ id: 'triage', spec: routine });
    const dueAt = new Date(Math.ceil(Date.now() / 1000) * 1000 + 2000).toISOString();
    await first.client.routines.fireAt({ routine: 'triage', at: dueAt });
    const seen = eventsUntil(first.client, 0, (event) => {
      if (event.type !== point) return false;
      process.kill(first.hostPid, 'SIGKILL');
      return true;
    });
    await expect
      .poll(async () => (await first.client.due({ by: 'cli' }).catch(() => null))?.accounted.length ?? 1, {
        timeout: 20_000,
      })
      .toBe(1);
    const before = await seen;
    await first.closed;

    const second = await home.attach();
    expect(second.hostPid).not.toBe(first.hostPid);
    await second.client.due({ by: 'cli' });
    const all = await eventsUntil(second.client, 0, (event) => event.type === 'run.ended');
    expect(all.slice(0, before.length)).toEqual(before);
    expect(all.map((event) => event.seq)).toEqual(all.map((_, index) => index + 1));

    const rows = await second.client.routines.ledger({ routine: 'triage' });
    expect(rows).toMatchObject([{ dueAt, state: 'ran' }]);
    const [run] = await second.client.runs.list({});
    expect(run).toMatchObject({ state: 'ended', outcome: 'proposed', trigger: { kind: 'schedule', dueAt } });
    const starts = all.flatMap((event) => (event.type === 'tool.started' ? [event.call] : []));
    expect(starts).toEqual([...new Set(starts)]);
    const [proposal] = await second.client.proposals.list({});
    const { patch } = await second.client.proposals.diff({ proposal: proposal?.id ?? '' });
    // A call that was under way when the host died is reported to the model instead of being repeated.
    const interrupted = all.some((event) => event.type === 'tool.finished' && event.code === 'run.interrupted');
    const traces = patch.match(/^\+one$/gm)?.length ?? 0;
    expect(interrupted ? [0, 1] : [1]).toContain(traces);
    expect(fingerprint(repository.root)).toBe(untouched);

    // The audit chain is whole, and tells everything once.
    expect(await second.client.audit.verify({})).toMatchObject({ ok: true, runs: 1 });
    const records = await second.client.audit.records({ run: run?.id ?? '', limit: 1000 });
    const told = records.flatMap(({ event }) => event ?? []);
    expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
    const calls = all.flatMap(({ type, seq }) => (type.startsWith('tool.') ? [seq] : []));
    expect(records.flatMap(({ what, event }) => (what.startsWith('tool.') ? [event] : []))).toEqual(calls);
  },
);
