/** Runs on real parts, exported and played again: what was sent then is sent again, to the byte, with no hands and no model. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { modelTable } from '#host/model/model-table.ts';
import { replayCassette } from '#host/replay/replay.ts';
import { exported } from '../fakes/exported.ts';
import { call, fail, type MessagesServer, reply, say, text, thinking, use } from '../fakes/messages-server.ts';
import { realRuntime, type Setting } from '../fakes/real-runtime.ts';

const edit = call('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' });
const propose = use('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] });

/** SHA-256 of each request body that reached the model's address. */
const received = ({ requests }: MessagesServer) =>
  requests.map(({ body }) => createHash('sha256').update(JSON.stringify(body)).digest('hex'));

async function happened(setting: Setting) {
  const product = await realRuntime(setting);
  const run = await product.runOnce();
  return { ...product, run };
}

test('a run with thinking, failed calls, a lost try and a revision is sent again as it was, byte for byte', async () => {
  const product = await happened({
    script: [
      reply([
        thinking('Where is it?'),
        text('I look.'),
        call('Read', { file_path: 'src/answer.js' }),
        call('Bash', { command: 'node answer.test.js' }),
      ]),
      reply([call('Nothing', {}), call('Grep', {}), edit]),
      fail(529),
      say('It is mended.'),
      propose,
      use('Bash', { command: 'date +%s%N' }),
      propose,
    ],
  });
  const { run, handlers, ended, server } = product;
  await handlers.proposals.revise({ proposal: run.proposal ?? '', comments: [{ text: 'Say when.' }] });
  await ended(run.id, 2);
  const { cassette, made } = await exported(product, run.id);
  const answered = received(server).filter((_, at) => at !== 2);
  expect(cassette.requests.map(({ sha256 }) => sha256)).toEqual(answered);
  expect(made).toMatchObject({ departs: null, requests: answered.length });
  expect((await exported(product, run.id)).made.text).toBe(made.text);
  const report = await replayCassette(cassette);
  expect(report).toMatchObject({ same: true, first: null, recorded: answered.length, sent: answered.length });
});

test('a change says from which request on it differs, in which part, before and after', async () => {
  const product = await happened({ script: [reply([edit]), propose] });
  const { cassette } = await exported(product, product.run.id);
  const other = await replayCassette(cassette, { prompt: 'Do other work.' });
  expect(other.first).toMatchObject({
    ...{ request: 1, turn: 1 },
    differences: [
      {
        part: 'messages.1',
        before: expect.stringContaining('Do the work.'),
        after: expect.stringContaining('Do other work.'),
      },
    ],
  });
  const models = modelTable.map((facts) => (facts.id === 'claude-opus-5-5' ? { ...facts, maxAnswer: 9000 } : facts));
  expect(await replayCassette(cassette, { models })).toMatchObject({
    same: false,
    first: { request: 1, differences: [{ part: 'settings.max_tokens', before: '10000', after: '9000' }] },
  });
  expect((await replayCassette(cassette, { models, ignore: ['settings'] })).same).toBe(true);
});

test('a recording made with another tool, prompt or result is told apart at the request where it first shows', async () => {
  const product = await happened({ script: [reply([edit]), use('Bash', { command: 'true' }), propose] });
  const { cassette } = await exported(product, product.run.id);
  const told = structuredClone(cassette);
  for (const request of told.requests) {
    request.sha256 = '0'.repeat(64);
    request.tools[0] = { ...(request.tools[0] as object), description: 'Runs a command.' };
  }
  expect((await replayCassette(told)).first).toMatchObject({
    ...{ request: 1 },
    differences: [{ part: 'tools.Bash', before: expect.stringContaining('Runs a command.') }],
  });
  expect((await replayCassette(told, { ignore: ['tools'] })).same).toBe(true);
  const result = structuredClone(cassette);
  for (const event of result.events) if (event.type === 'tool.finished' && event.ok) event.text += ' More.';
  expect((await replayCassette(result)).first).toMatchObject({
    request: 2,
    turn: 2,
    differences: [{ part: 'messages.3' }],
  });
  const shorter = { ...cassette, requests: cassette.requests.slice(0, -1) };
  expect((await replayCassette(shorter)).first).toMatchObject({
    request: 3,
    differences: [{ part: 'request', before: null, after: 'one more request' }],
  });
});
