/** `nightshift routines check`: what keeps a routine from doing what it says, before a night shows it. Nothing is changed. */
import { homedir } from 'node:os';
import type { Routine, RoutineSpec } from '#contract/routines.ts';
import { lintRubric } from '#contract/rubric.ts';
import { compilePolicy, type PolicyLayer } from '#core/permissions/policy.ts';
import { findFlaws } from '#core/permissions/rule-lint.ts';
import { readSettings } from '#host/settings/settings.ts';
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import { grantedWords } from './print/grants.ts';
import type { Context } from './shell.ts';

interface Finding {
  routine: string;
  about: 'files' | 'schedule' | 'waking' | 'model' | 'rules' | 'grants' | 'rubric';
  /** Sentences. */
  why: string;
}

/** Of one routine or of all. Exit code 1: something was found. Throws `not_found`. */
export async function checkRoutines(ctx: Context, routine: string | undefined): Promise<number> {
  const ids = routine === undefined ? (await ctx.client.routines.list()).map(({ id }) => id) : [routine];
  const all = await Promise.all(ids.map((id) => ctx.client.routines.get({ routine: id })));
  const findings = (await Promise.all(all.map((each) => findingsOf(ctx, each)))).flat();
  answer(ctx, { checked: ids, findings }, (told) => linesOf(ctx, told.checked, told.findings));
  return findings.length > 0 ? exitCodes.failed : exitCodes.ok;
}

async function findingsOf(ctx: Context, routine: Routine): Promise<Finding[]> {
  const { id, spec, problem, notes = [], next, registration } = routine;
  const found = (about: Finding['about'], why: string): Finding => ({ routine: id, about, why });
  if (!spec) return [found('files', problem ? `${problem.file}: ${problem.message}` : 'They cannot be understood.')];
  const given = await ctx.client.grants.list({ routine: id, limit: 1000 });
  const active = given.flatMap((grant) => (grant.state === 'active' ? [grantedWords(grant.granted)] : []));
  const lapsed = given.flatMap((grant) => (grant.state === 'lapsed' ? [grantedWords(grant.granted)] : []));
  const lost = [...new Set(lapsed)].filter((words) => !active.includes(words));
  const unwoken = registration.state === 'degraded' || registration.state === 'unavailable';
  const never = spec.schedule !== 'manual' && !spec.paused && next.length === 0;
  return [
    ...(never ? [found('schedule', `"${spec.schedule}" never comes again.`)] : []),
    ...(unwoken ? [found('waking', registration.detail)] : []),
    ...notes.map((note) => found('model', note)),
    ...rulesOf(ctx, spec).map((why) => found('rules', why)),
    ...lost.map((words) => found('grants', `It was changed, so what you allowed it is no longer given: ${words}.`)),
    ...lintRubric(spec.rubric ?? '').map(({ criterion, why }) => found('rubric', `"${criterion}": ${why}`)),
  ];
}

/** Of its own rules those that can never match or are outdone, under the settings that its runs would find now. */
function rulesOf(ctx: Context, { permissions, permissionMode, repository: root }: RoutineSpec): string[] {
  const home = ctx.env.HOME ?? homedir();
  const settings = readSettings({ platform: process.platform, root, home }, permissionMode);
  const own: PolicyLayer = { name: 'command line', file: 'routine.yaml', ...permissions };
  const policy = compilePolicy([...settings.layers, own], {
    ...{ mode: permissionMode, root, home, unattended: false, os: 'posix' },
    managedRulesOnly: settings.managed.managedRulesOnly !== null,
  });
  const flaws = findFlaws(policy).filter(({ file }) => file === own.file);
  return flaws.map(({ list, rule, problem }) => `${list} ${rule}: ${problem}`);
}

function linesOf(ctx: Context, checked: readonly string[], findings: readonly Finding[]): string[] {
  if (checked.length === 0) return ['There are no routines.'];
  return checked.flatMap((id) => {
    const own = findings.filter(({ routine }) => routine === id);
    if (own.length === 0) return [`${ctx.paint.green('✓')} ${id}`];
    return [`${ctx.paint.yellow('!')} ${id}`, ...own.map(({ about, why }) => `    ${about}: ${ctx.paint.typed(why)}`)];
  });
}
