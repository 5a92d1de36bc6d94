/** What a run is said to be doing just now. */
import { expect, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import { reduceRun } from '#contract/state.ts';

const run = 'run-00000001';

test('a sandbox that is ready while the model is waited for does not hide that wait', () => {
  const happened: object[] = [
    { type: 'run.queued', routine: 'triage', trigger: { kind: 'person' } },
    { type: 'turn.started', turn: 1 },
    { type: 'model.retrying', turn: 1, attempt: 1, status: 429, message: 'it asks to wait 90 s', waitMs: 90_000 },
    { type: 'sandbox.ready', enforced: [] },
  ];
  const events = happened.map((event, at) => ({ run, seq: at + 1, at: '2026-11-21T03:00:00.000Z', ...event }) as Event);
  const now = events.reduce<ReturnType<typeof reduceRun>>(reduceRun, undefined);
  expect(now?.activity).toBe('Model call failed (429), trying again');
});
