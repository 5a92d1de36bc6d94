/** The README does not lie about the tree: every path of its map is there, and one run can be followed in nine files. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lines, read, root } from './product-files.ts';

/** The text below a heading, up to the next one of the same rank. */
function section(text: string, heading: string): string {
  const start = text.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`README has no section "${heading}"`);
  const rest = text.slice(start + heading.length + 2);
  const end = rest.search(/\n## /);
  return end < 0 ? rest : rest.slice(0, end);
}

/**
 * The paths of a map in a fence: one a line, its first word; a name indented deeper belongs to the folder above it.
 * Several names may share a line, each a folder ending in `/` or a file with an extension.
 */
function pathsOf(map: string): string[] {
  const fence = /```[a-z]*\n([\s\S]*?)```/.exec(map)?.[1] ?? '';
  const above: { indent: number; path: string }[] = [];
  const paths: string[] = [];
  for (const line of fence.split('\n')) {
    const bare = line.replace(/[│├└─]/g, ' ');
    const indent = bare.search(/\S/);
    if (indent < 0) continue;
    while ((above.at(-1)?.indent ?? -1) >= indent) above.pop();
    const names =
      bare
        .trim()
        .split(/\s{2,}/)[0]
        ?.split(/\s+/) ?? [];
    for (const name of names.filter((word) => /\/$|\.[a-z]+$/.test(word))) {
      const path = `${above.at(-1)?.path ?? ''}${name}`;
      paths.push(path);
      if (name === names.at(0) && name.endsWith('/')) above.push({ indent, path });
    }
  }
  return paths;
}

const missing = (paths: string[]) => paths.filter((path) => !existsSync(join(root, path)));

describe('README', () => {
  const text = read('README.md');

  test('every path of the map is there', () => {
    const paths = pathsOf(section(text, '## The map'));
    console.log(`map: ${paths.length} paths`);
    expect(paths.length).toBeGreaterThan(15);
    expect(missing(paths)).toEqual([]);
  });

  test('every folder of the sources, of core and of host is on the map', () => {
    const told = new Set(pathsOf(section(text, '## The map')));
    const folders = ['src-main', 'src-main/core', 'src-main/host', 'src-renderer'].flatMap((above) =>
      readdirSync(join(root, above), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `${above}/${name}/`),
    );
    expect(folders.length).toBeGreaterThan(30);
    expect(folders.filter((folder) => !told.has(folder))).toEqual([]);
  });

  test('every picture is there', () => {
    const pictures = [...text.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, file = '']) => file);
    expect(pictures.length).toBeGreaterThan(0);
    expect(missing(pictures)).toEqual([]);
  });

  test('one run can be followed in nine files, none above 400 lines', () => {
    const named = section(text, '## Follow one run in nine files').matchAll(/`([\w./-]+\.tsx?)`/g);
    const files = [...new Set([...named].map(([, file = '']) => file))];
    // Named as a reader knows them: from the root, or from src-main.
    const paths = files.map((file) => (existsSync(join(root, file)) ? file : `src-main/${file}`));
    expect(paths).toHaveLength(9);
    expect(missing(paths)).toEqual([]);
    for (const path of paths) expect(lines(path), path).toBeLessThanOrEqual(400);
  });
});

test('a map with a path that is gone is refused', () => {
  const map =
    '```\nsrc-main/\n  contract/   what may cross\n    api.ts gone.ts   methods\n  nowhere/   lost\ntest/\n```';
  expect(missing(pathsOf(map))).toEqual(['src-main/contract/gone.ts', 'src-main/nowhere/']);
});
