/** Subagents when their host is killed in the middle of their work: each goes on from its own history, and nothing is done twice. */
import { expect, onTestFinished, test } from 'vitest';
import { taskOf } from '../fakes/by-speaker.ts';
import { hostHome } from '../fakes/host-process.ts';
import { call, hang, reply, type Step, startMessagesServer } from '../fakes/messages-server.ts';
import { spec } from '../fakes/places.ts';
import { limits } from '../fakes/records.ts';
import { testRepository } from '../fakes/repository.ts';

const names = ['APPLE', 'PEAR', 'PLUM', 'GRAPE'];
const steps = 3;
const append = (name: string, step: number) => call('Bash', { command: `echo ${name} ${step} >> ${name}.txt` });

/** Whatever it was asked, a speaker answers by how far its own conversation has come: a host that died may ask again. */
function answerOf(name: string, done: number) {
  return done < steps
    ? reply([append(name, done)], { usage })
    : reply([{ type: 'text', text: `${name} done`, citations: null }], { usage });
}
const usage = { input_tokens: 100, output_tokens: 50 };

test.skipIf(process.platform !== 'linux')(
  'killed again and again in the middle of four subagents, a run ends with each call done once and every history an extension of the one before [crew-under-one-cap] (bubblewrap, Linux only)',
  async () => {
    let pid = 0;
    const deaths = [2, 4, 7, 9];
    let count = 0;
    const step: Step = (request) => {
      // What a dead host had sent, or the next one before anybody has attached to it, is answered like anything else.
      if (pid !== 0 && ++count >= (deaths[0] ?? Number.POSITIVE_INFINITY)) {
        deaths.shift();
        process.kill(pid, 'SIGKILL');
        pid = 0;
        return hang();
      }
      const task = taskOf(request);
      const name = names.find((each) => task.includes(`You are ${each}.`));
      const answered = request.body.messages.filter(({ role }) => role === 'assistant').length;
      if (name) return answerOf(name, answered);
      if (answered > 0)
        return reply([call('Propose', { title: 'R', explanation: 'S', not_done: ['Nothing else.'] })], { usage });
      return reply(
        names.map((each) => call('Agent', { description: each, prompt: `You are ${each}.` })),
        { usage },
      );
    };
    const server = await startMessagesServer(Array(400).fill(step));
    onTestFinished(() => server.close());
    const home = hostHome({ ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url });
    let host = await home.attach();
    pid = host.hostPid;
    const repository = testRepository();
    const own = { repository: repository.root, limits: limits({ dollars: 5, dollarsPerDay: 50 }) };
    await host.client.routines.add({
      id: 'crew',
      spec: spec({ schedule: 'manual', model: 'claude-haiku-4-5', checks: [], ...own }),
    });
    const { run } = await host.client.routines.run({ routine: 'crew' });
    const all = deaths.length;
    for (let death = 0; death < all; death++) {
      await host.closed;
      host = await home.attach();
      pid = host.hostPid;
    }
    await expect.poll(async () => (await host.client.runs.get({ run })).state, { timeout: 60_000 }).toBe('ended');
    const ended = await host.client.runs.get({ run });
    const events = await host.client.runs.events({ run, after: 0, limit: 1000 });
    expect(ended.outcome).toBe('proposed');
    expect(ended.agents?.map(({ id, state }) => [id, state])).toEqual(
      names.map((_, n) => [`agent-${n + 1}`, 'finished']),
    );
    // No call began twice, whoever was killed when; one that was cut off says so instead of being repeated.
    const begun = events.flatMap((event) =>
      event.type === 'tool.started' ? [`${event.agent ?? 'lead'} ${event.call}`] : [],
    );
    expect(new Set(begun).size).toBe(begun.length);
    const { patch } = await host.client.proposals.diff({ proposal: ended.proposal as string });
    for (const name of names)
      for (let step = 0; step < steps; step++)
        expect(patch.split('\n').filter((line) => line === `+${name} ${step}`).length).toBeLessThanOrEqual(1);
    // Of each conversation, every request holds the one before it as its beginning.
    for (const name of [...names.map((each) => `You are ${each}.`), '']) {
      const sent = server.requests.filter((request) =>
        name === ''
          ? !names.some((each) => taskOf(request).includes(`You are ${each}.`))
          : taskOf(request).includes(name),
      );
      const texts = sent.map(({ body }) => body.messages.map((message) => JSON.stringify(unmarked(message))));
      for (let n = 1; n < texts.length; n++) expect(texts[n]?.slice(0, texts[n - 1]?.length)).toEqual(texts[n - 1]);
    }
    // What a call that died may have cost counts for whoever made it.
    const threads = (ended.agents ?? []).reduce((sum, { costMicros }) => sum + costMicros, 0);
    const lead = events.reduce(
      (sum, event) => sum + (event.agent === undefined && 'costMicros' in event ? event.costMicros : 0),
      0,
    );
    expect(threads + lead).toBe(ended.costMicros);
    await host.client.host.stop({ force: true });
  },
  120_000,
);

/** Marks for the prompt cache move on with every request. */
function unmarked(message: unknown): unknown {
  return JSON.parse(JSON.stringify(message, (key, value) => (key === 'cache_control' ? undefined : value)));
}
