/** A question outlives whatever is killed around it: asked once, answered once, and its act done at most once. */
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { ApiClient } from '#contract/api.ts';
import type { Event, EventType } from '#contract/events.ts';
import { hostHome } from '../fakes/host-process.ts';
import { call, reply, type Step, startMessagesServer } from '../fakes/messages-server.ts';
import { spec } from '../fakes/places.ts';
import { brokenService } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';

const last = reply([call('Propose', { title: 'Publish', explanation: 'So.', not_done: ['Nothing else.'] }, 'toolu_2')]);
/** The answer depends on the history alone, so that a repeated question gets the same one. */
const plan = [reply([call('Bash', { command: 'echo once >> trace.txt' }, 'toolu_1')]), last];
const answer: Step = ({ body }) => plan[body.messages.filter((message) => message.role === 'assistant').length] ?? last;

async function eventsUntil(client: ApiClient, last: (event: Event) => boolean): Promise<Event[]> {
  const events: Event[] = [];
  for await (const item of await client.events.follow({ after: 0 })) {
    if (item.kind !== 'event') continue;
    events.push(item.event);
    if (last(item.event)) break;
  }
  return events;
}

const points: EventType[] = ['question.asked', 'run.parked', 'question.answered', 'run.resumed', 'question.used'];

test.skipIf(process.platform !== 'linux').each(points)(
  'kill -9 right after %s: the same run goes on after one answer, and what was allowed is done at most once (bubblewrap, Linux only)',
  async (point) => {
    const server = await startMessagesServer(Array(20).fill(answer));
    onTestFinished(() => server.close());
    const home = hostHome({ ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url });
    const repository = testRepository(brokenService);
    const first = await home.attach();
    const permissions = { allow: [], ask: ['Bash(echo once*)'], deny: [] };
    const routine = spec({ repository: repository.root, schedule: 'manual', model: 'claude-opus-5-5', permissions });
    await first.client.routines.add({ id: 'triage', spec: { ...routine, checks: [] } });
    const { run } = await first.client.routines.run({ routine: 'triage' });
    const approve = async (client: ApiClient) => {
      const [open] = await client.questions.list({ state: 'open' });
      if (!open) return;
      const answers = [{ question: open.id, bind: open.bind, decision: 'approve' as const }];
      await client.questions.answer({ answers, door: 'terminal' });
    };
    const killed = eventsUntil(first.client, (event) => {
      if (event.type === 'run.parked' && event.type !== point) void approve(first.client).catch(() => {});
      if (event.type !== point) return false;
      process.kill(first.hostPid, 'SIGKILL');
      return true;
    });
    const before = await killed;
    await first.closed;

    const second = await home.attach();
    expect(second.hostPid).not.toBe(first.hostPid);
    const over = (event: Event) => event.type === 'run.ended';
    const going = eventsUntil(second.client, over);
    await approve(second.client);
    const all = await going;
    expect(all.slice(0, before.length)).toEqual(before);
    const of = (type: EventType) => all.filter((event) => event.type === type);
    expect(of('question.asked')).toHaveLength(1);
    expect(of('question.answered')).toHaveLength(1);
    expect(of('question.used')).toHaveLength(1);
    expect(of('tool.started').filter((event) => 'call' in event && event.call === 'toolu_1')).toHaveLength(1);
    const [one] = await second.client.runs.list({});
    expect(one).toMatchObject({ id: run, state: 'ended', parkedOn: null });
    const interrupted = all.some((event) => event.type === 'tool.finished' && event.code === 'run.interrupted');
    const [proposal] = await second.client.proposals.list({});
    const patch = proposal ? (await second.client.proposals.diff({ proposal: proposal.id })).patch : '';
    const times = patch.match(/^\+once$/gm)?.length ?? 0;
    if (interrupted) expect(times).toBeLessThanOrEqual(1);
    else expect(times).toBe(1);
    expect(readFileSync(`${repository.root}/src/answer.js`, 'utf8')).toBe(brokenService['src/answer.js']);
    await second.client.host.stop({ force: true });
  },
);
