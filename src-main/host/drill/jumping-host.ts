/** The product in this process on a clock and a machine that jump when they are told to; all else is real. */
import type { Clock, Machine, Scheduler } from '#core/ports.ts';
import { createRuntime, type Runtime } from '#core/runtime.ts';
import { createIds, systemClock } from '#host/clock.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { openLog } from '#host/log.ts';
import { createModels } from '#host/model/models.ts';
import { createSandbox } from '#host/sandbox/launch.ts';
import type { Profile } from './profile.ts';

export interface JumpingHost {
  runtime: Runtime;
  clock: Clock;
  /** Somebody sets the clock: only the wall clock moves. */
  set(to: number): void;
  /** The machine sleeps until then: wall clock and uptime go on, the count of its waking time does not. */
  sleep(to: number): void;
}

/** The clock begins at `start`, milliseconds since the epoch. */
export function openJumpingHost({ env, paths }: Profile, start: number): JumpingHost {
  let offset = start - systemClock.now();
  let slept = 0;
  const clock: Clock = { now: () => systemClock.now() + offset, after: (ms, fn) => systemClock.after(ms, fn) };
  const awake = () => Math.round(performance.now());
  const machine: Machine = {
    moment: () => ({ boot: 'drill', uptime: awake() + slept, awake: awake(), session: null }),
    conditions: async () => ({ onMains: null, unmetered: null }),
  };
  const log = openLog(paths.log, clock);
  const vault = { get: async () => null, set: async () => {}, delete: async () => {} };
  const runtime = createRuntime({
    timeZone: 'UTC',
    ...{ clock, ids: createIds(clock), log, machine, places: paths, scheduler: noScheduler },
    models: createModels({ env, paths, vault, log }),
    sandbox: createSandbox({ log }),
    repositories: createRepositories({ env, log }),
  });
  const jump = (to: number) => {
    const by = to - clock.now();
    offset += by;
    return by;
  };
  return {
    ...{ runtime, clock, set: (to) => void jump(to) },
    sleep(to) {
      slept += jump(to);
    },
  };
}

const noScheduler: Scheduler = {
  sync: async (alarms) =>
    new Map(alarms.map(({ routine }) => [routine, { state: 'unavailable', detail: 'The drill has its own clock.' }])),
  exactness: () => 'exact',
  doctor: async () => [],
  heal: async () => [],
};
