/** kill -9 between the verdict on a turn and the next turn: nothing is judged twice, nobody is asked twice, and what was said stays said. */
import { expect, onTestFinished, test } from 'vitest';
import type { Event, EventType } from '#contract/events.ts';
import type { Attachment } from '#server/attach.ts';
import { hostHome } from '../fakes/host-process.ts';
import { call, reply, type Step, say, startMessagesServer, use } from '../fakes/messages-server.ts';
import { spec } from '../fakes/places.ts';
import { brokenPrefixes } from '../fakes/prefix.ts';
import { brokenService } from '../fakes/real-runtime.ts';
import { limits } from '../fakes/records.ts';
import { testRepository } from '../fakes/repository.ts';
import { asker, type Who } from '../fakes/tally.ts';
import { verifies } from '../promises.ts';

const propose = (n: number) =>
  reply([call('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] }, `toolu_p${n}`)]);
const verdict = (word: string, quote = '') => say(JSON.stringify({ verdict: word, quote, reason: `It is ${word}.` }));
const evidence = [{ path: 'src/answer.js', line: 1, quote: 'answer = 42' }];
const grade = (word: string) =>
  use('Grade', { fits: true, explanation: '', criteria: [{ number: 1, verdict: word, reason: 'Seen.', evidence }] });
const edit = (from: string, to: string) =>
  use('Edit', { file_path: 'src/answer.js', old_string: from, new_string: to });

/** The worker answers by how much it has said already, the others one after the other. */
async function started(home: ReturnType<typeof hostHome>, worker: Step[], judge: Step[], grader: Step[] = []) {
  const verdicts: Partial<Record<Who, Step[]>> = { judge, grader };
  const rubric = grader.length > 0 ? '- The answer is 42' : '';
  const answer: Step = (request) => {
    const who = asker(request);
    if (who === 'session')
      return worker[request.body.messages.filter(({ role }) => role === 'assistant').length] as never;
    return (verdicts[who]?.shift() ?? say('nothing left')) as never;
  };
  const server = await startMessagesServer(Array(60).fill(answer));
  onTestFinished(() => server.close());
  Object.assign(home.env, { ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url });
  const host = await home.attach();
  const own = { repository: testRepository(brokenService).root, schedule: 'manual', model: 'claude-opus-5-5' };
  const aims = { goal: 'The answer is 42.', rubric, checks: [], limits: limits({ dollars: 10 }) };
  await host.client.routines.add({ id: 'triage', spec: spec({ ...own, ...aims }) });
  const { run } = await host.client.routines.run({ routine: 'triage' });
  return { server, host, run };
}

/** Follows until `wanted`, then kills the host. */
async function killAt({ client, hostPid, closed }: Attachment, run: string, wanted: (event: Event) => boolean) {
  for await (const item of await client.events.follow({ after: 0, run }))
    if (item.kind === 'event' && wanted(item.event)) {
      process.kill(hostPid, 'SIGKILL');
      break;
    }
  await closed;
}

const all = async ({ client }: Attachment, run: string) => client.runs.events({ run, after: 0, limit: 1000 });
const rounds = (events: Event[]) =>
  events.flatMap((e) => (e.type === 'goal.judged' ? [e.round] : e.type === 'outcome.graded' ? [-e.iteration] : []));

const points: [EventType, (event: Event) => boolean][] = [
  ['goal.judged', (event) => event.type === 'goal.judged' && event.verdict === 'not_yet'],
  ['message.added', (event) => event.type === 'message.added' && event.from === 'nightshift'],
  ['outcome.graded', (event) => event.type === 'outcome.graded' && event.result === 'needs_revision'],
];
test.skipIf(process.platform !== 'linux').each(points)(
  verifies('goal-by-evidence', 'kill -9 right after %s: each round is judged and graded once (bubblewrap, Linux only)'),
  async (_point, wanted) => {
    const home = hostHome();
    const met = () => verdict('met', 'answer = 42');
    const work = [propose(1), edit('41', '42'), propose(2), propose(3)];
    const grades = [grade('needs_revision'), grade('satisfied')];
    const { server, host, run } = await started(home, work, [verdict('not_yet'), met(), met()], grades);
    await killAt(host, run, wanted);
    const next = await home.attach();
    await expect.poll(async () => (await next.client.runs.get({ run })).state, { timeout: 60_000 }).toBe('ended');
    expect(await next.client.runs.get({ run })).toMatchObject({
      ...{ outcome: 'proposed', resumes: 1, goal: { verdict: 'met', rounds: 3 }, grading: { state: 'satisfied' } },
    });
    const events = await all(next, run);
    expect(rounds(events)).toEqual([1, 2, -1, 3, -2]);
    const told = events.flatMap((event) =>
      event.type === 'message.added' && event.from === 'nightshift' ? [event.text] : [],
    );
    expect(told).toHaveLength(2);
    expect(new Set(told).size).toBe(2);
    expect(brokenPrefixes(server.requests.filter((request) => asker(request) === 'session'))).toEqual([]);
    await next.client.host.stop({ force: true });
  },
);

test.skipIf(process.platform !== 'linux').each(['goal.judged', 'question.asked', 'question.used'] as const)(
  'kill -9 right after %s of a goal that is judged impossible: a person is asked once, and what they say goes on (bubblewrap, Linux only)',
  async (point) => {
    const home = hostHome();
    const judgements = [verdict('impossible', 'not here'), verdict('met', 'answer = 42')];
    const look = reply([call('Bash', { command: 'echo not here' })]);
    const { host, run } = await started(home, [look, propose(1), edit('41', '42'), propose(2)], judgements);
    const approve = async ({ client }: Attachment) => {
      const [open] = await client.questions.list({ run, state: 'open' });
      if (!open) return;
      const answers = [{ question: open.id, bind: open.bind, decision: 'approve' as const, note: 'Take 42.' }];
      await client.questions.answer({ answers, door: 'terminal' });
    };
    await killAt(host, run, (event) => {
      if (event.type === 'run.parked' && point === 'question.used') void approve(host).catch(() => {});
      return event.type === point;
    });
    const next = await home.attach();
    const over = async () => (await next.client.runs.get({ run })).state === 'ended';
    await expect
      .poll(
        async () => {
          await approve(next);
          return over();
        },
        { timeout: 60_000 },
      )
      .toBe(true);
    expect(await next.client.runs.get({ run })).toMatchObject({
      outcome: 'proposed',
      goal: { verdict: 'met', rounds: 2 },
    });
    const events = await all(next, run);
    const count = (type: EventType) => events.filter((event) => event.type === type).length;
    expect([count('question.asked'), count('question.answered'), count('question.used')]).toEqual([1, 1, 1]);
    expect(events.filter((event) => event.type === 'message.added' && event.text.includes('Take 42.'))).toHaveLength(1);
    await next.client.host.stop({ force: true });
  },
);
