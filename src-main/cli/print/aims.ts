/** Goals and rubrics for people: how they stand, criterion by criterion, each with what shows it. */
import type { Criterion, Evidence, GoalState, Grading } from '#contract/aims.ts';
import type { Event } from '#contract/events.ts';
import { lintRubric } from '#contract/rubric.ts';
import { forTerminal, type Paint } from './paint.ts';
import { counted } from './words.ts';

/** One for each criterion that nobody could check; none for a sound rubric. */
export function rubricWarnings(paint: Paint, rubric: string): string[] {
  return lintRubric(rubric).map(({ criterion, why }) =>
    paint.yellow(`Warning: nobody can check "${forTerminal(clipped(criterion))}". ${forTerminal(why)}`),
  );
}

/** One round, as it happens. */
export function goalLines(paint: Paint, event: Extract<Event, { type: 'goal.judged' }>): string[] {
  const { round, verdict, reason, quote, unjudged } = event;
  const word = { met: paint.green('met'), not_yet: paint.yellow('not met yet'), impossible: paint.red('impossible') };
  const shown = quote ? [`  “${clipped(quote)}”`] : [];
  return [`Goal, round ${round}: ${unjudged ? paint.yellow('not judged') : word[verdict]}. ${reason}`, ...shown];
}

/** One grading, as it happens. */
export function gradeLines(paint: Paint, event: Extract<Event, { type: 'outcome.graded' }>): string[] {
  const { iteration, result, criteria, explanation } = event;
  const words = result.replaceAll('_', ' ');
  const head = `Graded, iteration ${iteration}: ${result === 'satisfied' ? paint.green(words) : paint.yellow(words)}`;
  const more = result === 'failed' && explanation ? [`  ${explanation}`] : [];
  return [head, ...more, ...criteria.flatMap((one) => criterionLines(paint, one).map((line) => `  ${line}`))];
}

export function goalText(paint: Paint, goal: GoalState): string {
  const verdict = { open: paint.cyan('not judged yet'), met: paint.green('met'), not_yet: paint.yellow('not met') };
  const judgement = goal.verdict === 'impossible' ? paint.red('impossible') : verdict[goal.verdict];
  const word = goal.unjudged ? paint.yellow('could not be judged') : judgement;
  const by = goal.model === undefined ? '' : `, by ${goal.model}`;
  const judged = goal.rounds > 0 ? ` after ${counted(goal.rounds, 'round')}${by}` : '';
  const why = [goal.reason, goal.quote && `“${clipped(goal.quote)}”`].filter(Boolean);
  return [`${word}${judged}: ${clipped(goal.condition)}`, ...why].join('\n');
}

export function gradingText(paint: Paint, grading: Grading): string {
  const words = grading.state.replaceAll('_', ' ');
  const state = grading.state === 'satisfied' ? paint.green(words) : paint.yellow(words);
  const times = `graded ${counted(grading.iteration, 'time')} of at most ${grading.iterations}`;
  return [`${state} (${times})`, ...grading.criteria.flatMap((one) => criterionLines(paint, one))].join('\n');
}

function criterionLines(paint: Paint, { text, verdict, reason, evidence }: Criterion): string[] {
  const mark = {
    satisfied: paint.green('✓'),
    needs_revision: paint.red('✗'),
    could_not_check: paint.yellow('?'),
  }[verdict];
  return [`${mark} ${clipped(text)}`, `  ${reason}`, ...evidence.map((one) => `  ${paint.dim(evidenceText(one))}`)];
}

function evidenceText(one: Evidence): string {
  const place = one.kind === 'file' ? `${one.path}:${one.line}` : one.command;
  return `${place}: ${clipped(one.quote)}`;
}

function clipped(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
