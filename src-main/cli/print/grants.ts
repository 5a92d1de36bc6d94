/** Grants for people: what is allowed for good, since when, by whose word, and why one has ended. */
import type { Grant, Granted } from '#contract/grants.ts';
import type { Paint } from './paint.ts';
import { table } from './table.ts';
import { when } from './words.ts';

export function grantTable(paint: Paint, zone: string, grants: Grant[]): string[] {
  const head = ['GRANT', 'ROUTINE', 'STATE', 'GIVEN', 'FROM', 'ALLOWS'];
  const rows = grants.map((each) => [
    ...[each.id, each.routine, stateWords(paint, each), when(each.givenAt, zone)],
    each.from.kind === 'trial' ? each.from.run : each.from.question,
    grantedWords(each.granted),
  ]);
  const ended = grants.flatMap(({ id, ended: why }) => (why ? [`${id}: ${why}`] : []));
  return [...table(paint, head, rows), ...ended];
}

/** One line, whatever the command holds. */
export function grantedWords(granted: Granted): string {
  return granted.kind === 'host' ? `reach ${granted.host}` : granted.rule.replaceAll('\n', '\\n');
}

/** For the facts of a routine; empty: there is nothing to say. */
export function grantsOfRoutine(routine: string, grants: Grant[]): string {
  const count = (state: Grant['state']) => grants.filter((each) => each.state === state).length;
  const [active, lapsed] = [count('active'), count('lapsed')];
  const inForce = grants.flatMap((each) => (each.state === 'active' ? [grantedWords(each.granted)] : []));
  const more = active > 5 ? [`and ${active - 5} more: nightshift grants list --routine ${routine}`] : [];
  const gone =
    lapsed > 0
      ? [`${lapsed} lapsed, the routine has changed: nightshift grants list --routine ${routine} --lapsed`]
      : [];
  return [...inForce.slice(0, 5), ...more, ...gone].join('\n');
}

function stateWords(paint: Paint, { state }: Grant): string {
  return state === 'active' ? paint.green(state) : paint.yellow(state);
}
