/** Proposals of real runs: claims are looked up in the record, and silence about what was left out is asked about once, then shown. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDemo } from '#host/demo/create.ts';
import { call, reply, say, use } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';
import { realRuntime } from '../fakes/real-runtime.ts';
import type { TestRepository } from '../fakes/repository.ts';
import { verifies } from '../promises.ts';

const edit = use('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' });
const prove = use('Bash', { command: 'node answer.test.js' });
const words = { title: 'Right', explanation: 'Changed `src/answer.js`; `node answer.test.js` passes.' };

test(
  verifies('claims-looked-up', 'each stands with the calls that show it, and what nothing shows is told apart'),
  async () => {
    const claims = [
      { text: 'The test passes.', calls: ['node answer.test.js'] },
      { text: 'Everything was benchmarked.', calls: ['npm run bench'] },
      { text: 'It cannot break.' },
    ];
    const product = await realRuntime({
      script: [edit, prove, use('Propose', { ...words, claims, not_done: ['No more.'] })],
    });
    const { proposal: id } = await product.runOnce();
    const proposal = await product.handlers.proposals.get({ proposal: id ?? '' });
    expect(proposal.claims).toMatchObject([
      { standing: 'backed', calls: [{ tool: 'Bash', exitCode: 0, excerpt: expect.stringContaining('right answer') }] },
      { standing: 'not_backed', calls: [], missing: ['npm run bench'] },
      { standing: 'said_only' },
    ]);
    expect(proposal.mentions?.map((mention) => mention.words)).toEqual(['src/answer.js', 'node answer.test.js']);
    const calls = product.events(proposal.run).flatMap((event) => (event.type === 'tool.started' ? [event.call] : []));
    expect(calls).toContain(proposal.claims?.[0]?.calls[0]?.call);
  },
);

test.each([
  ['an empty list', { not_done: [] }],
  ['nothing at all', {}],
])('%s of what was not done comes back once, as a failure of the tool, with what to say', async (_, silent) => {
  const product = await realRuntime({
    script: [
      edit,
      use('Propose', { ...words, ...silent }),
      use('Propose', { ...words, not_done: ['Not benchmarked.'] }),
    ],
  });
  const run = await product.runOnce();
  const proposal = await product.handlers.proposals.get({ proposal: run.proposal ?? '' });
  expect(proposal.notDone).toEqual(['Not benchmarked.']);
  expect(product.events(run.id)).toContainEqual(
    expect.objectContaining({ type: 'tool.finished', code: 'tool.not_done_missing' }),
  );
  expect(product.server.requests).toHaveLength(3);
});

test('where it stays away it is shown as missing, and nothing is made up', async () => {
  const silent = () => use('Propose', { ...words, not_done: [] });
  const product = await realRuntime({ script: [edit, silent(), silent()] });
  const run = await product.runOnce();
  const proposal = await product.handlers.proposals.get({ proposal: run.proposal ?? '' });
  expect(proposal).toMatchObject({ title: 'Right', notDone: null, claims: [] });
});

test('an agent that was sent back and then only talks, or has no turn left, keeps the words of its proposal', async () => {
  const sent = () => reply([call('Propose', { ...words, not_done: [] })]);
  const talks = await realRuntime({ script: [edit, sent(), say('I am done.')] });
  const first = await talks.runOnce();
  expect(await talks.handlers.proposals.get({ proposal: first.proposal ?? '' })).toMatchObject({
    title: 'Right',
    notDone: null,
  });
  const limits = {
    turns: 2,
    minutes: 60,
    dollars: 2,
    dollarsPerDay: 10,
    tokens: 2e7,
    outputTokens: 1e6,
    toolCalls: 1000,
  };
  const short = await realRuntime({ script: [edit, sent()], routine: { limits } });
  const second = await short.runOnce();
  expect(await short.handlers.proposals.get({ proposal: second.proposal ?? '' })).toMatchObject({
    title: 'Right',
    notDone: [expect.stringContaining('turns'), expect.stringContaining('did not say')],
  });
});

test('what the recorded night of the demo claims is really shown by its calls, but for the one that it only says', async () => {
  const root = join(scratch(), 'orders-service');
  await createDemo({ directory: root });
  const product = await realRuntime({
    env: { NIGHTSHIFT_REHEARSAL_PACE: '0' },
    repository: { root } as TestRepository,
    routine: { model: 'rehearsal', checks: [] },
  });
  const run = await product.runOnce('overnight-log-triage');
  const { claims = [], mentions = [] } = await product.handlers.proposals.get({ proposal: run.proposal ?? '' });
  expect(claims.map(({ standing }) => standing)).toEqual(['backed', 'backed', 'backed', 'said_only']);
  expect(claims[2]?.calls[0]).toMatchObject({ tool: 'Bash', exitCode: 0, changedSince: false });
  expect(mentions.map(({ words }) => words)).toContain('src/discounts.js');
}, 60_000);
