/** A prompt that is long in bytes is counted before money stops it, and a cap holds all the same. */
import { expect, test } from 'vitest';
import { call, reply } from '../fakes/messages-server.ts';
import { recordingHands } from '../fakes/recording-hands.ts';
import { limits } from '../fakes/records.ts';
import { stagedRun, stageSession } from '../fakes/staged-session.ts';

const done = () => call('Propose', { title: 'Mend it', explanation: 'Because.', not_done: ['Nothing else.'] });
const look = () => reply([call('Bash', { command: 'cat long' })], { usage: { input_tokens: 4000 } });
/** By its bytes it would cost more than a dollar. */
const long = () => recordingHands(() => ({ text: 'x '.repeat(150_000) }));
const change = { limits: limits({ dollars: 1 }) };

test('counted as affordable it goes on; the request that is counted is the one that is asked', async () => {
  const { go, server } = await stageSession([look(), reply([done()])], { change, hands: long(), tokens: 50_000 });
  expect(await go()).toMatchObject({ kind: 'finished' });
  expect(server.counts).toHaveLength(1);
  const { model, messages, system, tools } = server.requests[1]?.body ?? {};
  expect(server.counts[0]).toMatchObject({ model, messages, system, tools });
  expect(server.counts[0]).not.toHaveProperty('max_tokens');
});

test.each([
  ['too dear', 400_000],
  ['nothing', undefined],
])('counted as %s it stops at the cap, asked once', async (_name, tokens) => {
  const stage = { change, hands: long(), ...(tokens ? { tokens } : {}) };
  const { go, server, store } = await stageSession([look()], stage);
  expect(await go()).toMatchObject({ kind: 'limit', code: 'limit.dollars' });
  expect(server.counts).toHaveLength(1);
  expect(server.requests).toHaveLength(1);
  expect(store.read.run(stagedRun)?.costMicros).toBeLessThan(1_000_000);
});

test('what is affordable by its bytes is not counted', async () => {
  const { go, server } = await stageSession([look(), reply([done()])], { tokens: 5 });
  await go();
  expect(server.counts).toEqual([]);
});
