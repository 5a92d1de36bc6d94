/** A run with subagents of every state: one at work, one that waits for a person, one that failed, and one that started another. */
import type { Draft } from '#contract/events.ts';
import { begin, tool } from './staged-guard.ts';
import type { Stage } from './staged-host.ts';

const minute = 60_000;
export const agentsRun = 'run-0000000agents';

export function stageAgents(stage: Stage): void {
  const run = agentsRun;
  let at = Date.now() - 12 * minute;
  const say = (draft: Draft) => {
    at += 4_000;
    return stage.say(draft, at);
  };
  begin(stage, run, 'overnight-log-triage', at);
  const kinds = { model: null, tokens: 0, bodyTokens: 62, ignored: [], layer: 'built_in' as const, path: null };
  say({
    ...{ type: 'instructions.loaded', run, occasion: 'start', files: [], text: '# Subagents' },
    problems: [
      {
        path: '.claude/agents/tester.md',
        message: 'its `description` is missing, by which it is chosen',
        cure: 'Mend it; until then it cannot be started.',
      },
    ],
    agents: [
      { ...kinds, name: 'explore', description: 'Finds things', tools: ['Read', 'Glob', 'Grep'] },
      {
        ...kinds,
        name: 'general-purpose',
        description: 'Many steps',
        tools: ['Bash', 'Read', 'Edit', 'Write', 'Glob', 'Grep', 'Skill'],
      },
      {
        ...{ name: 'reviewer', layer: 'project', path: '.claude/agents/reviewer.md', description: 'Reviews changes' },
        ...{ model: 'haiku', tools: ['Read', 'Grep'], tokens: 11, bodyTokens: 240, ignored: ['hooks'] },
      },
    ],
  });
  say({ type: 'message.added', run, text: 'Find out why orders are lost at night.', from: 'routine' });
  say({ type: 'turn.started', run, turn: 1 });
  const calls = [
    ['explore', 'Finds every writer of the orders table', 'claude-haiku-5-5'],
    ['reviewer', 'Reviews the retry loop', 'claude-haiku-5-5'],
    ['general-purpose', 'Reproduces the loss with a fault clock', 'claude-opus-5-5'],
    ['general-purpose', 'Measures the queue', 'claude-opus-5-5'],
  ] as const;
  const usage = { input: 1200, output: 640, cacheRead: 8000, cacheWrite: 900 };
  say({
    ...{ type: 'message.finished', run, turn: 1, stopReason: 'tool_use', usage, costMicros: 21_400 },
    content: [{ type: 'text', text: 'Four people on it: one searches, one reviews, one reproduces, one measures.' }],
  });
  for (const [index, [name, description, model]] of calls.entries()) {
    const agent = `agent-${index + 1}`;
    start(say, agent, { name, description, model, call: `call-${index + 1}`, background: index === 3 });
  }
  const speak = (agent: string, turn: number, text: string, costMicros: number) => {
    say({ type: 'turn.started', run, agent, turn });
    say({
      ...{ type: 'message.finished', run, agent, turn, stopReason: 'tool_use', usage, costMicros },
      content: [{ type: 'text', text }],
    });
  };
  const use = (agent: string, turn: number, command: string, ok = true) => {
    const call = `${agent}-${turn}`;
    say({ type: 'tool.started', run, agent, turn, call, name: 'Bash', input: { command } });
    const view = {
      kind: 'terminal' as const,
      exitCode: ok ? 0 : 1,
      milliseconds: 812,
      output: `${command}: 14 lines\n`,
    };
    say({ type: 'tool.finished', run, agent, call, ok, code: null, text: view.output, view });
  };
  speak('agent-1', 1, 'I search for writers.', 3_100);
  use('agent-1', 1, "grep -rn 'INSERT INTO orders' src");
  speak('agent-1', 2, 'Three places write: `src/cart.js:41`, `src/checkout.js:12` and `src/retry.js:77`.', 2_800);
  say({
    type: 'agent.ended',
    run,
    agent: 'agent-1',
    outcome: 'finished',
    code: null,
    text: 'Three places write.',
    head: null,
  });
  speak('agent-2', 1, 'I begin with the loop.', 2_000);
  say({
    type: 'agent.ended',
    run,
    agent: 'agent-2',
    outcome: 'failed',
    code: 'model.overloaded',
    text: 'The model is overloaded.',
    head: null,
  });
  speak('agent-3', 1, 'Somebody has to look at the clock first.', 41_000);
  start(say, 'agent-5', {
    name: 'explore',
    description: 'Finds all timers',
    model: 'claude-haiku-5-5',
    call: 'call-9',
    parent: 'agent-3',
    background: false,
  });
  speak('agent-5', 1, 'Timers are in `src/clock.js`.', 1_200);
  say({
    type: 'agent.ended',
    run,
    agent: 'agent-5',
    outcome: 'finished',
    code: null,
    text: 'In src/clock.js.',
    head: null,
  });
  speak('agent-3', 2, 'Now the fault clock.', 39_500);
  say({
    type: 'tool.started',
    run,
    agent: 'agent-3',
    turn: 2,
    call: 'agent-3-2',
    name: 'Bash',
    input: { command: 'npm run fault-clock -- --night 2026-11-20' },
  });
  speak('agent-4', 1, 'I publish a probe.', 38_000);
  const question = {
    ...{ id: 'ask-0000000agents', run, routine: 'overnight-log-triage', action: tool(), code: 'rule.ask' },
    ...{ why: 'The rule `Bash(npm publish:*)` asks, in project settings.', bind: 'cd'.repeat(32) },
    ...{ askedAt: new Date(at).toISOString(), deadline: new Date(at + 7 * 24 * 60 * minute).toISOString() },
    ...{ state: 'open' as const, answeredAt: null, answeredBy: null, note: null, usedAt: null },
  };
  say({ type: 'question.asked', run, agent: 'agent-4', question });
}

interface Started {
  name: string;
  description: string;
  model: string;
  call: string;
  parent?: string;
  background: boolean;
}

function start(say: (draft: Draft) => unknown, agent: string, { parent, call, ...more }: Started): void {
  const run = agentsRun;
  const who = parent ? { agent: parent } : {};
  say({
    ...{
      type: 'agent.started',
      run,
      agent,
      parent: parent ?? null,
      call,
      ...more,
      system: '…',
      tools: ['Read', 'Bash'],
    },
    ...{ kinds: null, effort: 'medium', permissionMode: null, turns: 60, work: null },
  });
  say({
    type: 'message.added',
    run,
    agent,
    text: `${more.description}: all that you need to know stands here.`,
    from: 'agent',
  });
  say({ type: 'tool.started', run, ...who, turn: 1, call, name: 'Agent', input: { description: more.description } });
}
