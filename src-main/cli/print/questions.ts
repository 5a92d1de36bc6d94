/** Questions for people: exactly what would be done, why it was asked, until when, and how to answer. */
import { grantable } from '#contract/grants.ts';
import type { Action, Question } from '#contract/questions.ts';
import { actionLine, clip } from './actions.ts';
import { grantedWords } from './grants.ts';
import type { Paint } from './paint.ts';
import { diffLines } from './proposals.ts';
import { facts, indent, table } from './table.ts';
import { when } from './words.ts';

export function questionTable(paint: Paint, zone: string, questions: Question[]): string[] {
  if (questions.length === 0) return ['No run waits for an answer.'];
  const head = ['QUESTION', 'ROUTINE', 'STATE', 'ASKED', 'UNTIL', 'CODE', 'ACTION'];
  const rows = questions.map((each) => [
    ...[each.id, each.routine, state(paint, each), when(each.askedAt, zone), when(each.deadline, zone), each.code],
    clip(actionLine(each.action)),
  ]);
  return table(paint, head, rows);
}

export function questionDetails(paint: Paint, zone: string, question: Question): string[] {
  const { action } = question;
  const answered = question.answeredAt && `${when(question.answeredAt, zone)}, by ${question.answeredBy}`;
  const shown = facts(paint, [
    ['question', paint.bold(question.id)],
    ['state', state(paint, question)],
    ['run', `${question.run} of ${question.routine}`],
    ['why', `${question.why} (${question.code})`],
    ['asked', when(question.askedAt, zone)],
    ['until', `${when(question.deadline, zone)}; unanswered, it counts as denied`],
    ['answered', answered],
    ['note', question.note],
    ['granted', question.grant && `for good, until the routine changes: ${question.grant}`],
    ['used', question.usedAt && when(question.usedAt, zone)],
    ['folder', 'cwd' in action ? action.cwd : null],
    ['rules', 'policyVersion' in action ? action.policyVersion : null],
    ['bound to', question.bind],
  ]);
  const always = grantable(question);
  const how = [
    `  nightshift questions approve ${question.id}`,
    `  nightshift questions deny ${question.id} --note '…'`,
    ...('granted' in always
      ? [`  nightshift questions approve ${question.id} --always   # ${grantedWords(always.granted)}`]
      : []),
  ].map(paint.typed);
  return [
    ...shown,
    ...['', paint.bold('It would do exactly this:')],
    ...indent(actionText(action)),
    ...('patch' in action && action.patch ? ['', ...diffLines(paint, action.patch)] : []),
    ...(question.state === 'open' ? ['', 'Answer:', ...how] : []),
  ];
}

function actionText(action: Action): string {
  if (action.kind === 'tool_call' && action.command === null)
    return `${action.tool} ${JSON.stringify(action.input, null, 2)}`;
  return actionLine(action);
}

function state(paint: Paint, { state: is }: Question): string {
  if (is === 'open') return paint.yellow(is);
  return is === 'approved' ? paint.green(is) : is;
}
