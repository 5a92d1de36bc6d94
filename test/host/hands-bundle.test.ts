/** The hands' one file in a clone: made of their sources as they are, and never run once one of them is another. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { handsFile, handsProofFile, proofOf, provenHands } from '#host/sandbox/hands-bundle.ts';
import { productRoot } from '#host/self.ts';
import { scratch } from '../fakes/places.ts';
import { hands, noSandbox } from './sandbox-fixture.ts';

/** A clone with two sources of the hands and a bundle of them. */
function clone() {
  const root = scratch('nsh');
  const at = (file: string) => join(root, file);
  for (const file of [
    ...['src-main/child/a.ts', 'src-main/child/b.ts', 'package.json', 'resources/setup/bundle-host.mjs'],
    'out/quick/hands.cjs',
  ]) {
    mkdirSync(at(join(file, '..')), { recursive: true });
    writeFileSync(at(file), 'one');
  }
  writeFileSync(handsProofFile(root), JSON.stringify(proofOf(root, readFileSync(handsFile(root)))));
  return { root, at };
}

test('a bundle of these very sources is taken', () => {
  const { root } = clone();
  expect(provenHands(root)).toEqual(readFileSync(handsFile(root)));
});

test('a bundle is taken when its sources were only touched', () => {
  const { root, at } = clone();
  utimesSync(at('src-main/child/a.ts'), 1, 1);
  expect(provenHands(root)).toEqual(readFileSync(handsFile(root)));
});

test.each<[string, (at: (file: string) => string) => void]>([
  [
    'a source of the same length was put back with its old date',
    (at) => {
      const { atime, mtime } = statSync(at('src-main/child/a.ts'));
      writeFileSync(at('src-main/child/a.ts'), 'two');
      utimesSync(at('src-main/child/a.ts'), atime, mtime);
    },
  ],
  ['a source is gone', (at) => rmSync(at('src-main/child/b.ts'))],
  ['there is one source more', (at) => writeFileSync(at('src-main/child/c.ts'), 'one')],
  ['a source has another name', (at) => renameSync(at('src-main/child/b.ts'), at('src-main/child/c.ts'))],
  ['it would be bundled otherwise', (at) => writeFileSync(at('resources/setup/bundle-host.mjs'), 'two')],
  ['the bundle was changed and has its old length', (at) => writeFileSync(at('out/quick/hands.cjs'), 'two')],
  ['the bundle is gone', (at) => rmSync(at('out/quick/hands.cjs'))],
  ['the proof is gone', (at) => rmSync(at('out/quick/hands-made-from.json'))],
  ['the proof is half written', (at) => writeFileSync(at('out/quick/hands-made-from.json'), '{"bundle":')],
])('a bundle is not taken when %s', (_, change) => {
  const { root, at } = clone();
  change(at);
  expect(provenHands(root)).toBeNull();
});

test.skipIf(noSandbox)(
  'a run gets the bundle, and its sources once those are not what it was made of (skipped off Linux)',
  async () => {
    await promisify(execFile)(process.execPath, [join(productRoot, 'resources/setup/bundle-host.mjs')]);
    const what = 'tr "\\0" "\\n" </proc/$PPID/cmdline; ls /opt/nightshift';
    const quick = await (await hands()).bash(what);
    expect(quick.text).toContain('/opt/nightshift/hands.cjs');
    const proof = readFileSync(handsProofFile(productRoot), 'utf8');
    // In one go: others may be starting hands meanwhile.
    const put = (content: string) => {
      writeFileSync(`${handsProofFile(productRoot)}.test`, content);
      renameSync(`${handsProofFile(productRoot)}.test`, handsProofFile(productRoot));
    };
    try {
      put(JSON.stringify({ ...JSON.parse(proof), sources: 'of sources that were others' }));
      const slow = await (await hands()).bash(what);
      expect(slow.text).toContain('/opt/nightshift/child/tool-host.ts');
      expect(slow.text).not.toContain('hands.cjs');
    } finally {
      put(proof);
    }
  },
);
