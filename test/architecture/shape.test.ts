/** The shape of the tree: a fixed top level, short files, honest names. */
import { describe, expect, test } from 'vitest';
import { lines, productFiles, read } from './product-files.ts';

const topLevel = [
  '.ci',
  '.github',
  '.gitignore',
  'LICENSE',
  'README.md',
  'biome.json',
  'electron.config.ts',
  'package-lock.json',
  'package.json',
  'resources',
  'src-main',
  'src-preload',
  'src-renderer',
  'test',
  'tsconfig.json',
];

const sources = productFiles('src-*').filter((file) => /\.tsx?$/.test(file));

/** The value below which `share` of all values lie. */
function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** Words that say nothing about what a thing is. */
const emptyName = /(Manager|Helpers?|Utils?|Base|Common|Impl|Service)$/;
const declared = /\b(?:class|interface|type|enum|function|const|let)\s+([A-Za-z_$][\w$]*)/g;

function emptyNames(source: string): string[] {
  return [...source.matchAll(declared)].map(([, name = '']) => name).filter((name) => emptyName.test(name));
}

describe('top level', () => {
  test('holds what it may hold and nothing else', () => {
    const found = [...new Set(productFiles().map((file) => file.split('/')[0]))].sort();
    expect(found).toEqual(topLevel.toSorted());
  });
});

describe('length', () => {
  const lengths = sources.map(lines);

  test('median at most 100 lines, nine of ten files at most 250, none above 400', () => {
    const [median, ninety, longest] = [quantile(lengths, 0.5), quantile(lengths, 0.9), Math.max(...lengths)];
    console.log(`length: ${sources.length} files, median ${median}, p90 ${ninety}, longest ${longest}`);
    expect(sources.length).toBeGreaterThan(0);
    expect(median).toBeLessThanOrEqual(100);
    expect(ninety).toBeLessThanOrEqual(250);
    expect(longest).toBeLessThanOrEqual(400);
  });

  test('the measure itself is right', () => {
    const values = Array.from({ length: 10 }, (_, index) => (index + 1) * 10);
    expect([quantile(values, 0.5), quantile(values, 0.9)]).toEqual([60, 100]);
  });
});

describe('names', () => {
  test.each([
    'export class RunManager {}',
    'const pathUtils = {}',
    'function storeHelper() {}',
    'interface FooImpl {}',
  ])('%s would be refused', (source) => expect(emptyNames(source)).toHaveLength(1));

  test('say what a thing is', () => {
    expect(sources.flatMap((file) => emptyNames(read(file)).map((name) => `${file}: ${name}`))).toEqual([]);
    expect(
      sources.filter((file) => /(^|[-/])(manager|helpers?|utils?|common|impl|service|index)\.tsx?$/.test(file)),
    ).toEqual(['src-preload/index.ts']);
  });

  test('every source file begins with its promise', () => {
    const silent = sources.filter((file) => !/^(#!.*\n)?\s*\/\*\*/.test(read(file)));
    expect(silent).toEqual([]);
  });
});
