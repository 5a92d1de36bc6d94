/** Subagents that wait for their account: none of the run's minutes pass while all of them do, and its clock goes on with the first. */
import { expect, test } from 'vitest';
import { createHistory } from '#core/session/history.ts';
import { bySpeaker } from '../fakes/by-speaker.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { call, reply, say } from '../fakes/messages-server.ts';
import { brokenService, realRuntime } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';

const minute = 60_000;
const start = (task: string) => call('Agent', { description: `Does ${task}`, prompt: task });

test('a wait of subagents for the account is no working time of their run, which ends as it would without it', async () => {
  const clock = manualClock('2026-11-21T03:00:00Z');
  let remaining = 1;
  /** One request in each ten minutes. */
  const counted = (answer: ReturnType<typeof say>) => () => ({
    ...answer,
    headers: {
      date: new Date(clock.now()).toUTCString(),
      'anthropic-ratelimit-requests-limit': '1',
      'anthropic-ratelimit-requests-remaining': String(Math.max(0, --remaining)),
      'anthropic-ratelimit-requests-reset': new Date(clock.now() + 10 * minute).toISOString(),
    },
  });
  const it = await realRuntime({
    clock: { ...clock, pass: clock.advance },
    repository: testRepository(brokenService),
    routine: { checks: [], limits: { minutes: 5 } as never },
    script: bySpeaker({
      lead: [
        counted(reply([start('APPLE'), start('PEAR')])),
        counted(reply([call('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] })])),
      ],
      APPLE: [counted(say('apple done'))],
      PEAR: [counted(say('pear done'))],
    }),
  });
  await it.add();
  const { run: id } = await it.handlers.routines.run({ routine: 'triage' });
  const ended = it.ended(id);
  let over = false;
  ended.finally(() => {
    over = true;
  });
  /** Requests that wait for the account. */
  const waiting = async () =>
    (await it.handlers.model.status({})).limits?.reduce((sum, of) => sum + of.waiting, 0) ?? 0;
  /** Whoever is at work is so in time that counts: it passes only while everybody waits. */
  const atWork = () => {
    const events = it.events(id);
    const count = (wanted: string) => events.filter(({ type }) => type === wanted).length;
    return count('agent.started') < 2 ? Number.POSITIVE_INFINITY : Math.max(1, 2 - count('agent.ended'));
  };
  for (let step = 0; !over; step++) {
    if (step > 2_000) throw new Error('it does not come to an end');
    await expect.poll(async () => over || (await waiting()) >= atWork(), { interval: 1, timeout: 30_000 }).toBe(true);
    clock.advance(2_000);
  }
  const run = await ended;
  expect(run.reason?.code).not.toBe('limit.time');
  expect(run.agents?.map(({ state }) => state)).toEqual(['finished', 'finished']);
  expect(clock.now() - Date.parse('2026-11-21T03:00:00Z')).toBeGreaterThan(20 * minute);
  const { history, apply } = createHistory();
  const worked = it.events(id).map((event) => {
    apply(event);
    return { type: event.type, agent: event.agent, worked: history.workedMs, resting: history.resting };
  });
  const both = worked.filter(({ type, agent }) => type === 'turn.waiting' && agent)[1];
  const first = worked.find(({ type, agent }) => type === 'turn.started' && agent);
  expect([both?.resting, first?.resting, first?.worked]).toEqual([true, false, both?.worked]);
  expect(history.workedMs).toBeLessThan(minute);
}, 120_000);
