/** Makes Windows Task Scheduler hold exactly our alarms as tasks of the logged-in person, in a folder of their own. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Alarm, Scheduler } from '#core/ports.ts';
import { horizonOf } from './horizon.ts';
import { createJobScheduler, type JobHolder } from './job-scheduler.ts';
import { dueWords, environmentForUnits, type SchedulerOptions } from './options.ts';
import { triggerPlan } from './plan-windows.ts';
import { runProgram } from './run-program.ts';
import { taskFingerprint, tasksIn } from './task-read.ts';
import { mostTriggers, type Trigger } from './task-triggers.ts';
import { taskFile, taskXml, windowsArguments } from './task-xml.ts';
import { wakeScript } from './wake-script.ts';
import { oneLine } from './xml-text.ts';

const folder = '\\Nightshift\\';

/** `machineZone`: IANA name of the zone that this machine's clock shows. */
export function createTaskScheduler(options: SchedulerOptions, machineZone: string): Scheduler {
  const { clock, env, paths } = options;
  const prefix = paths.unitPrefix;
  const environment = environmentForUnits(options);
  const script = join(paths.data, 'wake.cmd');
  // A task cannot carry an environment; where one is needed, a script sets it.
  const scripted = Object.keys(environment).length > 0;
  const command = scripted ? script : options.exec;
  const user = env.USERDOMAIN && env.USERNAME ? { user: `${env.USERDOMAIN}\\${env.USERNAME}` } : {};

  const task = (description: string, flags: string[], triggers: Trigger[], wake: boolean) =>
    taskXml({
      ...{ description, command, wake, triggers, ...user },
      arguments: windowsArguments([...(scripted ? [] : [options.entries.cli]), ...dueWords(flags)]),
      workingDirectory: paths.data,
    });

  function jobText({ routine, name, schedule, timeZone, once, wake }: Alarm): string {
    const horizon = horizonOf(clock.now());
    const regular = triggerPlan(schedule, timeZone, machineZone, horizon).triggers;
    const single = once.flatMap((instant) => {
      const at = new Date(instant).toISOString();
      return triggerPlan({ kind: 'once', at }, 'UTC', machineZone, horizon).triggers;
    });
    const triggers = [...regular, ...single];
    if (triggers.length > mostTriggers) throw new RangeError(`Task Scheduler takes ${mostTriggers} triggers at most`);
    const title = `Nightshift: ${oneLine(name) || routine}`;
    return task(title, ['--by', 'os_timer', '--routine', routine], triggers, wake ?? false);
  }

  function sweepText(): string {
    const start = `${new Date(clock.now()).getUTCFullYear()}-01-01T00:17:00Z`;
    const hourly: Trigger = { start, days: { kind: 'once' }, repeat: { every: 3600, span: null } };
    return task('Nightshift: hourly check', ['--by', 'sweep'], [hourly], false);
  }

  const prepare = async () => {
    if (!scripted) return;
    await mkdir(dirname(script), { recursive: true });
    await writeFile(script, wakeScript(options.exec, options.entries.cli, environment), { flush: true });
  };
  return createJobScheduler({
    holder: tasks(env, prefix, paths.data, prepare),
    jobName: (routine) => `${prefix}-routine-${routine}`,
    sweepName: `${prefix}-sweep`,
    jobText,
    sweepText,
    exactness: (schedule, timeZone) => triggerPlan(schedule, timeZone, machineZone, horizonOf(clock.now())).kind,
  });
}

/** `drafts`: where a task lies as a file while schtasks reads it. `prepare` runs before a task is created. */
function tasks(env: NodeJS.ProcessEnv, prefix: string, drafts: string, prepare: () => Promise<void>): JobHolder {
  const schtasks = (...args: string[]) => runProgram('schtasks', args, env);
  const own = new RegExp(`^${prefix}-(?:routine-[a-z0-9-]+|sweep)$`);
  return {
    kind: 'scheduled task',
    wakes: 'it wakes a sleeping machine, where the power options allow wake timers',
    async unavailable() {
      const answer = await schtasks('/query', '/fo', 'csv', '/nh');
      return answer.ok ? null : answer.missing ? answer.problem : `Task Scheduler does not answer: ${answer.problem}`;
    },
    async held() {
      const answer = await schtasks('/query', '/xml', 'ONE');
      if (!answer.ok) throw new Error(`schtasks /query: ${answer.problem}`);
      const jobs = [...tasksIn(answer.out)].flatMap(([path, content]) => {
        const name = path.startsWith(folder) ? path.slice(folder.length) : '';
        const idle = /<Settings>[\s\S]*<Enabled>false<\/Enabled>[\s\S]*<\/Settings>/.test(content)
          ? 'switched off'
          : null;
        return own.test(name) ? [[name, { content, idle }] as const] : [];
      });
      return new Map(jobs);
    },
    same: (wanted, held) => taskFingerprint(wanted) === taskFingerprint(held),
    async put(name, content) {
      await prepare();
      await mkdir(drafts, { recursive: true });
      const draft = join(drafts, `.${name}.xml`);
      try {
        await writeFile(draft, taskFile(content), { mode: 0o600 });
        const answer = await schtasks('/create', '/tn', `${folder}${name}`, '/xml', draft, '/f');
        return answer.ok ? '' : `schtasks /create: ${answer.problem}`;
      } finally {
        await rm(draft, { force: true });
      }
    },
    async remove(name) {
      const answer = await schtasks('/delete', '/tn', `${folder}${name}`, '/f');
      return answer.ok || /cannot find/i.test(answer.problem) ? '' : `schtasks /delete: ${answer.problem}`;
    },
  };
}
