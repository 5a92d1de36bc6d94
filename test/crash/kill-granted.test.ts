/** kill -9 between an answer for good and its use: neither is lost, and neither is done twice. */
import { expect, onTestFinished, test } from 'vitest';
import { hostHome } from '../fakes/host-process.ts';
import { call, reply, type Step, startMessagesServer } from '../fakes/messages-server.ts';
import { spec } from '../fakes/places.ts';
import { brokenService } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';
import { verifies } from '../promises.ts';

const plan = [
  reply([call('Bash', { command: 'echo once >> trace.txt' }, 'toolu_1')]),
  reply([call('Propose', { title: 'Mend', explanation: 'It was off.', not_done: ['Nothing else.'] }, 'toolu_2')]),
];
const last = plan[1] as Step;
/** The answer depends on the history alone, so that a repeated question gets the same one. */
const answer: Step = ({ body }) =>
  (plan[body.messages.filter((message) => message.role === 'assistant').length] ?? last) as never;

test.each(['question.answered', 'grant.given', 'run.resumed', 'policy.loaded', 'tool.started'] as const)(
  verifies(
    'survives-kill',
    'kill -9 right after %s: the grant is there once, and the run goes on without being asked again',
  ),
  async (point) => {
    const server = await startMessagesServer(Array(20).fill(answer));
    onTestFinished(() => server.close());
    const home = hostHome({ ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url });
    const routine = spec({
      ...{ repository: testRepository(brokenService).root, schedule: 'manual', model: 'claude-opus-5-5' },
      permissionMode: 'default',
    });
    const first = await home.attach();
    await first.client.routines.add({ id: 'triage', spec: routine });
    const { run } = await first.client.routines.run({ routine: 'triage' });
    await expect
      .poll(async () => (await first.client.questions.list({ run, state: 'open' })).length, { timeout: 60_000 })
      .toBe(1);
    const [question] = await first.client.questions.list({ run, state: 'open' });
    const { seq } = await first.client.host.status();
    const killed = (async () => {
      for await (const item of await first.client.events.follow({ after: seq }))
        if (item.kind === 'event' && item.event.type === point) return process.kill(first.hostPid, 'SIGKILL');
      return false;
    })();
    const given = { question: question?.id ?? '', bind: question?.bind ?? '', decision: 'approve' as const };
    // The host may be gone before it has answered; what counts is what it recorded.
    await first.client.questions.answer({ answers: [{ ...given, always: true }], door: 'terminal' }).catch(() => null);
    expect(await killed).toBe(true);
    await first.closed;

    const second = await home.attach();
    await expect.poll(async () => (await second.client.runs.get({ run })).state, { timeout: 60_000 }).toBe('ended');
    const events = await second.client.runs.events({ run });
    expect(events.filter(({ type }) => type === 'question.asked')).toHaveLength(1);
    expect(events.filter((event) => event.type === 'tool.started' && event.call === 'toolu_1')).toHaveLength(1);
    expect(await second.client.grants.list({ routine: 'triage' })).toMatchObject([
      { state: 'active', granted: { kind: 'rule', rule: 'Bash(echo once >> trace.txt)' } },
    ]);
    const [proposal] = await second.client.proposals.list({});
    const patch = proposal ? (await second.client.proposals.diff({ proposal: proposal.id })).patch : '';
    const interrupted = events.some((event) => event.type === 'tool.finished' && event.code === 'run.interrupted');
    expect(interrupted ? [0, 1] : [1]).toContain(patch.match(/^\+once$/gm)?.length ?? 0);
  },
);
