/** The compiler refuses by itself what crosses a layer: each layer is a project that knows only the projects to its left. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifies } from '../promises.ts';

const root = resolve(import.meta.dirname, '../..');
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const layers = ['contract', 'core', 'host', 'child', 'server', 'sdk', 'cli', 'electron'].map(
  (layer) => `src-main/${layer}`,
);
const projects = [...layers, 'src-preload', 'src-renderer', 'test'];

/** Source by path; `null`: compiles, else the compiler's own code for what is wrong. */
const canaries: [path: string, source: string, code: string | null][] = [
  ['src-main/contract/plain.ts', 'export const one = 1;\n', null],
  ['src-main/contract/process.ts', 'export const p = process;\n', 'TS2591'],
  ['src-main/contract/window.ts', 'export const w = window;\n', 'TS2304'],
  ['src-main/contract/document.ts', 'export const d = document;\n', 'TS2584'],
  ['src-main/contract/buffer.ts', `export const b = Buffer.from('');\n`, 'TS2591'],
  ['src-main/core/plain.ts', `export { one } from '#contract/plain.ts';\n`, null],
  ['src-main/core/window.ts', 'export const w = window;\n', 'TS2304'],
  ['src-main/core/host.ts', `export { one } from '#host/plain.ts';\n`, 'TS6307'],
  ['src-main/host/plain.ts', `export { one } from '#core/plain.ts';\n`, null],
  ['src-main/host/server.ts', `export { one } from '#server/plain.ts';\n`, 'TS6307'],
  ['src-main/server/plain.ts', `export { one } from '#host/plain.ts';\n`, null],
  ['src-main/sdk/plain.ts', `export { one } from '#host/plain.ts';\n`, null],
  ['src-main/sdk/server.ts', `export { one } from '#server/plain.ts';\n`, 'TS6307'],
  ['src-main/child/plain.ts', `export { one } from '#contract/plain.ts';\n`, null],
  ['src-main/child/core.ts', `export { one } from '#core/plain.ts';\n`, 'TS6307'],
  ['src-renderer/state/plain.ts', `export { one } from '#contract/plain.ts';\n`, null],
  ['src-renderer/state/core.ts', `export { one } from '#core/plain.ts';\n`, 'TS6307'],
  ['src-renderer/state/process.ts', 'export const p = process;\n', 'TS2591'],
  ['src-preload/core.ts', `export { one } from '#core/plain.ts';\n`, 'TS6307'],
];

let cage: string;
const said = new Map<string, string[]>();

beforeAll(() => {
  cage = mkdtempSync(join(tmpdir(), 'nightshift-compiler-'));
  symlinkSync(join(root, 'node_modules'), join(cage, 'node_modules'));
  cpSync(join(root, 'package.json'), join(cage, 'package.json'));
  for (const file of ['tsconfig.json', ...projects.map((project) => `${project}/tsconfig.json`)]) {
    mkdirSync(dirname(join(cage, file)), { recursive: true });
    cpSync(join(root, file), join(cage, file));
  }
  for (const [path, source] of canaries) {
    mkdirSync(dirname(join(cage, path)), { recursive: true });
    writeFileSync(join(cage, path), source);
  }
  const used = ['core', 'host', 'child', 'server', 'sdk'].map((layer) => `src-main/${layer}`);
  const { stdout } = spawnSync(
    process.execPath,
    [tsc, '-b', '--pretty', 'false', ...used, 'src-renderer', 'src-preload'],
    { cwd: cage, encoding: 'utf8' },
  );
  for (const [, path = '', code = ''] of stdout.matchAll(/^([^\s(]+)\(\d+,\d+\): error (TS\d+)/gm))
    said.set(path, [...(said.get(path) ?? []), code]);
});
afterAll(() => rmSync(cage, { recursive: true, force: true }));

test.each(canaries)('%s', (path, _source, code) => {
  const codes = said.get(path) ?? [];
  expect(codes).toEqual(code === null ? [] : expect.arrayContaining([code]));
});

test(verifies('layers-hold', 'every folder of sources is a project of the build'), () => {
  const build = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  const listed = build.references.map((reference: { path: string }) => reference.path).sort();
  const folders = readdirSync(join(root, 'src-main'), { withFileTypes: true })
    .filter((item) => item.isDirectory())
    .map((item) => `src-main/${item.name}`);
  console.log(`compiler: ${listed.length} projects, ${canaries.length} canaries`);
  expect(listed).toEqual([...folders, 'src-preload', 'src-renderer', 'test'].sort());
  expect(projects.toSorted()).toEqual(listed);
});
