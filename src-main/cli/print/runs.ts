/** Runs and ledger rows for people: never without outcome, model, cost and checks. */
import { cacheShare } from '#contract/cache.ts';
import type { Occurrence } from '#contract/ledger.ts';
import { isTrial, type Run } from '#contract/runs.ts';
import { agentTree } from './agents.ts';
import { goalText, gradingText } from './aims.ts';
import { checkLine } from './narrate.ts';
import type { Paint } from './paint.ts';
import { facts, table } from './table.ts';
import { sessionWords, talkFacts } from './talk.ts';
import {
  checksPainted,
  counted,
  duration,
  modelWords,
  money,
  stateWords,
  triggerWords,
  when,
  withCure,
} from './words.ts';

export function runTable(paint: Paint, zone: string, runs: Run[]): string[] {
  if (runs.length === 0) return [paint.typed('No runs yet. `nightshift routines run <routine>` starts one now.')];
  const head = ['RUN', 'ROUTINE', 'SESSION', 'OUTCOME', 'COST', 'CHECKS', 'TRIGGER', 'QUEUED', 'MODEL'];
  const rows = runs.map((run) => [
    run.id,
    run.name === undefined ? run.routine : `${run.routine}: ${short(run.name)}`,
    sessionWords(paint, run),
    stateWords(paint, run),
    money(run.costMicros),
    checksPainted(paint, run.before, run.after, run.state === 'ended'),
    isTrial(run) ? 'trial' : run.trigger.kind,
    when(run.queuedAt, zone),
    modelWords(run),
  ]);
  return table(paint, head, rows);
}

/** Tasks are told apart by it. */
const short = (name: string) => (name.length > 30 ? `${name.slice(0, 29)}…` : name);

/** One run in one line, with its reason below when there is one. */
export function runLines(paint: Paint, run: Run): string[] {
  const checks = checksPainted(paint, run.before, run.after, run.state === 'ended');
  const line = [
    paint.bold(run.id),
    run.routine,
    stateWords(paint, run),
    money(run.costMicros),
    checks,
    modelWords(run),
  ];
  const why = run.reason && withCure(run.reason.message, run.reason.cure && paint.typed(run.reason.cure));
  return [line.join('  '), ...(why ? [`  ${why}`] : [])];
}

export function runDetails(paint: Paint, zone: string, run: Run): string[] {
  const { usage } = run;
  const share = cacheShare(usage);
  const read = `${usage.cacheRead} cache read${share ? ` (${share} %)` : ''}`;
  const tokens = `${usage.input} in, ${usage.output} out, ${read}, ${usage.cacheWrite} cache write${usage.searches ? `, ${usage.searches} × web search` : ''}`;
  const took =
    run.startedAt && run.endedAt ? ` (${duration(Date.parse(run.endedAt) - Date.parse(run.startedAt))})` : '';
  const rounds = [
    ...(run.before?.results ?? []).map((check) => checkLine(paint, 'before', check)),
    ...(run.after?.results ?? []).map((check) => checkLine(paint, 'after', check)),
  ];
  const shown = facts(paint, [
    ['run', paint.bold(run.id)],
    ['routine', run.routine],
    ['task', run.name],
    ['session', [sessionWords(paint, run), ...talkFacts(run, zone)].join(' · ')],
    ['outcome', stateWords(paint, run)],
    ['goal', run.goal && goalText(paint, run.goal)],
    ['rubric', run.grading && gradingText(paint, run.grading)],
    ['reason', run.reason && paint.typed([run.reason.message, run.reason.cure].filter(Boolean).join('\n'))],
    ['trigger', triggerWords(run.trigger, zone)],
    ['model', modelWords(run)],
    ['cost', `${money(run.costMicros)} (${tokens} tokens)${presumed(run)}`],
    ['work', `${counted(run.turns, 'turn')}, ${counted(run.toolCalls, 'tool call')}${resumedWords(run.resumes)}`],
    ['queued', when(run.queuedAt, zone)],
    ['started', run.startedAt && when(run.startedAt, zone)],
    ['ended', run.endedAt && when(run.endedAt, zone) + took],
    ['now', run.state === 'ended' ? null : run.activity],
    ['repository', run.repository],
    ['branch', run.branch && `${run.branch} from ${run.baseBranch ?? '?'} at ${run.base?.slice(0, 10) ?? '?'}`],
    ['sandbox', run.enforced.join(' · ')],
    ['checks', checksPainted(paint, run.before, run.after, run.state === 'ended')],
    ['proposal', run.proposal],
  ]);
  return [...shown, ...agentTree(paint, run), ...rounds];
}

function presumed({ presumedMicros = 0 }: Run): string {
  return presumedMicros > 0 ? `, ${money(presumedMicros)} of it presumed: calls of which nobody knows the cost` : '';
}

function resumedWords(resumes: number): string {
  if (resumes === 0) return '';
  return `, taken up again ${resumes === 1 ? 'once' : `${resumes} times`}`;
}

export function ledgerTable(paint: Paint, zone: string, rows: Occurrence[]): string[] {
  if (rows.length === 0) return ['The ledger is empty: nothing was due yet.'];
  const head = ['DUE', 'ROUTINE', 'STATE', 'COUNT', 'CLAIMED', 'BY', 'RUN', 'CAUSE', 'REASON'];
  return table(
    paint,
    head,
    rows.map((row) => [
      when(row.dueAt, zone),
      row.routine,
      occurrenceState(paint, row.state),
      String(row.count),
      when(row.claimedAt, zone),
      row.claimedBy,
      row.run ?? '–',
      row.cause?.replaceAll('_', ' ') ?? '–',
      row.reason ?? '',
    ]),
  );
}

/** One ledger row in one line. */
export function ledgerLine(paint: Paint, zone: string, row: Occurrence): string {
  const folded = row.count > 1 ? `, ${row.count} due instants in one` : '';
  const run = row.run ? `  ${row.run}` : '';
  const reason = row.reason ? `  ${row.reason}` : '';
  const by = `claimed by ${row.claimedBy}${folded}`;
  return `${row.routine}  due ${when(row.dueAt, zone)}  ${occurrenceState(paint, row.state)}  ${by}${run}${reason}`;
}

function occurrenceState(paint: Paint, state: Occurrence['state']): string {
  const words = state.replaceAll('_', ' ');
  if (state === 'ran') return paint.green(words);
  if (state === 'blocked' || state === 'lost') return paint.red(words);
  return state === 'claimed' || state === 'running' ? paint.cyan(words) : paint.yellow(words);
}
