/** A run with subagents, exported and played again: every conversation is sent again to the byte, whatever stood beside it. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { replayCassette } from '#host/replay/replay.ts';
import { bySpeaker } from '../fakes/by-speaker.ts';
import { exported } from '../fakes/exported.ts';
import { call, reply, say, use } from '../fakes/messages-server.ts';
import { brokenService, realRuntime } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';

const start = (task: string, more: object = {}) =>
  call('Agent', { description: `Does ${task}`, prompt: task, ...more });

test('the run and each of its subagents, at once, in the background and spoken to again', async () => {
  const it = await realRuntime({
    repository: testRepository({ ...brokenService, 'CLAUDE.md': 'Be brief.', 'src/CLAUDE.md': 'No tabs.' }),
    routine: { checks: [] },
    script: bySpeaker({
      lead: [
        reply([
          start('APPLE', { subagent_type: 'explore' }),
          start('PEAR'),
          start('PLUM', { run_in_background: true }),
        ]),
        use('Bash', { command: 'date +%s%N' }),
        use('SendMessage', { agent: 'agent-1', message: 'And the core?' }),
        say('I wait.'),
        use('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] }),
      ],
      APPLE: [use('Read', { file_path: 'src/answer.js' }), say('apple: 41'), say('hard')],
      PEAR: [
        reply([call('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' })]),
        say('pear done'),
      ],
      PLUM: [use('Bash', { command: 'sleep 1; date +%s%N' }), say('plum done')],
    }),
  });
  const run = await it.runOnce();
  expect(run.outcome).toBe('proposed');
  const { cassette, made } = await exported(it, run.id);
  const sent = it.server.requests.map(({ body }) => createHash('sha256').update(JSON.stringify(body)).digest('hex'));
  expect(made).toMatchObject({ departs: null, requests: sent.length });
  expect(cassette.requests.map(({ sha256 }) => sha256).toSorted()).toEqual(sent.toSorted());
  expect(new Set(cassette.requests.map(({ agent }) => agent))).toEqual(
    new Set([undefined, 'agent-1', 'agent-2', 'agent-3']),
  );
  expect(await replayCassette(cassette)).toMatchObject({ same: true, first: null, sent: sent.length });
  const other = await replayCassette({
    ...cassette,
    events: cassette.events.map((event) =>
      event.type === 'agent.started' ? { ...event, effort: 'low' as const } : event,
    ),
  });
  expect(other.first?.differences).toMatchObject([{ part: 'settings.output_config' }]);
});
