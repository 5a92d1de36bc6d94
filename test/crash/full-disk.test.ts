import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from '../fakes/places.ts';

test('a disk that is full in the middle of a run: nothing stored is lost, and the next host brings the run to its end', () => {
  const home = scratch();
  const fixture = join(import.meta.dirname, 'full-disk-fixture.ts');
  // A file system of its own, 24 MB large, that a normal user can make as well.
  const cage = ['--dev-bind', '/', '/', '--size', '24000000', '--tmpfs', home, '--', process.execPath, fixture, home];
  const { stdout, stderr, status } = spawnSync('bwrap', cage, { encoding: 'utf8', timeout: 90_000, maxBuffer: 1e8 });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const seen = JSON.parse(stdout);
  expect(seen.said.join('\n')).toContain('The disk is full');
  expect(seen.meanwhile).toBe('running');
  expect(seen.adding).toMatchObject({ code: 'data.full', cure: expect.stringContaining('space') });
  expect(seen.after.slice(0, seen.before.length)).toEqual(seen.before);
  expect(seen.outcome).toBe('proposed');
  expect(seen.verdict).toMatchObject({ ok: true, runs: 1, first: null });
});
