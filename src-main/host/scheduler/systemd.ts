/** Makes the systemd user manager hold exactly our alarms, and says of each what it really holds. */

import type { Registration } from '#contract/routines.ts';
import type { Alarm, Scheduler } from '#core/ports.ts';
import { horizonOf } from './horizon.ts';
import { environmentForUnits, homeOf, type SchedulerOptions } from './options.ts';
import { systemdPlan } from './plan-systemd.ts';
import {
  describeTimer,
  lingerNote,
  noManagerCure,
  noSystemctlCure,
  notNeeded,
  otherHome,
  wakeNote,
} from './registration-words.ts';
import { systemZone } from './system-zone.ts';
import { createSystemctl, lingers } from './systemctl.ts';
import { differences, systemdDoctor } from './systemd-doctor.ts';
import { calendarLines, hasWork, renderUnits, timerName } from './systemd-units.ts';
import { type TimerState, timerStates } from './timer-states.ts';
import { unitFolder } from './unit-folder.ts';
import { askSystemd, type UserSystemd } from './user-systemd.ts';

export function createSystemdScheduler(options: SchedulerOptions): Scheduler {
  const { clock, env, paths } = options;
  const prefix = paths.unitPrefix;
  const systemctl = createSystemctl(env);
  const folder = unitFolder(env, homeOf(env), prefix);
  let wanted: Alarm[] | null = null;
  /** Why units could not be written the last time, or ''. */
  let trouble = '';
  let last: Promise<unknown> = Promise.resolve();

  const render = (alarms: Alarm[]) =>
    renderUnits(alarms, {
      prefix,
      exec: options.exec,
      entries: options.entries,
      endpoint: paths.endpoint,
      environment: environmentForUnits(options),
      now: clock.now(),
      systemZone,
    });

  /** Files first, then the manager: what is on disk is right even when no manager runs, and it starts with the next one. */
  async function apply(alarms: Alarm[]): Promise<Map<string, Registration>> {
    const manager = await askSystemd(systemctl, folder.path);
    if (manager.missing) return toAll(alarms, 'unavailable', `systemctl is not installed; ${noSystemctlCure}`);
    const { units, problems } = render(alarms);
    const timers = [...units.keys()].filter(isTimer);
    const changed = await putFiles(units, manager);
    if (!manager.ok) return toAll(alarms, 'degraded', `timer written, but ${manager.problem}; ${noManagerCure}`);
    if (manager.readsInstead !== null) return toAll(alarms, 'degraded', otherHome(folder.path, manager.readsInstead));
    const trouble = await takeUp(timers, changed);
    const states = await timerStates(systemctl, prefix);
    const note = timers.length > 0 ? lingerNote(await lingers(env)) : '';
    return new Map(
      alarms.map((alarm) => [
        alarm.routine,
        registrationOf(alarm, { units, problems, states, trouble, note, last: null }),
      ]),
    );
  }

  interface Said extends ReturnType<typeof render> {
    states: Map<string, TimerState> | null;
    trouble: string;
    note: string;
    last: number | null;
  }
  function registrationOf(alarm: Alarm, { units, problems, states, trouble, note, last }: Said): Registration {
    const name = timerName(prefix, alarm.routine);
    const problem = problems.get(alarm.routine);
    if (!hasWork(alarm)) return notNeeded;
    if (problem) return { state: 'degraded', detail: `no timer: ${problem}` };
    const lines = calendarLines(units.get(name) ?? '');
    return describeTimer({ name, alarm, lines, state: states?.get(name), trouble, note, last });
  }

  async function look(routine: string): Promise<Registration | null> {
    await last;
    const alarm = wanted?.find((one) => one.routine === routine);
    if (!alarm || trouble) return null;
    const manager = await askSystemd(systemctl, folder.path);
    if (!manager.ok || manager.readsInstead !== null) return null;
    const name = timerName(prefix, routine);
    const states = await timerStates(systemctl, prefix, [name]);
    if (!states) return null;
    const fired = (await folder.neverFired(name)) ? null : (states.get(name)?.last ?? null);
    const note = lingerNote(await lingers(env));
    return registrationOf(alarm, { ...render([alarm]), states, trouble: '', note, last: fired });
  }

  /** Names of the files that were written or removed. */
  async function putFiles(units: Map<string, string>, { readsInstead }: UserSystemd): Promise<string[]> {
    const actual = await folder.read();
    const orphans = [...actual.keys()].filter((name) => !units.has(name));
    const changed = [...units.keys()].filter((name) => units.get(name) !== actual.get(name));
    // A running timer would write its memory of the last fire again after that was removed.
    if (readsInstead === null && orphans.some(isTimer)) await systemctl('stop', ...orphans.filter(isTimer));
    for (const name of orphans) await folder.remove(name);
    await inParallel(changed, (name) => folder.write(name, units.get(name) ?? ''));
    await inParallel([...units.keys()].filter(isTimer), (timer) => folder.enable(timer));
    return [...orphans, ...changed];
  }

  /** One reload and one start for all that differ from their files; what went wrong on the way, or ''. */
  async function takeUp(timers: string[], changed: string[]): Promise<string> {
    const states = await timerStates(systemctl, prefix);
    const start = timers.filter((name) => {
      const state = states?.get(name);
      return changed.includes(name) || !state?.active || state.stale;
    });
    // Left over when a host was killed between removing a file and the reload: it would go on firing.
    const ghosts = [...(states?.keys() ?? [])].filter((name) => !timers.includes(name));
    const answers = [];
    if (ghosts.length > 0) answers.push(await systemctl('stop', ...ghosts));
    if (changed.length + start.length > 0) answers.push(await systemctl('daemon-reload'));
    if (start.length > 0) answers.push(await systemctl('restart', ...start));
    return answers.find((answer) => !answer.ok)?.problem ?? '';
  }

  async function sync(alarms: Alarm[]): Promise<Map<string, Registration>> {
    wanted = alarms;
    const mine = last
      .then(() => apply(alarms))
      .then(
        (held) => {
          trouble = '';
          return held;
        },
        (error: unknown) => {
          trouble = fileTrouble(error, folder.path);
          return toAll(alarms, 'unavailable', trouble);
        },
      );
    last = mine;
    return mine;
  }

  const parts = {
    ...{ systemctl, folder, prefix },
    lingers: () => lingers(env),
    desired: () => (wanted ? render(wanted).units : null),
    trouble: () => trouble,
    now: () => clock.now(),
  };
  const doctor = () =>
    systemdDoctor(parts).catch((error: unknown) => [
      { name: 'OS timers', state: 'failed' as const, detail: fileTrouble(error, folder.path) },
    ]);

  return {
    sync,
    look,
    exactness(schedule, timeZone) {
      const horizon = horizonOf(clock.now());
      return systemdPlan(schedule, timeZone, systemZone(timeZone, horizon), horizon).kind;
    },
    doctor,
    async heal() {
      const found = await differences(parts).catch(() => []);
      for (const { unit, ahead } of found) {
        if (!ahead) continue;
        // A running timer would write its memory of the last fire again.
        await systemctl('stop', unit);
        await folder.forgetLastFire(unit);
      }
      if (wanted) await sync(wanted);
      return doctor();
    },
  };
}

/** Each file waits for the disk by itself, so several wait together. Rejects with the first error, when all have ended. */
async function inParallel(names: string[], work: (name: string) => Promise<unknown>): Promise<void> {
  const left = names.values();
  const lane = async () => {
    for (const name of left) await work(name);
  };
  const ended = await Promise.allSettled(Array.from({ length: 16 }, lane));
  const failed = ended.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}

const isTimer = (unit: string) => unit.endsWith('.timer');

function toAll(alarms: Alarm[], state: Registration['state'], detail: string): Map<string, Registration> {
  const said = (alarm: Alarm) => ({ state, detail: `${detail}${wakeNote(alarm)}` });
  return new Map(alarms.map((alarm) => [alarm.routine, hasWork(alarm) ? said(alarm) : notNeeded]));
}

function fileTrouble(error: unknown, path: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!code) return `timers could not be written: ${message}`;
  return `timers cannot be kept in ${path} (${code}); make it writable, with room on the disk, and start Nightshift again`;
}
