/** Routines for people: when, where, whether the operating system will wake us, and what is broken. */
import type { Routine } from '#contract/routines.ts';
import type { Paint } from './paint.ts';
import { policyLines } from './policies.ts';
import { facts, indent, table } from './table.ts';
import { when } from './words.ts';

export function routineTable(paint: Paint, zone: string, routines: Routine[]): string[] {
  if (routines.length === 0) return ['No routines yet. `nightshift routines add --help` says how to write one.'];
  const head = ['ROUTINE', 'STATE', 'SCHEDULE', 'NEXT', 'REPOSITORY'];
  const rows = routines.map((routine) => [
    routine.id,
    stateWords(paint, routine),
    routine.words,
    routine.next[0] ? when(routine.next[0], routine.spec?.timeZone ?? zone) : '–',
    routine.spec?.repository ?? routine.folder,
  ]);
  const broken = routines.flatMap((routine) => problemLines(paint, routine));
  return [...table(paint, head, rows), ...broken];
}

export function routineDetails(paint: Paint, zone: string, routine: Routine): string[] {
  const { spec } = routine;
  const dueZone = spec?.timeZone ?? zone;
  const limits = spec && `${spec.limits.turns} turns, ${spec.limits.minutes} minutes, $${spec.limits.dollars}`;
  const shown = facts(paint, [
    ['routine', `${paint.bold(spec?.name ?? routine.id)} (${routine.id})`],
    ['state', stateWords(paint, routine)],
    ['description', spec?.description],
    ['schedule', spec && `${routine.words} (${spec.schedule}, ${spec.timeZone})`],
    [
      'next',
      routine.next
        .slice(0, 5)
        .map((at) => when(at, dueZone))
        .join('\n'),
    ],
    ['alarm', alarmWords(paint, routine)],
    ['repository', spec?.repository],
    ['branches', spec && `${spec.branchPrefix}${routine.id}/…`],
    ['model', spec && `${spec.model}, effort ${spec.effort}`],
    ['mode', spec?.permissionMode],
    ['checks', spec?.checks.join('\n')],
    ['limits', limits],
    ['policies', spec && policyLines(spec.policies, dueZone).join('\n')],
    ['folder', routine.folder],
  ]);
  return [...shown, ...problemLines(paint, routine), ...(spec ? ['', ...indent(spec.prompt)] : [])];
}

/** After adding or changing: what it is now and when it is due. */
export function routineSummary(paint: Paint, zone: string, routine: Routine, what: string): string[] {
  const dueZone = routine.spec?.timeZone ?? zone;
  return [
    `${what} ${paint.bold(routine.spec?.name ?? routine.id)} (${routine.id})`,
    ...facts(paint, [
      ['schedule', routine.words],
      [
        'next',
        routine.next
          .slice(0, 5)
          .map((at) => when(at, dueZone))
          .join('\n') || 'not due',
      ],
      ['zone', dueZone],
      ['alarm', alarmWords(paint, routine)],
      ['folder', routine.folder],
    ]).map((line) => `  ${line}`),
    ...problemLines(paint, routine),
  ];
}

function alarmWords(paint: Paint, { registration }: Routine): string {
  const calm = registration.state === 'registered' || registration.state === 'not_needed';
  return calm ? registration.detail : paint.yellow(`${registration.state}: ${registration.detail}`);
}

function stateWords(paint: Paint, routine: Routine): string {
  if (routine.problem || !routine.spec) return paint.red('broken');
  if (routine.spec.paused) return paint.yellow('paused');
  const { state } = routine.registration;
  return state === 'registered' || state === 'not_needed' ? 'active' : paint.yellow(`active, alarm ${state}`);
}

function problemLines(paint: Paint, { problem }: Routine): string[] {
  if (!problem) return [];
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}`;
  const field = problem.field ? ` ${problem.field}:` : '';
  return [
    `${paint.red('broken')}: ${place}:${field} ${problem.message}`,
    ...(problem.cure ? [`  cure: ${problem.cure}`] : []),
  ];
}
