/** The host's bundle of a clone: made of the sources as they are, and never run once one of them is another. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { productRoot } from '#host/self.ts';
import { spawnHost } from '#server/start-host.ts';
import { bundleFile, proofFile, provenBundle, stateOf } from '../../resources/setup/host-bundle.mjs';
import { hostHome } from '../fakes/host-process.ts';

/** A clone with a bundle of two sources and one package. */
function clone() {
  const root = mkdtempSync(join(tmpdir(), 'nsb-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const put = (file: string, text: string) => {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  const sources = ['src-main/a.ts', 'src-main/b.ts'];
  const packages = ['node_modules/p/package.json'];
  for (const file of [...sources, ...packages, 'out/quick/host.mjs']) put(file, 'one');
  const stated = (files: string[]) => files.map((file) => [file, ...(stateOf(join(root, file)) ?? [])]);
  const proof = { bundle: stateOf(bundleFile(root)), sources: stated(sources), packages: stated(packages) };
  writeFileSync(proofFile(root), JSON.stringify(proof));
  return { root, at: (file: string) => join(root, file) };
}

test('a bundle of these very sources is taken', () => {
  const { root } = clone();
  expect(provenBundle(root)).toBe(bundleFile(root));
});

test.each<[string, (at: (file: string) => string) => void]>([
  ['a source was written', (at) => writeFileSync(at('src-main/a.ts'), 'two!')],
  [
    'a source of the same length was put back with its old date',
    (at) => {
      const { atime, mtime } = statSync(at('src-main/a.ts'));
      writeFileSync(at('src-main/a.ts'), 'two');
      utimesSync(at('src-main/a.ts'), atime, mtime);
    },
  ],
  [
    'an older source took its place',
    (at) => {
      writeFileSync(at('src-main/old.ts'), 'one');
      utimesSync(at('src-main/old.ts'), 1, 1);
      renameSync(at('src-main/old.ts'), at('src-main/a.ts'));
    },
  ],
  ['a source is gone', (at) => rmSync(at('src-main/b.ts'))],
  ['another version of a package was installed', (at) => writeFileSync(at('node_modules/p/package.json'), 'two!')],
  ['the bundle was cut short', (at) => writeFileSync(at('out/quick/host.mjs'), 'o')],
  ['the bundle is gone', (at) => rmSync(at('out/quick/host.mjs'))],
  ['the proof is gone', (at) => rmSync(at('out/quick/made-from.json'))],
  ['the proof is half written', (at) => writeFileSync(at('out/quick/made-from.json'), '{"bundle":')],
])('a bundle is not taken when %s', (_, change) => {
  const { root, at } = clone();
  change(at);
  expect(provenBundle(root)).toBeNull();
});

test.each([
  ['the bundle', () => provenBundle(productRoot)],
  ['the sources', () => join(productRoot, 'src-main/server/main.ts')],
])('a host from %s serves', async (_, module) => {
  await promisify(execFile)(process.execPath, [join(productRoot, 'resources/setup/bundle-host.mjs')]);
  expect(provenBundle(productRoot)).toBe(bundleFile(productRoot));
  const home = hostHome();
  // Started by itself: whoever attaches starts what the proof says.
  await spawnHost(home.paths, home.env, String(module()));
  await expect.poll(() => existsSync(home.paths.endpoint), { timeout: 30_000 }).toBe(true);
  const attached = await home.attach();
  const status = await attached.client.host.status();
  expect(status.dataDirectory).toBe(home.paths.data);
  expect(await attached.client.routines.list()).toEqual([]);
});
