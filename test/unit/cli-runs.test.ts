/** Runs from the terminal: `due` waits for them, `follow` tells them whole, and every line says outcome, model, cost, checks. */
import { describe, expect, test } from 'vitest';
import { createNarrator } from '#cli/print/narrate.ts';
import { createPaint } from '#cli/print/paint.ts';
import { exitCodeOfRun } from '#cli/runs.ts';
import type { Event, StreamItem } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { rehearsalNotice } from '#contract/host.ts';
import { cli, clientOf, linkTo, type SomeHandlers } from '../fakes/cli-shell.ts';
import { occurrence, run, runId, runLog } from '../fakes/records.ts';
import { verifies } from '../promises.ts';

/** Serves the log as the host does: everything after `after`, the mark, then what `more` yields. */
function follow(log: Event[], more: (after: number) => AsyncIterable<StreamItem> = stall) {
  return async ({ after }: { after: number }) => serve(log, after, more);
}

async function* serve(log: Event[], after: number, more: (after: number) => AsyncIterable<StreamItem>) {
  for (const event of log) if (event.seq > after) yield { kind: 'event' as const, event };
  yield { kind: 'caught_up' as const, seq: Math.max(after, log.at(-1)?.seq ?? 0) };
  yield* more(after);
}

/** Nothing comes any more, as on a quiet host. */
async function* stall(): AsyncGenerator<StreamItem> {
  await new Promise(() => {});
}

// biome-ignore lint/correctness/useYield: the host dies in place of sending something
async function* die(): AsyncGenerator<StreamItem> {
  throw new Fault('host.unreachable', 'The connection is gone.');
}

function host(end = run(), log = runLog()): SomeHandlers {
  return {
    due: async () => ({ accounted: [occurrence()], active: [runId] }),
    runs: { get: async () => end, list: async () => [end] },
    events: { follow: follow(log) },
  };
}

describe('due', () => {
  test(
    verifies('rehearsal-says-so', 'due waits for what it claimed and tells outcome, model, cost and checks'),
    async () => {
      const { code, out } = await cli(['due'], host());
      expect(code).toBe(0);
      expect(out).toMatch(/log-triage {2}due .* claimed by os_timer .*run-00000001a/);
      expect(out).toContain(`${runId}  log-triage  proposed  $0.0123  1 of 1 failing → passing  ${rehearsalNotice}`);
    },
  );

  test('with --no-wait hands over and asks nothing more', async () => {
    const seen: unknown[] = [];
    const due = async (input: unknown) => {
      seen.push(input);
      return { accounted: [occurrence()], active: [runId] };
    };
    const { code, out } = await cli(['due', '--by', 'os_timer', '--no-wait', '--routine', 'log-triage'], { due });
    expect(code).toBe(0);
    expect(seen).toEqual([{ by: 'os_timer', routine: 'log-triage' }]);
    expect(out).toContain('Handed to the host: 1.');
  });

  test('nothing due is said and is no error', async () => {
    const { code, out } = await cli(['due'], { due: async () => ({ accounted: [], active: [] }) });
    expect({ code, out }).toEqual({ code: 0, out: 'Nothing is due.\n' });
  });

  test.each(['failed', 'stopped'] as const)(
    'a run that %s makes it fail, with the reason and the cure',
    async (outcome) => {
      const reason = { code: 'limit.turns' as const, message: 'All 60 turns were used.', cure: 'Raise the limit.' };
      const { code, out } = await cli(['due'], host(run({ outcome, reason })));
      expect(code).toBe(1);
      expect(out).toContain('All 60 turns were used. Raise the limit.');
    },
  );

  test('with --json is one document', async () => {
    const { out } = await cli(['due', '--json'], host());
    expect(JSON.parse(out)).toEqual({ accounted: [occurrence()], active: [runId], runs: [run()] });
  });
});

