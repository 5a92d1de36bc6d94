/** Unique secrets on every way into a run, and then a search for them in its cassette. */
import { expect, test } from 'vitest';
import { replayCassette } from '#host/replay/replay.ts';
import { inTexts, newCanary } from '../fakes/canary.ts';
import { exported } from '../fakes/exported.ts';
import { call, reply, text, thinking, use } from '../fakes/messages-server.ts';
import { brokenService, realRuntime } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';

test('a key in the prompt, in files, in what the model says and in what calls print is in no cassette', async () => {
  const known = newCanary();
  const shaped = `ghp_${newCanary().replaceAll('_', '')}`;
  const named = newCanary();
  const files = {
    ...brokenService,
    'CLAUDE.md': `The key is ${known}.\n`,
    '.env': `API_TOKEN=${named}\nGH=${shaped}\n`,
  };
  const product = await realRuntime({
    repository: testRepository(files),
    script: [
      reply([
        thinking(`I know ${known} and ${shaped}.`),
        text(`Authorization: Bearer ${known}`),
        call('Bash', { command: `cat .env; echo ${known}; echo ${known} >> src/answer.js`, description: shaped }),
      ]),
      use('Write', { file_path: 'notes.txt', content: `password: "${named}"` }),
      use('Nothing', { password: named }),
      use('Propose', { title: 'Done', explanation: `With ${known}.`, not_done: ['Nothing else.'] }),
      use('Propose', { title: 'Done', explanation: 'So.', not_done: ['Nothing else.'] }),
    ],
    routine: { prompt: `Use ${known} and ${shaped}.`, description: known, checks: [] },
  });
  product.secrets.know(known);
  const run = await product.runOnce();
  const comments = [{ text: `And ${known}, too.` }];
  await product.handlers.proposals.revise({ proposal: run.proposal ?? '', comments });
  await product.ended(run.id, 2);
  const log = JSON.stringify(product.events(run.id));
  for (const secret of [known, shaped, named]) expect(inTexts(secret, { log })).toEqual(['log']);
  const { made, cassette } = await exported(product, run.id);
  for (const secret of [known, shaped, named]) expect(inTexts(secret, { cassette: made.text })).toEqual([]);
  expect(made).toMatchObject({ departs: null, requests: 5 });
  expect((await replayCassette(cassette)).same).toBe(true);
});
