/** Throw-away directories and plain values for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { RoutineSpec } from '#contract/routines.ts';
import type { Ids, Log } from '#core/ports.ts';

/** A fresh directory, gone when the test is over. */
export function scratch(name = 'nightshift'): string {
  const directory = mkdtempSync(join(tmpdir(), `${name}-`));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function spec(change: Partial<RoutineSpec> = {}): RoutineSpec {
  return RoutineSpec.parse({
    name: 'Test routine',
    description: 'For tests',
    prompt: 'Do the work.',
    schedule: '0 3 * * *',
    timeZone: 'UTC',
    repository: '/nowhere',
    ...change,
  });
}

/** `run-00000001`, `run-00000002`, … */
export function countingIds(): Ids {
  let last = 0;
  return { next: (prefix) => `${prefix}-${String(++last).padStart(8, '0')}` };
}

export const silent: Log = { info: () => {}, error: () => {} };
