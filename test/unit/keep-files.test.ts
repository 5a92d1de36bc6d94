/** Which turn the files of a worktree are kept for. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Draft } from '#contract/events.ts';
import { openStore } from '#core/store/event-log.ts';
import { keepFiles } from '#core/talk/keep-files.ts';
import type { Snapshots } from '#core/talk/port.ts';
import { systemClock } from '#host/clock.ts';
import { scratch } from '../fakes/places.ts';

const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
const run = 'run-00000001';
const begun = (turn: number): Draft => ({ type: 'turn.started', run, turn });
const answered = (turn: number): Draft => ({
  ...{ type: 'message.finished', run, turn, content: [{ type: 'text', text: 'ok' }] },
  ...{ stopReason: 'tool_use', usage, costMicros: 0 },
});

/** The turns that files were kept for, after what `before` says had happened when the host died. */
async function keptAfter(before: Draft[], then: Draft[]): Promise<number[]> {
  const store = openStore(join(scratch(), 'a.db'), systemClock);
  onTestFinished(() => store.close());
  const say = (draft: Draft) => store.commit((writer) => void writer.append(draft));
  say({ type: 'run.queued', run, routine: 'triage', trigger: { kind: 'person' } });
  before.forEach(say);
  const turns: number[] = [];
  const keep: Snapshots['keep'] = async (_repo, _directory, _run, turn) => {
    turns.push(Number(turn));
    return { kind: 'kept', commit: 'a'.repeat(40), seen: String(turn) };
  };
  const repo = { root: '/nowhere', gitDirectory: '/nowhere/.git' };
  const keeper = keepFiles({ store, snapshots: { keep } as Snapshots, run, repo, directory: '/nowhere' });
  then.forEach(say);
  await keeper.finish();
  return turns;
}

test('what a turn left when its host died is kept for that turn, though the next one had begun', async () => {
  expect(await keptAfter([begun(1), answered(1), begun(2)], [begun(2)])).toEqual([1]);
});

test('nothing is kept for a turn that a person has gone back from', async () => {
  const rewound: Draft = { type: 'history.rewound', run, turn: 1, files: 'b'.repeat(40), by: 'terminal' };
  expect(await keptAfter([begun(1), answered(1), begun(2), answered(2), rewound], [begun(3)])).toEqual([]);
});
