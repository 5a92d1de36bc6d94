/** Every promise of the README is proven by a test that names it, and every name that a test uses is a promise. */
import { expect, test } from 'vitest';
import { promises } from '../promises.ts';
import { productFiles, read } from './product-files.ts';

const ids = Object.keys(promises);

/** Ids cited by `verifies('…'` or by `[…]` at the end of a title. */
function cited(source: string): string[] {
  const calls = [...source.matchAll(/\bverifies\(\s*['"]([a-z-]+)['"]/g)];
  const titles = [
    ...source.matchAll(/\b(?:test|it|describe)(?:\.\w+(?:\([^)]*\))?)*\(\s*['"`][^\n]*\[([a-z]+(?:-[a-z]+)+)\]['"`]/g),
  ];
  return [...calls, ...titles].map(([, id = '']) => id);
}

const tests = productFiles('test').filter((file) => /\.(test|browser|electron)\.tsx?$/.test(file));
const citations = tests
  .filter((file) => file !== 'test/architecture/promises.test.ts')
  .flatMap((file) => cited(read(file)).map((id) => ({ file, id })));

test('every promise is cited by a test', () => {
  const proven = new Set(citations.map(({ id }) => id));
  console.log(`promises: ${ids.length}, cited ${citations.length} times in ${tests.length} test files`);
  expect(ids.filter((id) => !proven.has(id))).toEqual([]);
});

test('no test cites what nobody promised', () => {
  expect(citations.filter(({ id }) => !ids.includes(id))).toEqual([]);
});

test('the README makes each of these promises in these words', () => {
  const text = read('README.md').replace(/\s+/g, ' ');
  expect(Object.values(promises).filter((sentence) => !text.includes(sentence))).toEqual([]);
});

test('citations are recognised, and other brackets are not', () => {
  const source = `test(verifies('one-host', 'a'), f);\ntest('b [no-such-promise]', f);\ntest.skipIf(x)('c, where x [os-wakes]', f);\nconst d = '[not-a-test]';`;
  expect(cited(source)).toEqual(['one-host', 'no-such-promise', 'os-wakes']);
});
