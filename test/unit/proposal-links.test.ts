/** A changed file is known by every name that a link in its tree gives it. */
import { expect, test } from 'vitest';
import { aliasesIn, type Link } from '#core/proposals/links.ts';

const names = (path: string, ...links: [string, string][]) =>
  aliasesIn(
    links.map(([at, target]): Link => ({ path: at, target })),
    '/home/u/repo',
  )(path);

test.each<[string, string, [string, string][], string[]]>([
  ['a link to the file', 'scripts/hook.sh', [['.husky/pre-commit', '../scripts/hook.sh']], ['.husky/pre-commit']],
  ['a link to a folder above it', 'hooks/a/b', [['.githooks', 'hooks']], ['.githooks/a/b']],
  [
    'a link to a link',
    'real/x',
    [
      ['.husky', 'mid'],
      ['mid', './real/'],
    ],
    ['mid/x', '.husky/x'],
  ],
  ['a link with its path in full', 'hooks/x', [['.husky', '/home/u/repo/hooks']], ['.husky/x']],
  ['another case of the letters', 'Hooks/x', [['.husky', 'hooks']], ['.husky/x']],
  ['a link that is itself the target', 'mid', [['.husky', 'mid']], ['.husky']],
  ['a link to the whole', 'x', [['all', '.']], ['all/x']],
  ['no link to it', 'src/x', [['.husky', 'hooks']], []],
  ['a link to what only begins like it', 'hooks-old/x', [['.husky', 'hooks']], []],
  ['a link that leaves the repository', 'x', [['out', '../x']], []],
  ['a link to elsewhere', 'etc/x', [['e', '/etc']], []],
])('%s', (_, path, links, expected) => {
  expect(names(path, ...links)).toEqual(expected);
});

test('links in a circle end', () => {
  expect(names('a/x', ['a/l', '..'], ['b', 'a'], ['a/m', '../b']).length).toBeLessThan(201);
});
