/** Every case of the corpus comes out as it must: what has to be stopped is stopped, ordinary work goes ahead. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decideCase, type PermissionCase } from '#cli/permissions/batch.ts';
import { verifies } from '../promises.ts';

type Case = PermissionCase & { must: 'allow' | 'ask' | 'deny'; why: string };

const folder = join(import.meta.dirname, 'permissions-corpus');
const places = { root: '/repo', cwd: '/repo', home: '/home/u' };
const files = readdirSync(folder).filter((file) => file.endsWith('.jsonl'));

function casesOf(file: string): Case[] {
  const lines = readFileSync(join(folder, file), 'utf8').split('\n');
  return lines.flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Case]));
}

/** Asked about is enough where something must not happen by itself; a denial is as good. */
const fits = (must: Case['must'], decision: string) => (must === 'ask' ? decision !== 'allow' : decision === must);

test('the corpus is large, and every case has a name of its own', () => {
  const ids = files.flatMap(casesOf).map(({ id }) => id);
  expect(ids.length).toBeGreaterThan(2000);
  expect(new Set(ids).size).toBe(ids.length);
});

test.each(files)(verifies('rules-hold', '%s'), (file) => {
  const wrong = casesOf(file).flatMap((one) => {
    const { decision, code } = decideCase(one, places);
    return fits(one.must, decision)
      ? []
      : [{ id: one.id, why: one.why, must: one.must, decision, code, input: one.input }];
  });
  expect(wrong).toEqual([]);
});
