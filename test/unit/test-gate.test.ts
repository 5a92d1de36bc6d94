/** The counts of `npm test` cannot be flattered: silence, crashes, second tries and unreadable files count as failures. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { judge, none, readPlaywright, readVitest, summary, tail } from '../../resources/suites.mjs';

interface Counts {
  passed: number;
  failed: number;
  skipped: string[];
}
const resources = resolve(import.meta.dirname, '../../resources');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-gate-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const written = (report: object): string => {
  const file = join(folder, 'report.json');
  writeFileSync(file, JSON.stringify(report));
  return file;
};
const counts = (passed: number, failed: number, skipped: string[] = []): Counts => ({ passed, failed, skipped });

describe('reports', () => {
  test('of vitest: passed, failed, left out by name, and files that could not be loaded', () => {
    const results = (...statuses: string[]) => statuses.map((status) => ({ status, fullName: `a ${status}` }));
    const report = {
      testResults: [
        { status: 'passed', assertionResults: results('passed', 'passed', 'skipped', 'pending', 'todo') },
        { status: 'failed', assertionResults: results('failed', 'passed') },
        { status: 'failed', assertionResults: [] },
      ],
    };
    expect(readVitest(written(report))).toEqual(counts(3, 2, ['a skipped', 'a pending', 'a todo']));
  });

  test('of Playwright: a second try is a failure, and so is an error outside any test', () => {
    const spec = (title: string, status: string) => ({ title, tests: [{ status }] });
    const suite = { title: 'file', specs: [spec('a', 'expected'), spec('b', 'flaky')] };
    const inner = { title: 'inner', specs: [spec('c', 'skipped'), spec('d', 'unexpected')] };
    const suitesFound = [{ ...suite, suites: [inner] }];
    expect(readPlaywright(written({ suites: suitesFound, errors: [] }))).toEqual(counts(1, 2, ['inner c']));
    expect(readPlaywright(written({ suites: [], errors: [{}] }))).toEqual(counts(0, 1));
  });
});

describe('judgement', () => {
  test.each([
    ['nothing ran', 0, none(), 1],
    ['no report', 0, undefined, 1],
    ['it crashed without naming a test', 1, counts(5, 0), 1],
    ['failures stay as they are', 1, counts(5, 2), 2],
    ['all is well', 0, counts(5, 0), 0],
  ])('%s', (_case, code, report, failed) => expect(judge(code, report).failed).toBe(failed));

  test('the summary is one line over all suites', () => {
    expect(summary([counts(3, 0, ['a']), counts(4, 1)])).toBe('7 passed, 1 failed, 1 skipped');
  });

  test('output is bounded in lines and in width', () => {
    const shown = tail(`${'x'.repeat(1000)}\n`.repeat(500), 5);
    expect(shown).toHaveLength(6);
    expect(shown[0]).toContain('495 lines');
    expect(Math.max(...shown.map((line) => line.length))).toBeLessThanOrEqual(401);
  });
});

test('a suite that does not exist is refused by name', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(resources, 'test.mjs'), 'nosuch'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain('nosuch');
});