describe('runs follow', () => {
  test('tells checks and each tool call once, and how it ended', async () => {
    const { code, out } = await cli(['runs', 'follow', runId], host());
    expect(code).toBe(0);
    expect(out.match(/Bash grep -c ERROR service\.log/g)).toHaveLength(1);
    expect(out).toMatch(/before +fails +npm test/);
    expect(out).toMatch(/after +passes +npm test/);
    expect(out).toContain('Run over, proposed');
  });

  test('a goal that is not met is said at its end, and is no success', async () => {
    const goal = { condition: 'It is 42', verdict: 'not_yet' as const, rounds: 1, reason: 'No.', quote: null };
    const aimed = run({ goal: { ...goal, judgedAt: null } });
    const at = '2026-11-20T03:00:00.000Z';
    const told: Event[] = [
      { seq: 1, at, type: 'run.queued', run: runId, routine: 'triage', trigger: { kind: 'person' } },
      { seq: 2, at, type: 'aims.set', run: runId, goal: 'It is 42', iterations: null },
      {
        ...{ seq: 3, at, type: 'goal.judged', run: runId, round: 1, verdict: 'not_yet', reason: 'No.', quote: null },
        ...{ commit: 'a', checks: null, progress: true, fingerprint: 'a', unjudged: false },
      },
      { seq: 4, at, type: 'run.ended', run: runId, outcome: 'proposed', reason: null, proposal: null },
    ];
    expect(exitCodeOfRun(aimed)).toBe(11);
    const narrate = createNarrator(createPaint({}, {}));
    expect(told.flatMap(narrate).at(-1)).toBe('Run over, goal not met; proposed');
  });

  test('tells what is presumed and why, what broke off, and how long it waits to ask again', async () => {
    const at = '2026-11-20T03:00:00.000Z';
    const presumed = { type: 'cost.presumed', run: runId, purpose: 'session', costMicros: 120_000 } as const;
    const failed = { type: 'model.retrying', run: runId, turn: 1, attempt: 1, status: 529, message: 'busy' } as const;
    const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
    const drafts = [
      { ...presumed, why: 'no_answer' },
      { ...presumed, why: 'not_counted' },
      presumed,
      { ...failed, waitMs: 2_500, purpose: 'classifier' },
      { type: 'answer.lost', run: runId, turn: 1, usage, costMicros: 30_000 },
    ];
    const log = [...drafts.map((draft) => ({ ...draft, at })), ...runLog()];
    const told = log.map((event, index) => ({ ...event, seq: index + 1 }) as Event);
    const { out } = await cli(['runs', 'follow', runId], { ...host(), events: { follow: follow(told) } });
    expect(out).toContain('$0.1200 presumed spent: the question was sent and its answer never began');
    expect(out).toContain('$0.1200 presumed spent: the server did not say');
    expect(out).toContain('$0.1200 presumed spent: its host died');
    expect(out).toContain('Model call of the classifier failed (529): busy; trying again in 3 s');
    expect(out).toContain('The answer broke off; the $0.0300 that it had cost counts');
  });

  test('with --json is one event per line', async () => {
    const { out } = await cli(['runs', 'follow', runId, '--json'], host());
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(runLog());
  });

  test('--after leaves out what was seen', async () => {
    const { out } = await cli(['runs', 'follow', runId, '--json', '--after', '7'], host());
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as Event).seq),
    ).toEqual([8, 9]);
  });

  test(
    verifies('stream-resumes', 'goes on with the next host after the last event seen: no gap, no repeat'),
    async () => {
      const log = runLog();
      const first = linkTo(clientOf({ ...host(), events: { follow: follow(log.slice(0, 4), die) } }), 1);
      const second = linkTo(clientOf(host()), 2);
      const { code, out, attached } = await cli(['runs', 'follow', runId, '--json'], {}, { links: [first, second] });
      expect(code).toBe(0);
      expect(attached).toEqual([{ start: true }, { start: true }]);
      const events = out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Event);
      expect(events).toEqual(log);
    },
  );

  test('gives up when host after host goes away without a word', async () => {
    const silent = linkTo(clientOf({ ...host(), events: { follow: async () => die() } }));
    const { code, err } = await cli(['runs', 'follow', runId], {}, { links: [silent] });
    expect(code).toBe(4);
    expect(err).toContain('again and again');
  });

  test('an earlier end of a run that is being revised is not taken for the end', async () => {
    const log = runLog();
    const resumed = { type: 'run.resumed', run: runId, why: 'revision', seq: 10, at: log[0]?.at } as Event;
    const ended = { ...log.at(-1), seq: 11 } as Event;
    async function* later(): AsyncGenerator<StreamItem> {
      yield { kind: 'event', event: ended };
      yield* stall();
    }
    const handlers = { ...host(), events: { follow: follow([...log, resumed], later) } };
    const { out } = await cli(['runs', 'follow', runId, '--json'], handlers);
    expect(out.trimEnd().split('\n')).toHaveLength(11);
  });

  test('an unknown run is not waited for', async () => {
    const get = () => Promise.reject(new Fault('not_found', 'There is no such run.', { field: 'run' }));
    const { code, err } = await cli(['runs', 'follow', runId], { runs: { get } });
    expect(code).toBe(3);
    expect(err).toContain('There is no such run.');
  });
});

test('a list of runs never shows a bare end', async () => {
  const { out } = await cli(
    ['runs', 'list'],
    host(run({ outcome: 'nothing_to_propose', after: null, rehearsal: false, model: 'some-model' })),
  );
  expect(out).toMatch(
    /run-00000001a +log-triage +completed +nothing to propose +\$0\.0123 +1 of 1 failing before +schedule .* some-model/,
  );
});

test('a run that is at work may still get checks; one that is over has none', async () => {
  const none = { before: null, after: null, outcome: null };
  expect((await cli(['runs', 'list'], host(run({ ...none, state: 'running' })))).out).toContain('none yet');
  expect((await cli(['runs', 'list'], host(run({ ...none, outcome: 'failed' })))).out).toContain('no checks');
});

test('one is not called many, and a reason without a full stop does not run into its cure', async () => {
  const reason = { code: 'run.stopped' as const, message: 'It was stopped', cure: 'Start it again.' };
  const once = host(run({ turns: 1, toolCalls: 1, resumes: 1, outcome: 'stopped', reason }));
  const shown = await cli(['runs', 'show', runId], once);
  expect(shown.out).toMatch(/1 turn, 1 tool call, taken up again once$/m);
  expect((await cli(['due'], once)).out).toContain('It was stopped. Start it again.');
});

test('one run in full, with its reason, its sandbox and its checks', async () => {
  const { out } = await cli(['runs', 'show', runId], host());
  for (const part of ['proposed', rehearsalNotice, '$0.0123', 'no network', '9.5 s', 'prop-00000001a'])
    expect(out).toContain(part);
});

test('a task whose host dies over the answer is asked for again with the same key, at the next host', async () => {
  const keys: unknown[] = [];
  const start = async ({ key }: { key?: string | undefined }) => {
    keys.push(key);
    if (keys.length === 1) throw new Fault('host.unreachable', 'The connection is gone.');
    return { run: runId };
  };
  const known = host();
  const handlers = { ...known, runs: { ...known.runs, start } };
  const { code } = await cli(['run', '--prompt', 'Mend it.'], handlers, {
    links: [linkTo(clientOf(handlers)), linkTo(clientOf(handlers))],
  });
  expect(code).toBe(0);
  expect(keys).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), keys[0]]);
});
