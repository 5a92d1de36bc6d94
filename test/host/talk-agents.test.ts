/** A person cuts in while others work for the run: the run hears it at once, whoever it waits for. */
import { expect, test } from 'vitest';
import { bySpeaker } from '../fakes/by-speaker.ts';
import { call, hang, reply, say, use } from '../fakes/messages-server.ts';
import { taskRuntime } from '../fakes/task.ts';

type Script = Parameters<typeof bySpeaker>[0];
const hire = (prompt: string, more: object = {}) =>
  call('Agent', { description: `Does ${prompt}`, prompt, ...more }, `toolu_${prompt}`);
const background = { run_in_background: true };

async function cutInto(script: Script, until: (it: Awaited<ReturnType<typeof taskRuntime>>, run: string) => unknown) {
  const it = await taskRuntime({ script: bySpeaker(script) });
  const run = await it.start();
  await until(it, run);
  await it.handlers.runs.say({ run, text: 'Another way, please.', interrupt: true, door: 'terminal' });
  const ended = await it.ended(run);
  return { ...it, run, ended, agents: ended.agents ?? [] };
}

test('those that it waits for are stopped, however many, and what they did is told as interrupted', async () => {
  const { ended, agents, events, run, server } = await cutInto(
    { lead: [reply([hire('APPLE'), hire('PEAR')]), say('As you like.')], APPLE: [hang()], PEAR: [hang()] },
    ({ server }) => server.arrived(3),
  );
  expect(ended).toMatchObject({ outcome: 'nothing_to_propose' });
  expect(agents.map(({ state }) => state)).toEqual(['stopped', 'stopped']);
  const own = events(run).flatMap((e) => (e.type === 'tool.finished' && e.agent === undefined ? [e.code] : []));
  expect(own).toEqual(['run.interrupted', 'run.interrupted']);
  expect(JSON.stringify(server.requests.at(-1)?.body.messages.at(-1))).toContain('Another way, please.');
});

test('those in the background work on, whether their result was waited for by a call or by resting', async () => {
  const waits = use('TaskOutput', { agent: 'agent-1' });
  const stops = use('TaskStop', { agent: 'agent-1' });
  for (const how of [waits, say('I wait.')]) {
    const lead = [reply([hire('PLUM', background)]), how, stops, say('As you like.')];
    const { ended, agents, events, run, server } = await cutInto(
      { lead, PLUM: [hang()] },
      async ({ server, happens }) => {
        await server.arrived(3);
        if (how === waits) await happens((e) => e.type === 'tool.started' && e.name === 'TaskOutput');
        else await happens((e) => e.type === 'message.finished' && e.turn === 2 && e.agent === undefined);
      },
    );
    expect(ended).toMatchObject({ outcome: 'nothing_to_propose' });
    // It was there to be stopped by the agent itself, afterwards.
    expect(agents.map(({ state }) => state)).toEqual(['stopped']);
    const at = (type: string) => events(run).findIndex((e) => e.type === type);
    expect(at('turn.interrupted')).toBeLessThan(at('agent.ended'));
    expect(JSON.stringify(server.requests.at(-2)?.body.messages)).toContain('Another way, please.');
  }
});

test('advice that is waited for is given up', async () => {
  const it = await taskRuntime({
    script: [use('advisor', { question: 'How?' }), hang(), say('Without advice, then.')],
    routine: { advisor: 'claude-opus-5-5' },
  });
  const run = await it.start();
  await it.server.arrived(2);
  await it.handlers.runs.say({ run, text: 'Go on alone.', interrupt: true, door: 'terminal' });
  expect(await it.ended(run)).toMatchObject({ outcome: 'nothing_to_propose' });
});
