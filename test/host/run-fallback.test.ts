/** A whole run whose model refuses: the model that its routine names goes on, to the proposal. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyTranscript, extendTranscript } from '#state/transcript.ts';
import { reply, text, use } from '../fakes/messages-server.ts';
import { realRuntime } from '../fakes/real-runtime.ts';

const mend = use('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' });
const propose = use('Propose', {
  title: 'Give the right answer',
  explanation: 'It was off.',
  not_done: ['Nothing else.'],
});
const refusal = () => reply([text('I will')], { stopReason: 'refusal' });

test('the other model mends and proposes, and is named as the one that did', async () => {
  const { runOnce, handlers, server, events } = await realRuntime({
    script: [refusal(), mend, propose],
    routine: { fallbackModel: 'claude-sonnet-5-5' },
  });
  const run = await runOnce();
  expect(run).toMatchObject({ outcome: 'proposed', model: 'claude-sonnet-5-5' });
  expect(server.requests.map(({ body }) => body.model)).toEqual([
    ...['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-sonnet-5-5'],
  ]);
  const [proposal] = await handlers.proposals.list({ limit: 1 });
  expect(proposal?.after?.results[0]?.passed).toBe(true);
  const rows = extendTranscript(emptyTranscript, events(run.id)).rows;
  expect(rows.some((row) => row.kind === 'note' && row.event.type === 'model.switched')).toBe(true);
});

test('another model whose price nobody knows is told when it goes on', async () => {
  const { runOnce, handlers } = await realRuntime({
    script: [refusal(), mend, propose],
    routine: { fallbackModel: 'who-knows' },
  });
  const run = await runOnce();
  expect(run).toMatchObject({ outcome: 'proposed', model: 'who-knows' });
  const said = { about: run.id, text: expect.stringContaining('nightshift model price who-knows') };
  expect(await handlers.alerts.list({ all: false, limit: 10 })).toMatchObject([said]);
});

test('without one the run ends as refused; named later and taken away again, it is in the routine’s file', async () => {
  const { runOnce, handlers, paths } = await realRuntime({ script: [refusal()] });
  const run = await runOnce();
  expect(run).toMatchObject({ outcome: 'failed', reason: { code: 'model.refused' } });
  const file = join(paths.routines, run.routine, 'routine.yaml');
  const edit = (fallbackModel: string | null) =>
    handlers.routines.edit({ routine: run.routine, change: { fallbackModel } });
  await edit('claude-sonnet-5-5');
  expect(readFileSync(file, 'utf8')).toContain('fallbackModel: claude-sonnet-5-5');
  expect((await edit('who-knows')).notes).toEqual([expect.stringContaining('nightshift model price who-knows')]);
  const { spec } = await edit(null);
  expect(spec?.fallbackModel).toBeNull();
});
