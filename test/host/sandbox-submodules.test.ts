/** The folders of submodules are found in every form that git gives its index; where there are none, git is not asked. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sealSubmodules } from '#host/sandbox/submodules.ts';
import { testRepository } from '../fakes/repository.ts';

function withSubmodule() {
  const repo = testRepository({ 'src/a.ts': '1\n', 'away/b.ts': '2\n', 'away/linked/c.ts': '3\n' });
  const head = repo.git('rev-parse', 'HEAD');
  const add = (path: string) => repo.git('update-index', '--add', '--cacheinfo', `160000,${head},${path}`);
  return { ...repo, admin: join(repo.root, '.git'), add };
}

const forms: [string, string[][]][] = [
  ['version 2', [['update-index', '--index-version', '2']]],
  ['version 4', [['update-index', '--index-version', '4']]],
  ['split index', [['update-index', '--split-index']]],
  [
    'sparse index',
    [
      ['commit', '--quiet', '-m', 'submodule'],
      ['sparse-checkout', 'init', '--cone', '--sparse-index'],
      ['sparse-checkout', 'set', 'src'],
    ],
  ],
];

test.each(forms)('a submodule in an index of the form "%s" is sealed', async (_, commands) => {
  const { root, admin, add, git } = withSubmodule();
  add('away/sub');
  for (const command of commands) git(...command);
  const sealed = await sealSubmodules(root, admin);
  expect(sealed.map(({ target, writable }) => [target, writable])).toEqual([
    ['/workspace/away', true],
    ['/workspace/away/sub', false],
  ]);
});

test('a submodule that comes later is sealed by the next sandbox', async () => {
  const { root, admin, add } = withSubmodule();
  expect(await sealSubmodules(root, admin)).toEqual([]);
  add('sub');
  expect((await sealSubmodules(root, admin)).map(({ target }) => target)).toEqual(['/workspace/sub']);
});

test('where the index cannot be read, there is no sandbox', async () => {
  const { root, admin } = withSubmodule();
  writeFileSync(join(admin, 'index'), 'nothing that git would write');
  await expect(sealSubmodules(root, admin)).rejects.toMatchObject({ code: 'sandbox.unavailable' });
});
