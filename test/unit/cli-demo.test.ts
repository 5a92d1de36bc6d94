/** The demo from the terminal: fired by the OS timer or, said plainly, from here; through the death of a host; to a decision. */
import { describe, expect, test } from 'vitest';
import type { Event, StreamItem } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { rehearsalNotice } from '#contract/host.ts';
import type { Occurrence } from '#contract/ledger.ts';
import type { Registration, Routine } from '#contract/routines.ts';
import { cli, clientOf, linkTo, type SomeHandlers } from '../fakes/cli-shell.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { occurrence, proposal, routine, run, runId, runLog } from '../fakes/records.ts';

const start = '2026-11-20T22:00:00.000Z';

interface Night {
  registration?: Registration;
  /** Milliseconds after the due instant at which the OS timer fires; absent: it never does. */
  osFires?: number;
  /** What comes of the claim when it is no run. */
  claimed?: Partial<Occurrence>;
  /** The host dies once, before it sends the event with this number. */
  diesBefore?: number;
  end?: Parameters<typeof run>[0];
  /** Routines that are there before the demo. */
  known?: Routine[];
}

/** A host and an OS scheduler on one manual clock: firing writes the log of a whole run at once. */
function night({ registration, osFires, claimed, diesBefore, end, known = [] }: Night) {
  const clock = manualClock(start);
  const state = {
    log: [] as Event[],
    dueAt: '',
    dueCalls: [] as { at: number; by: string }[],
    approved: '',
    paused: [] as string[],
    died: false,
  };
  let wake = Promise.withResolvers<void>();
  const fire = () => {
    if (state.log.length > 0) return;
    const log = runLog(state.dueAt);
    const row = occurrence({ dueAt: state.dueAt, ...claimed });
    const [queued, , ...rest] = log;
    const told = { type: 'occurrence.claimed', routine: row.routine, occurrence: row, at: start };
    state.log = row.run && queued ? [queued, { ...told, seq: 2 } as Event, ...rest] : [{ ...told, seq: 1 } as Event];
    wake.resolve();
    wake = Promise.withResolvers();
  };
  async function* stream(after: number, only: string | undefined): AsyncGenerator<StreamItem> {
    let last = after;
    for (let live = false; ; live = true) {
      for (const event of state.log.slice(last)) {
        dieOnce(event);
        last = event.seq;
        if (!only || ('run' in event && event.run === only)) yield { kind: 'event', event };
      }
      if (!live) yield { kind: 'caught_up', seq: last };
      await wake.promise;
    }
  }
  function dieOnce(event: Event) {
    if (event.seq !== diesBefore || state.died) return;
    state.died = true;
    throw new Fault('host.unreachable', 'The host is gone.');
  }
  const held = registration ?? { state: 'registered', detail: 'systemd user timer, next 23:00:05' };
  const model = { auto: 'rehearsal', rehearsal: true, key: 'none', detail: '', baseUrl: null } as const;
  const handlers: SomeHandlers = {
    demo: { create: async () => ({ routine: routine(), repository: '/data/demo/orders-service' }) },
    host: {
      status: async () => ({
        ...{
          version: '1',
          pid: 1,
          startedAt: start,
          dataDirectory: '/data',
          activeRuns: 0,
          clients: 1,
          openProposals: 0,
        },
        ...{ model, seq: 0 },
      }),
    },
    routines: {
      list: async () => known,
      pause: async ({ routine: id }) => {
        state.paused.push(id);
        return routine();
      },
      fireAt: async ({ at }) => {
        state.dueAt = at;
        if (osFires !== undefined) clock.after(Date.parse(at) - clock.now() + osFires, fire);
        return routine({ registration: held });
      },
      ledger: async () => (state.log.length > 0 ? [occurrence({ dueAt: state.dueAt, state: 'ran', ...claimed })] : []),
    },
    due: async ({ by }) => {
      state.dueCalls.push({ at: clock.now() - Date.parse(state.dueAt), by });
      fire();
      return { accounted: [], active: [] };
    },
    runs: { list: async () => [], get: async () => run(end) },
    events: { follow: async ({ after, run: only }) => stream(after, only) },
    proposals: {
      get: async () => proposal(),
      diff: async () => ({ patch: '--- a/src/order.js\n+++ b/src/order.js\n@@ -1 +1 @@\n-bad\n+good\n' }),
      approve: async ({ into }) => {
        state.approved = into ?? '';
        return proposal({ state: 'approved', into: into ?? '', landedAs: 'd'.repeat(40), landedHow: 'fast_forward' });
      },
    },
  };
  return { clock, state, handlers };
}

/** Runs the demo and moves the clock whenever the demo has nothing left to do but wait. */
async function demo(world: ReturnType<typeof night>, argv: string[] = []) {
  let over = false;
  const links = [linkTo(clientOf(world.handlers), 1), linkTo(clientOf(world.handlers), 2)];
  const running = cli(['demo', ...argv], {}, { links, shell: { clock: world.clock } }).finally(() => {
    over = true;
  });
  while (!over) {
    await new Promise((resolve) => setImmediate(resolve));
    if (world.state.dueAt) world.clock.advance(100);
  }
  return await running;
}

