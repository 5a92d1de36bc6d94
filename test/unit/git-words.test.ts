import { expect, test } from 'vitest';
import { gitFailure, lastWords } from '#host/git/git-failure.ts';
import { parseChanges } from '#host/git/parse-changes.ts';

test('the last fatal or error line speaks, without control characters and bounded', () => {
  expect(lastWords('hint: x\nfatal: first\nerror: why\u001b[2J\nhint: do this\n\n')).toBe('error: why [2J');
  expect(lastWords(`fatal: ${'x'.repeat(5000)}`).length).toBeLessThanOrEqual(301);
  expect(lastWords('')).toBe('');
});

test.each([
  ['error: unable to write file x: No space left on device', /disk space/],
  ["fatal: Unable to create '/r/.git/index.lock': File exists.", /lock file/],
  ['error: insufficient permission for adding an object', /write access/],
  ['fatal: bad object 1234', /git fsck/],
])('%s has a cure that fits', (stderr, cure) => {
  const fault = gitFailure('commit-tree', stderr, 'exit 128');
  expect(fault.code).toBe('repo.git_failed');
  expect(fault.message).toContain(stderr);
  expect(fault.cure).toMatch(cure);
  expect(JSON.stringify(fault.toData())).not.toContain('    at ');
});

test('changes are read with any name, in both halves of the output', () => {
  const raw = [
    ':100644 100644 a b M',
    'tab\tand\nline',
    ':100644 100644 a b R090',
    'old',
    'new',
    ':000000 100644 0 b A',
    'bin',
  ];
  const counts = ['3\t1\ttab\tand\nline', '1\t0\t', 'old', 'new', '-\t-\tbin', ''];
  expect(parseChanges([...raw, ...counts].join('\0'))).toEqual([
    { path: 'tab\tand\nline', status: 'modified', additions: 3, deletions: 1, binary: false },
    { from: 'old', path: 'new', status: 'renamed', additions: 1, deletions: 0, binary: false },
    { path: 'bin', status: 'added', additions: 0, deletions: 0, binary: true },
  ]);
  expect(parseChanges('')).toEqual([]);
});
