/** Makes launchd hold exactly our alarms as agents of the logged-in person; they are plain files in ~/Library. */

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Alarm, Scheduler } from '#core/ports.ts';
import { namesIn } from '#host/files.ts';
import { horizonOf } from './horizon.ts';
import { createJobScheduler, type HeldJob, type JobHolder } from './job-scheduler.ts';
import { dueWords, environmentForUnits, homeOf, type SchedulerOptions } from './options.ts';
import { launchdPlan } from './plan-launchd.ts';
import { type PlistValue, plist } from './plist.ts';
import { runProgram } from './run-program.ts';

/** `machineZone`: IANA name of the zone that this machine's clock shows. */
export function createLaunchdScheduler(options: SchedulerOptions, machineZone: string): Scheduler {
  const { clock, env, paths, exec, entries } = options;
  const prefix = paths.unitPrefix;
  const environment = environmentForUnits(options);
  const jobName = (routine: string) => `${prefix}-routine-${routine}`;

  const agent = (label: string, flags: string[], when: Record<string, PlistValue>) =>
    plist({
      Label: label,
      ProgramArguments: [exec, entries.cli, ...dueWords(flags)],
      ...(Object.keys(environment).length > 0 ? { EnvironmentVariables: environment } : {}),
      // A host that was started on the way must outlive this job.
      AbandonProcessGroup: true,
      RunAtLoad: true,
      ...when,
    });

  function jobText({ routine, schedule, timeZone, once }: Alarm): string {
    const horizon = horizonOf(clock.now());
    const regular = launchdPlan(schedule, timeZone, machineZone, horizon);
    const single = once.flatMap((instant) => {
      const at = new Date(instant).toISOString();
      return launchdPlan({ kind: 'once', at }, 'UTC', machineZone, horizon).dicts;
    });
    const when: Record<string, PlistValue> = {
      StartCalendarInterval: [...regular.dicts, ...single].map((dict) => ({ ...dict })),
    };
    if (regular.startInterval !== undefined) when.StartInterval = regular.startInterval;
    return agent(jobName(routine), ['--by', 'os_timer', '--routine', routine], when);
  }

  const sweepName = `${prefix}-sweep`;
  return createJobScheduler({
    holder: launchdAgents(env, prefix),
    jobName,
    sweepName,
    jobText,
    sweepText: () => agent(sweepName, ['--by', 'sweep'], { StartInterval: 3600 }),
    exactness: (schedule, timeZone) => launchdPlan(schedule, timeZone, machineZone, horizonOf(clock.now())).kind,
  });
}

function launchdAgents(env: NodeJS.ProcessEnv, prefix: string): JobHolder {
  const folder = join(homeOf(env), 'Library', 'LaunchAgents');
  const domain = `gui/${process.getuid?.() ?? ''}`;
  const label = `${prefix}-(?:routine-[a-z0-9-]+|sweep)`;
  const isOwn = (file: string) => new RegExp(`^${label}\\.plist$`).test(file);
  const launchctl = (...args: string[]) => runProgram('launchctl', args, env);
  const fileOf = (name: string) => join(folder, `${name}.plist`);

  /** Labels that launchd has loaded, and those that the person has switched off in Login Items. */
  async function loaded(): Promise<{ live: Set<string>; off: Set<string> }> {
    const answer = await launchctl('print', domain);
    if (!answer.ok) throw new Error(`launchctl print ${domain}: ${answer.problem}`);
    const lines = answer.out.split('\n');
    const [switches, services] = [
      lines.filter((line) => line.includes('=>')),
      lines.filter((line) => !line.includes('=>')),
    ];
    const named = (list: string[]) =>
      new Set(list.flatMap((line) => line.match(new RegExp(`(?<![\\w.-])${label}(?![\\w.-])`, 'g')) ?? []));
    return { live: named(services), off: named(switches.filter((line) => /=>\s*(disabled|true)\b/.test(line))) };
  }

  /** Gone already is as good. */
  async function bootOut(name: string): Promise<string> {
    const answer = await launchctl('bootout', `${domain}/${name}`);
    return answer.ok || answer.code === 3 || answer.code === 113 ? '' : `launchctl bootout: ${answer.problem}`;
  }

  return {
    kind: 'launchd agent',
    wakes: 'it cannot wake a sleeping machine for it: that takes root, e.g. `pmset schedule wake`',
    async unavailable() {
      const answer = await launchctl('print', domain);
      if (answer.ok) return null;
      return answer.missing ? answer.problem : `launchd does not answer for ${domain}: ${answer.problem}`;
    },
    async held() {
      const files = (await namesIn(folder)).filter(isOwn);
      const { live, off } = await loaded();
      const idle = (name: string) =>
        off.has(name) ? 'switched off in Login Items' : live.has(name) ? null : 'not loaded';
      const jobs = new Map<string, HeldJob>();
      // Loaded without a file: left over from a removal that was cut short.
      for (const name of live) jobs.set(name, { content: '', idle: null });
      for (const file of files) {
        const name = file.replace(/\.plist$/, '');
        jobs.set(name, { content: await readFile(join(folder, file), 'utf8').catch(() => ''), idle: idle(name) });
      }
      return jobs;
    },
    same: (wanted, held) => wanted === held,
    async put(name, content) {
      await mkdir(folder, { recursive: true });
      const draft = join(folder, `.${name}.new`);
      try {
        // launchd refuses files that others may write.
        await writeFile(draft, content, { mode: 0o644, flush: true });
        await rename(draft, fileOf(name));
      } finally {
        await rm(draft, { force: true });
      }
      // Loading a label that is loaded fails, so it goes out first.
      const problem = await bootOut(name);
      const answer = await launchctl('bootstrap', domain, fileOf(name));
      return answer.ok ? '' : [`launchctl bootstrap: ${answer.problem}`, problem].filter(Boolean).join('; ');
    },
    async remove(name) {
      const problem = await bootOut(name);
      await rm(fileOf(name), { force: true });
      return problem;
    },
  };
}