describe('fired by the OS timer', () => {
  test('ends with ledger, cause, diff, evidence, cost, what was not done and how to decide', async () => {
    const world = night({ osFires: 400 });
    const { code, out, err } = await demo(world);
    expect({ code, err, due: world.state.dueCalls }).toEqual({ code: 0, err: '', due: [] });
    const parts = [
      'The operating system holds: systemd user timer, next 23:00:05',
      'Fired: claimed once in the ledger by os_timer',
      'Bash grep -c ERROR service.log',
      'Ledger',
      'ran  claimed by os_timer',
      'A missing price is read as a number.',
      '+good',
      '1 of 1 failing → passing',
      `$0.0123  ${rehearsalNotice}`,
      'The other errors in the log.',
      '  nightshift proposals approve prop-00000001a',
      '  nightshift proposals reject prop-00000001a',
    ];
    let from = 0;
    for (const part of parts) {
      expect(out.slice(from), `${part}, in this order`).toContain(part);
      from = out.indexOf(part, from);
    }
  });

  test('the due instant is a whole second, five to six seconds ahead', async () => {
    const world = night({ osFires: 0 });
    world.clock.advance(1);
    await demo(world);
    expect(world.state.dueAt).toBe('2026-11-20T22:00:06.000Z');
  });

  test('--approve lands it on a branch of its own and says where', async () => {
    const world = night({ osFires: 0 });
    const { code, out } = await demo(world, ['--approve']);
    expect({ code, branch: world.state.approved }).toEqual({ code: 0, branch: 'overnight-fixes' });
    expect(out).toContain('landed on overnight-fixes as dddddddddd (fast forward)');
  });

  test('with --json is one document on stdout, progress on stderr', async () => {
    const { code, out, err } = await demo(night({ osFires: 0 }), ['--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      run: { id: runId },
      proposal: { state: 'open' },
      occurrence: { state: 'ran' },
    });
    expect(err).toContain('Fired:');
  });
});

describe('what it leaves behind', () => {
  test('a paused routine, and says how to wake it', async () => {
    const world = night({ osFires: 0 });
    const { out } = await demo(world);
    expect(world.state.paused).toEqual(['log-triage']);
    expect(out).toContain('`nightshift routines resume log-triage` wakes it');
  });

  test('also when no run came of it', async () => {
    const world = night({ osFires: 0, claimed: { state: 'skipped', run: null, reason: 'Another run was open.' } });
    expect((await demo(world)).code).toBe(5);
    expect(world.state.paused).toEqual(['log-triage']);
  });

  test.each([
    ['--keep', { argv: ['--keep'], known: [] }],
    ['one that was active before', { argv: [], known: [routine()] }],
  ])('an active routine: %s', async (_name, { argv, known }) => {
    const world = night({ osFires: 0, known });
    const { out } = await demo(world, argv);
    expect(world.state.paused).toEqual([]);
    expect(out).toContain('`nightshift routines pause log-triage` lets it rest');
  });
});

describe('not fired by the OS timer', () => {
  test('no registration: says so and fires at the due instant', async () => {
    const registration = { state: 'unavailable', detail: 'no systemd user manager runs' } as const;
    const world = night({ registration });
    const { code, out } = await demo(world);
    expect(code).toBe(0);
    expect(out).toContain('no systemd user manager runs');
    expect(out).toContain('No OS timer will fire it (unavailable)');
    expect(world.state.dueCalls).toEqual([{ at: 0, by: 'cli' }]);
  });

  test('registered but silent: says so and fires 20 s after the due instant', async () => {
    const world = night({});
    const { code, out } = await demo(world);
    expect(code).toBe(0);
    expect(out).toContain('The OS timer has not fired 20 s after the due instant');
    expect(world.state.dueCalls).toEqual([{ at: 20_000, by: 'cli' }]);
  });
});

describe('what can go wrong', () => {
  test.each([2, 5])('the host dies before event %i: attaches again and finishes', async (diesBefore) => {
    const world = night({ osFires: 0, diesBefore });
    const { code, out, attached } = await demo(world);
    expect({ code, attachments: attached.length, died: world.state.died }).toEqual({
      code: 0,
      attachments: 2,
      died: true,
    });
    expect(out.match(/Bash grep/g)).toHaveLength(1);
  });

  test('the ledger skipped the occurrence: its reason is the error', async () => {
    const { code, err } = await demo(
      night({ osFires: 0, claimed: { state: 'skipped', run: null, reason: 'Another run was open.' } }),
    );
    expect(code).toBe(5);
    expect(err).toContain('Another run was open.');
  });

  test.each(['failed', 'nothing_to_propose', 'stopped'] as const)(
    'a run that ends with %s fails the demo',
    async (outcome) => {
      const reason = { code: 'sandbox.unavailable' as const, message: 'bubblewrap is missing.', cure: 'Install it.' };
      const { code, out, err } = await demo(night({ osFires: 0, end: { outcome, reason, proposal: null } }));
      expect(code).toBe(1);
      expect(out).toContain('bubblewrap is missing. Install it.');
      expect(err).toContain('did not end in a proposal');
    },
  );

  test('a broken demo routine is not run, and its file is named', async () => {
    const world = night({});
    const problem = { file: 'routine.yaml', line: 2, message: 'no cron' };
    const create = async () => ({ routine: routine({ spec: null, problem }), repository: '/r' });
    const { code, err } = await cli(['demo'], { ...world.handlers, demo: { create } });
    expect(code).toBe(5);
    expect(err).toContain('routine.yaml:2: no cron');
  });
});
