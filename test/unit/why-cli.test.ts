/** `routines why`, `pause-all` and `resume-all` as they are typed and read. */
import { expect, test } from 'vitest';
import type { Why } from '#contract/ledger.ts';
import { cli } from '../fakes/cli-shell.ts';
import { occurrence } from '../fakes/records.ts';

const from = '2026-11-20T22:00:00.000Z';
const to = '2026-11-21T06:00:00.000Z';
const answer: Why = {
  due: true,
  occurrence: occurrence({ state: 'skipped', cause: 'asleep', reason: 'Missed.' }),
  sentence: 'It was skipped. The machine was asleep.',
  evidence: [{ kind: 'asleep', from, to, text: 'The machine slept for 8 h of it.' }],
};

test('why: the sentence first, then what it rests on; --json is the whole answer', async () => {
  const asked: unknown[] = [];
  const why = async (input: unknown) => {
    asked.push(input);
    return answer;
  };
  const shown = await cli(['routines', 'why', 'triage', '2026-11-21T03:00:00+01:00'], { routines: { why } });
  expect(asked).toEqual([{ routine: 'triage', at: '2026-11-21T02:00:00.000Z' }]);
  expect(shown.code).toBe(0);
  expect(shown.out.split('\n')[0]).toBe(answer.sentence);
  expect(shown.out).toContain('The machine slept for 8 h of it.');
  const json = await cli(['routines', 'why', 'triage', '2026-11-21T02:00:00Z', '--json'], { routines: { why } });
  expect(JSON.parse(json.out)).toEqual(answer);
});

test('why: an instant without a zone is refused', async () => {
  const { code, err } = await cli(['routines', 'why', 'triage', '2026-11-21T03:00'], {});
  expect(code).toBe(2);
  expect(err).toContain('date with time and zone');
});

test('pause-all with and without an end, and resume-all', async () => {
  const seen: unknown[] = [];
  const pauseAll = async (input: { until: string | null }) => {
    seen.push(input);
    return { since: from, until: input.until };
  };
  const until = await cli(['routines', 'pause-all', '--until', to], { routines: { pauseAll } });
  expect(until.out).toContain('All routines are paused until 2026-11-21 07:00:00 (Europe/Berlin)');
  const open = await cli(['routines', 'pause-all'], { routines: { pauseAll } });
  expect(open.out).toContain('All routines are paused.');
  expect(seen).toEqual([{ until: to }, { until: null }]);
  const resumed = await cli(['routines', 'resume-all'], { routines: { resumeAll: async () => ({}) } });
  expect(resumed.code).toBe(0);
});
