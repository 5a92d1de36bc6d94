/** What comes in as a bundle may not unpack to more than is allowed, and then nothing of it is kept. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unpackInto } from '#host/git/bundles.ts';
import { gitAt } from '#host/git/run-git.ts';
import { temporaryFolder, testRepository } from '../fakes/repository.ts';

const small = 10_000_000;

async function bundled(size: number) {
  const from = testRepository();
  const base = from.git('rev-parse', 'HEAD');
  const there = testRepository(null, join(temporaryFolder(), 'there'));
  there.git('fetch', '--quiet', from.root, base);
  from.write('zeros', new Uint8Array(size));
  const head = from.commit({ 'small.txt': 'small\n' });
  const file = join(temporaryFolder(), 'a.bundle');
  from.git('bundle', 'create', '--quiet', file, 'HEAD', `^${base}`);
  const git = await gitAt({ env: process.env, timeoutMs: 60_000 }, { gitDirectory: join(there.root, '.git') });
  const packs = () => there.git('count-objects', '-v').match(/packs: (\d+)/)?.[1];
  const has = () => there.git('cat-file', '--batch-check', '--batch-all-objects').includes(head);
  return { git, bundle: readFileSync(file), has, packs };
}

test('a bundle that unpacks to more is refused, and nothing of it is left', async () => {
  const { git, bundle, has, packs } = await bundled(2 * small);
  expect(bundle.length).toBeLessThan(small / 100);
  const before = packs();
  await expect(unpackInto(git, bundle, small)).rejects.toMatchObject({
    ...{ code: 'input', field: 'bundle', message: expect.stringContaining('more than 10 MB, unpacked') },
  });
  expect(has()).toBe(false);
  expect(packs()).toBe(before);
});

test('one that unpacks to less is taken, also once more, and stays when it is refused later', async () => {
  const { git, bundle, has } = await bundled(small / 2);
  await unpackInto(git, bundle, small);
  expect(has()).toBe(true);
  await unpackInto(git, bundle, small);
  await expect(unpackInto(git, bundle, small / 10)).rejects.toMatchObject({ code: 'input' });
  expect(has()).toBe(true);
});
