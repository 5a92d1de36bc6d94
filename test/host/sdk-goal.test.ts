/** A goal of a program's agent: judged from evidence at the end of each turn, with checks in a sandbox of their own that no judge overrules. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type AgentOptions, tool } from '#sdk/sdk.ts';
import { agentOn, heard } from '../fakes/embedded-agent.ts';
import { type Received, type Step, say, use } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';
import { testRepository } from '../fakes/repository.ts';

const isJudge = ({ body }: Received) => JSON.stringify(body.system).includes('You judge whether a goal is reached');
function judge(verdict: string, quote = '', reason = 'As seen.'): Step {
  return (request) => {
    expect(isJudge(request)).toBe(true);
    return say(JSON.stringify({ verdict, quote, reason }));
  };
}
const last = (request: Received | undefined) => JSON.stringify(request?.body.messages.at(-1));
const count = (answer: () => string) =>
  tool({ ...{ name: 'count', description: 'Counts.', input: z.object({}), readOnly: true }, run: answer });

describe.skipIf(process.platform !== 'linux')('with a check command (needs Linux)', () => {
  const answerIs = (n: number) => use('Bash', { command: `echo answer ${n} | tee answer.txt` });
  const goal = { condition: 'The answer is 42.', checks: ['grep -q 42 answer.txt'] };

  test('the agent goes on until evidence shows it; a check that fails is not overruled, and nothing is committed', async () => {
    const { root: directory, git } = testRepository({ 'answer.txt': '40\n' });
    const head = git('rev-parse', 'HEAD');
    const script = [
      ...[answerIs(41), say('I am done.'), judge('met', 'answer 41')],
      ...[answerIs(42), say('Now.'), judge('met', 'answer 42')],
    ];
    const { agent, api } = await agentOn(script, { tools: ['Bash'], sandbox: { directory }, goal });
    const run = agent.run('Write the answer.');
    const events = await heard(run);
    expect(await run.result).toMatchObject({
      ...{ outcome: 'done', text: 'Now.' },
      goal: { verdict: 'met', quote: 'answer 42', rounds: 2 },
    });
    const back = last(api.requests[3]);
    expect(back).toContain(
      '`grep -q 42 answer.txt`, run by Nightshift in a sandbox of its own, ended with exit code 1',
    );
    expect(back).not.toContain('Propose');
    const judged = events.flatMap((event) => (event.type === 'goal.judged' ? [event] : []));
    expect(judged.map(({ verdict, progress, checks }) => [verdict, progress, checks?.results[0]?.exitCode])).toEqual([
      ...[
        ['not_yet', true, 1],
        ['met', true, 0],
      ],
    ]);
    expect([git('rev-parse', 'HEAD'), git('status', '--porcelain')]).toEqual([head, ' M answer.txt']);
    expect(git('for-each-ref', 'refs/nightshift')).toBe('');
  });

  test('without progress it is given up, or the program is asked whether to go on', async () => {
    const options = (directory: string): AgentOptions => ({
      ...{ tools: ['Bash'], sandbox: { directory }, goal: { ...goal, rounds: 1 } },
    });
    const { root } = testRepository({ 'answer.txt': '40\n' });
    const idle = [say('I cannot.'), judge('not_yet'), say('Still not.'), judge('not_yet')];
    const { agent } = await agentOn(idle, options(root));
    expect(await agent.run('go').result).toMatchObject({
      ...{ outcome: 'done', text: 'Still not.' },
      goal: { verdict: 'not_yet', rounds: 2 },
    });
    const asked: unknown[] = [];
    const script = [...idle, answerIs(42), say('There.'), judge('met', 'exit code 0')];
    const other = await agentOn(script, {
      ...options(testRepository({ 'answer.txt': '40\n' }).root),
      ask: ({ action }) => {
        asked.push(action.kind === 'goal' && action.why);
        return { approve: true, note: 'It is 42.' };
      },
    });
    expect((await other.agent.run('go').result).goal).toMatchObject({ verdict: 'met' });
    expect(asked).toEqual(['no_progress']);
    expect(last(other.api.requests[4])).toContain('It is 42.');
  });

  test('what the agent left running does not see its checks, and a folder that may only be read is not written by them', async () => {
    const { root: directory } = testRepository({ 'a.txt': 'x\n' });
    const checks = ['pgrep -f [s]leep.600 && exit 3; touch made.txt && exit 4; true'];
    const script = [use('Bash', { command: 'sleep 600 >/dev/null 2>&1 &' }), say('done'), judge('met', 'exit code 0')];
    const { agent } = await agentOn(script, {
      ...{ tools: ['Bash'], sandbox: { directory, access: 'read' }, goal: { condition: 'Nothing runs.', checks } },
    });
    expect((await agent.run('go').result).goal).toMatchObject({ verdict: 'met' });
    expect(existsSync(join(directory, 'made.txt'))).toBe(false);
    expect(readFileSync(join(directory, 'a.txt'), 'utf8')).toBe('x\n');
  });
});

test('without a sandbox what the program’s own tools bring back is the evidence, and the agent’s words are none', async () => {
  let left = 3;
  const script = [
    ...[use('count', {}), say('None are left, I am sure.'), judge('met', 'None are left')],
    ...[use('count', {}), say('None.'), judge('met', 'left: 2')],
  ];
  const options: AgentOptions = {
    tools: [count(() => `left: ${--left}`)],
    goal: { condition: 'Fewer than 3 are left.' },
  };
  const { agent, api } = await agentOn(script, options);
  const result = await agent.run('Look.').result;
  expect(result.goal).toMatchObject({ verdict: 'met', quote: 'left: 2', rounds: 2 });
  expect(last(api.requests[3])).toContain('nowhere in the evidence');
});

test('a session that was stopped in its second round goes on towards its goal, and what was judged is not judged again', async () => {
  const store = join(scratch(), 'sessions');
  let left = 3;
  const options: AgentOptions = {
    ...{ tools: [count(() => `left: ${--left}`)], store, goal: { condition: 'One is left.' } },
  };
  const { agent, api } = await agentOn([use('count', {}), say('Two.'), judge('not_yet'), { kind: 'hang' }], options);
  const run = agent.run('Look.');
  await api.arrived(4);
  await agent.close();
  expect((await run.result).outcome).toBe('stopped');
  const later = await agentOn([use('count', {}), say('One.'), judge('met', 'left: 1')], options);
  const result = await later.agent.resume(run.session).result;
  expect(result).toMatchObject({ outcome: 'done', goal: { verdict: 'met', rounds: 2 } });
  expect(later.api.requests.filter(isJudge)).toHaveLength(1);
  expect(last(later.api.requests[0])).toContain('not met yet');
});

test('limits hold while it is judged: money ends the session, and its goal says how it stands', async () => {
  const script = [use('count', {}), say('Two.'), judge('not_yet'), say('Two.'), judge('not_yet')];
  const options: AgentOptions = {
    tools: [count(() => 'left: 2')],
    goal: { condition: 'One is left.' },
    limits: { turns: 3 },
  };
  const { agent } = await agentOn(script, options);
  const result = await agent.run('Look.').result;
  expect(result).toMatchObject({ goal: { verdict: 'not_yet' } });
  expect(result.turns).toBe(3);
});
