/** Keeps a scheduler that holds one job per routine in line with the routines: applies, reads back, compares, mends. */

import { Fault } from '#contract/faults.ts';
import type { DoctorCheck } from '#contract/host.ts';
import type { Registration } from '#contract/routines.ts';
import type { Exactness, Schedule } from '#contract/schedules.ts';
import type { Alarm, Scheduler } from '#core/ports.ts';
import { fixCure, notNeeded, unexercised } from './registration-words.ts';
import { hasWork } from './systemd-units.ts';

/** What the OS holds under one name. */
export interface HeldJob {
  content: string;
  /** Will it fire? If not, why: `not loaded`, `switched off`. */
  idle: string | null;
}

export interface JobHolder {
  /** e.g. `launchd agent`. */
  kind: string;
  /** What is said of a job that is to wake the machine. */
  wakes: string;
  /** What keeps it from working at all, or null. */
  unavailable(): Promise<string | null>;
  /** Our own jobs, by name; never another program's. Rejects when the OS does not say. */
  held(): Promise<Map<string, HeldJob>>;
  same(wanted: string, held: string): boolean;
  /** Replaces the job of that name. What went wrong, or ''. */
  put(name: string, content: string): Promise<string>;
  /** What went wrong, or ''. Idempotent. */
  remove(name: string): Promise<string>;
}

export interface JobTexts {
  holder: JobHolder;
  jobName(routine: string): string;
  sweepName: string;
  /** Throws RangeError or `input` for an alarm that cannot be said. */
  jobText(alarm: Alarm): string;
  sweepText(): string;
  exactness(schedule: Schedule, timeZone: string): Exactness;
}

export function createJobScheduler(texts: JobTexts): Scheduler {
  const { holder } = texts;
  let wanted: Alarm[] | null = null;
  let last: Promise<unknown> = Promise.resolve();

  /** One alarm that cannot be said never takes others down. */
  function render(alarms: Alarm[]): { jobs: Map<string, string>; problems: Map<string, string> } {
    const jobs = new Map<string, string>();
    const problems = new Map<string, string>();
    for (const alarm of alarms.filter(hasWork)) {
      try {
        jobs.set(texts.jobName(alarm.routine), texts.jobText(alarm));
      } catch (error) {
        if (!(error instanceof RangeError || error instanceof Fault)) throw error;
        problems.set(texts.jobName(alarm.routine), error.message);
      }
    }
    if (jobs.size > 0) jobs.set(texts.sweepName, texts.sweepText());
    return { jobs, problems };
  }

  async function apply(alarms: Alarm[]): Promise<Map<string, Registration>> {
    const why = await holder.unavailable();
    if (why !== null) return toAll(alarms, `${why}; run \`nightshift due\` from a scheduler of your own`);
    const { jobs, problems } = render(alarms);
    const before = await holder.held();
    for (const name of before.keys()) if (!jobs.has(name)) await holder.remove(name);
    for (const [name, content] of jobs) {
      const held = before.get(name);
      if (held && held.idle === null && holder.same(content, held.content)) continue;
      const problem = await holder.put(name, content);
      if (problem) problems.set(name, problem);
    }
    const after = await holder.held();
    return new Map(alarms.map((alarm) => [alarm.routine, described(alarm, jobs, problems, after)]));
  }

  function described(
    alarm: Alarm,
    jobs: Map<string, string>,
    problems: Map<string, string>,
    after: Map<string, HeldJob>,
  ): Registration {
    if (!hasWork(alarm)) return notNeeded;
    const name = texts.jobName(alarm.routine);
    const held = after.get(name);
    const wrong =
      problems.get(name) ?? (held ? (held.idle ?? changed(jobs.get(name), held)) : 'the OS does not hold it');
    if (wrong !== null) return { state: 'degraded', detail: `${holder.kind} does not run: ${wrong}` };
    const wakes = alarm.wake ? `; ${holder.wakes}` : '';
    return { state: 'registered', detail: `${holder.kind} ${name} (${unexercised})${wakes}` };
  }

  function changed(content: string | undefined, held: HeldJob): string | null {
    return content !== undefined && holder.same(content, held.content) ? null : 'the OS holds another text';
  }

  async function sync(alarms: Alarm[]): Promise<Map<string, Registration>> {
    wanted = alarms;
    const mine = last.then(() => apply(alarms)).catch((error: unknown) => toAll(alarms, sentence(error)));
    last = mine;
    return mine;
  }

  async function doctor(): Promise<DoctorCheck[]> {
    const name = 'OS scheduler';
    const why = await holder.unavailable();
    if (why !== null)
      return [{ name, state: 'warning', detail: why, cure: 'Run `nightshift due` from a scheduler of your own.' }];
    try {
      const held = await holder.held();
      const found = differences(held);
      const items = [...held.keys()].sort();
      const list = items.length > 0 ? `${items.length} held` : 'none held, none wanted';
      const timers = { name: 'OS timers', detail: [...found, list].join('; '), items };
      return [
        { name, state: 'warning', detail: `${holder.kind}s are ${unexercised}`, cure: 'Report what you see.' },
        found.length === 0 ? { ...timers, state: 'ok' } : { ...timers, state: 'failed', cure: fixCure },
      ];
    } catch (error) {
      return [{ name: 'OS timers', state: 'failed', detail: sentence(error), cure: fixCure }];
    }
  }

  function differences(held: Map<string, HeldJob>): string[] {
    const jobs = wanted ? render(wanted).jobs : new Map([...held].map(([name, { content }]) => [name, content]));
    const amiss = [...jobs].flatMap(([name, content]) => {
      const job = held.get(name);
      if (!job) return [`${name} is missing`];
      if (!holder.same(content, job.content)) return [`${name} was changed by someone else`];
      return job.idle === null ? [] : [`${name} is ${job.idle}`];
    });
    return [
      ...amiss,
      ...[...held.keys()].filter((name) => !jobs.has(name)).map((name) => `${name} belongs to no routine`),
    ];
  }

  return {
    sync,
    exactness: texts.exactness,
    doctor,
    async heal() {
      if (wanted) await sync(wanted);
      return doctor();
    },
  };
}

function toAll(alarms: Alarm[], detail: string): Map<string, Registration> {
  return new Map(alarms.map((alarm) => [alarm.routine, hasWork(alarm) ? { state: 'unavailable', detail } : notNeeded]));
}

function sentence(error: unknown): string {
  const { code, message, path } = error as NodeJS.ErrnoException;
  return code && path ? `jobs cannot be kept in ${path} (${code})` : `jobs could not be written: ${message}`;
}
