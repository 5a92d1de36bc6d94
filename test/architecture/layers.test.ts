/** The linter refuses what the import rule forbids, in every form an import can take, and nothing else. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifies } from '../promises.ts';
import { type Canary, canaries } from './canaries.ts';

const root = resolve(import.meta.dirname, '../..');
const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');

let cage: string;
const said = new Map<string, Set<string>>();

beforeAll(() => {
  cage = mkdtempSync(join(tmpdir(), 'nightshift-canaries-'));
  for (const part of ['biome.json', 'package.json', 'test/architecture/rules'])
    cpSync(join(root, part), join(cage, part), { recursive: true });
  for (const { path, source } of canaries) {
    mkdirSync(dirname(join(cage, path)), { recursive: true });
    writeFileSync(join(cage, path), source);
  }
  const { stdout } = spawnSync(process.execPath, [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '.'], {
    cwd: cage,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  for (const { category, location, severity } of JSON.parse(stdout).diagnostics) {
    if (severity === 'information') continue;
    const path = String(location.path.file ?? location.path);
    said.set(path, (said.get(path) ?? new Set()).add(category));
  }
});
afterAll(() => rmSync(cage, { recursive: true, force: true }));

test.each(canaries.map((canary): [string, Canary] => [canary.path, canary]))('%s', (path, { refusedBy }) => {
  const rules = [...(said.get(path) ?? [])];
  expect(rules).toEqual(refusedBy === null ? [] : expect.arrayContaining([refusedBy]));
});

test(verifies('layers-hold', 'the linter looks at every source file of the product'), () => {
  const files = execFileSync('git', ['ls-files', 'src-*'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => /\.tsx?$/.test(file));
  const { stdout } = spawnSync(process.execPath, [biome, 'lint', '--reporter=json', ...files], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  const { summary } = JSON.parse(stdout);
  console.log(`layers: ${summary.changed + summary.unchanged} files linted, ${canaries.length} canaries`);
  expect(summary.changed + summary.unchanged).toBe(files.length);
});
