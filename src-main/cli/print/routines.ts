/** Routines for people: when, where, whether the operating system will wake us, and what is broken. */
import type { Grant } from '#contract/grants.ts';
import type { Routine, RoutineSpec } from '#contract/routines.ts';
import { spanWords } from '#core/ledger/local-time.ts';
import type { Clock } from '#core/ports.ts';
import { grantsOfRoutine } from './grants.ts';
import type { Paint } from './paint.ts';
import { policyLines } from './policies.ts';
import { facts, indent, table } from './table.ts';
import { counted, when } from './words.ts';

/** Where and when it is read. */
interface View {
  paint: Paint;
  /** The machine's IANA time zone. */
  zone: string;
  clock: Clock;
}

export function routineTable({ paint, zone }: View, routines: Routine[]): string[] {
  if (routines.length === 0)
    return [paint.typed('No routines yet. `nightshift routines add --help` says how to write one.')];
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

export function routineDetails(view: View, routine: Routine, grants: Grant[]): string[] {
  const { paint, zone } = view;
  const { spec } = routine;
  const dueZone = spec?.timeZone ?? zone;
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
    ['alarm', alarmWords(view, routine)],
    ['repository', spec?.repository],
    ['branches', spec && `${spec.branchPrefix}${routine.id}/…`],
    ['grants', grantsOfRoutine(routine.id, grants)],
    ...(spec ? settings(spec) : []),
    ['folder', routine.folder],
  ]);
  return [
    ...shown,
    ...noteLines(paint, routine),
    ...problemLines(paint, routine),
    ...(spec ? ['', ...indent(spec.prompt)] : []),
  ];
}

/** All that bounds it; what a person typed is said back. */
function settings(spec: RoutineSpec): [label: string, value: string][] {
  return [
    ['model', modelText(spec)],
    ['mode', spec.permissionMode],
    ['rules', rulesText(spec)],
    ['asked', askedText(spec)],
    ['network', spec.network.join('\n') || 'none'],
    ['web', spec.web?.join(' and ') ?? ''],
    ['hooks', spec.hooks ?? ''],
    ['memory', spec.memory ?? ''],
    ['checks', spec.checks.join('\n') || 'none'],
    ['goal', spec.goal && `${spec.goal}\n(you are asked after ${counted(spec.goalRounds, 'round')} without progress)`],
    ['rubric', spec.rubric && `${spec.rubric}\n(graded at most ${counted(spec.iterations, 'time')})`],
    ['artifacts', spec.artifacts.join('\n')],
    ['limits', limitsText(spec)],
    ['policies', policyLines(spec.policies, spec.timeZone).join('\n')],
  ];
}

function limitsText({ limits }: RoutineSpec): string {
  const { turns, minutes, dollars, dollarsPerDay, tokens, outputTokens, toolCalls } = limits;
  return [
    ...[counted(turns, 'turn'), counted(minutes, 'minute'), `$${dollars} a run`, `$${dollarsPerDay} a day`],
    ...(tokens === undefined ? [] : [counted(tokens, 'token')]),
    ...(outputTokens === undefined ? [] : [counted(outputTokens, 'output token')]),
    ...(toolCalls === undefined ? [] : [counted(toolCalls, 'tool call')]),
  ].join(', ');
}

function rulesText({ permissions }: RoutineSpec): string {
  return (['deny', 'ask', 'allow'] as const)
    .flatMap((list) => permissions[list].map((rule) => `${list} ${rule}`))
    .join('\n');
}

function askedText({ whenAsked, answerWithin }: RoutineSpec): string {
  if (whenAsked === 'deny') return 'never: what must be asked is denied';
  return `the run waits for your answer, at most ${spanWords(answerWithin * 60_000)}`;
}

/** After adding or changing: what it is now, when it is due and what bounds it. */
export function routineSaved(view: View, routine: Routine, what: string): string[] {
  const { spec } = routine;
  const more = spec ? facts(view.paint, settings(spec)).map((line) => `  ${line}`) : [];
  return [...routineSummary(view, routine, what), ...more];
}

/** After pausing or resuming: when it is due. */
export function routineSummary(view: View, routine: Routine, what: string): string[] {
  const { paint, zone } = view;
  const dueZone = routine.spec?.timeZone ?? zone;
  return [
    `${what} ${paint.bold(routine.spec?.name ?? routine.id)} (${routine.id})`,
    ...facts(paint, [
      ['repository', routine.spec?.repository],
      ['schedule', routine.words],
      [
        'next',
        routine.next
          .slice(0, 5)
          .map((at) => when(at, dueZone))
          .join('\n') || 'not due',
      ],
      ['zone', dueZone],
      ['alarm', alarmWords(view, routine)],
      ['folder', routine.folder],
    ]).map((line) => `  ${line}`),
    ...noteLines(paint, routine),
    ...problemLines(paint, routine),
  ];
}

function alarmWords(view: View, { registration }: Routine): string {
  const { paint } = view;
  const detail = registrationWords(view, registration);
  const calm = registration.state === 'registered' || registration.state === 'not_needed';
  return calm ? detail : paint.yellow(`${registration.state}: ${detail}`);
}

/** It was noted when the routine was last handed to the OS: an instant that has passed since is left out. */
export function registrationWords({ paint, clock }: View, { detail }: Routine['registration']): string {
  const now = new Date(clock.now()).toISOString();
  const next = /, next (\d{4}-\d\d-\d\d \d\d:\d\d)(:\d\d)? ([\w/+-]+)/;
  const ahead = detail.replace(next, (all, minute: string, second: string | undefined, zone: string) =>
    minute + (second ?? ':00') > when(now, zone) ? all : '',
  );
  return paint.typed(ahead);
}

function stateWords(paint: Paint, routine: Routine): string {
  if (routine.problem || !routine.spec) return paint.red('broken');
  if (routine.spec.paused) return paint.yellow('paused');
  const { state } = routine.registration;
  return state === 'registered' || state === 'not_needed' ? 'active' : paint.yellow(`active, alarm ${state}`);
}

function noteLines(paint: Paint, { notes = [] }: Routine): string[] {
  return notes.map((note) => `${paint.yellow('note')}: ${paint.typed(note)}`);
}

function problemLines(paint: Paint, { id, problem }: Routine): string[] {
  if (!problem) return [];
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}`;
  const field = problem.field ? ` ${problem.field}:` : '';
  return [
    `${paint.red('broken')}: ${id}: ${place}:${field} ${problem.message}`,
    ...(problem.cure ? [`  cure: ${paint.typed(problem.cure)}`] : []),
  ];
}

/** In one line. */
function modelText({ model, effort, fallbackModel, advisor }: RoutineSpec): string {
  const more = `${fallbackModel ? `; ${fallbackModel} when it refuses` : ''}${advisor ? `; may ask ${advisor} for advice` : ''}`;
  return `${model}, effort ${effort}${more}`;
}
