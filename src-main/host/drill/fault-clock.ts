/** Faults of time: the clock set forwards and back, a night's sleep; on a clock of the drill's own. */
import { mkdirSync } from 'node:fs';
import type { Cause, Occurrence } from '#contract/ledger.ts';
import { readSchedule } from '#core/calendar/calendar.ts';
import { type JumpingHost, openJumpingHost } from './jumping-host.ts';
import { type Fault, must, routineId, routineSpec, type Stage } from './stage.ts';

const minute = 60_000;
const hour = 60 * minute;
const schedule = '0 * * * *';

/** Opens the host at ten past an hour with an hourly routine, does `work`, and closes it whatever happens. */
async function onTheClock(stage: Stage, work: (at: Hourly) => Promise<string>): Promise<string> {
  const { profile } = stage;
  mkdirSync(profile.paths.data, { recursive: true, mode: 0o700 });
  const base = Math.floor(Date.now() / hour) * hour;
  const host = openJumpingHost(profile, base + 10 * minute);
  const { runtime } = host;
  const deaf = runtime.store.listen((item) => void (item.kind === 'event' && stage.heard.push(item.event)));
  try {
    runtime.start();
    await runtime.handlers.routines.add({ id: routineId, spec: routineSpec(profile.repository, { schedule }) });
    return await work(hourly(stage, host, base));
  } finally {
    await runtime.close();
    deaf();
  }
}

type Hourly = ReturnType<typeof hourly>;

function hourly(stage: Stage, host: JumpingHost, base: number) {
  const { runtime } = host;
  const { ended } = stage;
  const rows = () => runtime.handlers.routines.ledger({ routine: routineId, limit: 1000 });
  return {
    ...{ host, base, rows },
    /** What is newly on record, after the runs that came of it are over. */
    async look(): Promise<Occurrence[]> {
      const { accounted } = await runtime.handlers.due({ by: 'host' });
      const runs = runtime.handlers.runs;
      for (const { run } of accounted) if (run) await ended({ runs } as Parameters<typeof ended>[0], run);
      return accounted;
    },
    /** Everything that the schedule names between the two, in milliseconds since the epoch, is promised. */
    owe(after: number, to: number): number {
      const due = readSchedule(schedule, 'UTC').next(after, 1000);
      const owed = due.filter((at) => at <= to).map((at) => new Date(at).toISOString());
      stage.promise(routineId, ...owed);
      return owed.length;
    },
  };
}

function causeOf(rows: Occurrence[], wanted: Cause): void {
  const found = rows.filter(({ cause }) => cause === wanted).length;
  must(
    found > 0,
    `no row names the cause ${wanted}: ${rows.map(({ state, cause }) => `${state} ${cause}`).join(', ')}`,
  );
}

export const clockForwards: Fault = {
  fault: 'clock_forwards',
  done: 'the clock set forwards by six hours over an hourly routine',
  expected: 'each of the six skipped instants is accounted for, the newest runs late and names the clock',
  run: (stage) =>
    onTheClock(stage, async ({ host, base, look, owe }) => {
      host.set(base + 6 * hour + 10 * minute);
      const owed = owe(base + 10 * minute, host.clock.now());
      const rows = await look();
      causeOf(rows, 'clock_changed');
      must(rows.filter(({ run }) => run).length === 1, 'not exactly one of the missed instants was run');
      must((await look()).length === 0, 'a second look found more to account for');
      stage.show(`${owed} instants in ${rows.length} rows`);
      return `${owed} instants were passed over: one ran late, the others are folded into a row with the reason`;
    }),
};

export const clockBack: Fault = {
  fault: 'clock_back',
  done: 'the clock set back by three hours over an hourly routine, and forwards again',
  expected: 'no instant is claimed a second time, and the next new one once',
  run: (stage) =>
    onTheClock(stage, async ({ host, base, look, owe, rows }) => {
      host.set(base + 4 * hour + 10 * minute);
      owe(base + 10 * minute, host.clock.now());
      await look();
      const before = await rows();
      host.set(base + hour + 10 * minute);
      must((await look()).length === 0, 'instants of the past were claimed again at once');
      host.set(base + 3 * hour + 30 * minute);
      must((await look()).length === 0, 'instants that had their rows were claimed again');
      must((await rows()).length === before.length, 'rows came or went while the clock was behind');
      owe(base + 4 * hour + 10 * minute, base + 5 * hour + 10 * minute);
      host.set(base + 5 * hour + 10 * minute);
      const fresh = await look();
      must(fresh.length === 1, `the next new instant has ${fresh.length} rows`);
      stage.show(`${before.length} rows before and after`, '1 row for the next new instant');
      return 'the three hours that came twice were claimed once, and the next instant once';
    }),
};

export const slept: Fault = {
  fault: 'slept',
  done: 'the machine asleep for eight hours over an hourly routine',
  expected: 'every instant of the night is accounted for as slept over, and the newest runs once',
  run: (stage) =>
    onTheClock(stage, async ({ host, base, look, owe }) => {
      host.sleep(base + 8 * hour + 10 * minute);
      const owed = owe(base + 10 * minute, host.clock.now());
      const rows = await look();
      causeOf(rows, 'asleep');
      must(rows.filter(({ run }) => run).length === 1, 'not exactly one of the missed instants was run');
      const at = new Date(base + 3 * hour).toISOString();
      const { due, sentence } = await host.runtime.handlers.routines.why({ routine: routineId, at });
      must(due && /asleep|slept/.test(sentence), `asked why nothing happened at ${at}, it says: ${sentence}`);
      stage.show(`${owed} instants in ${rows.length} rows`, `why at ${at}: ${sentence}`);
      return `${owed} instants fell into the sleep: one ran late, the others say that the machine was asleep`;
    }),
};
