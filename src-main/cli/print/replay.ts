/** What a replay came to: that everything was sent as it was recorded, or where it parts first, before and after. */
import type { Difference, ReplayReport } from '#contract/cassettes.ts';
import type { Paint } from './paint.ts';

export function replayLines(paint: Paint, { run, same, recorded, first, departs }: ReplayReport): string[] {
  const note =
    departs === null
      ? []
      : [paint.yellow(`When it was exported, request ${departs} and what follows could not be made as they had been.`)];
  if (same || !first) return [`${run}: the same, all ${recorded} requests.`, ...note];
  const { request, turn, differences } = first;
  return [
    paint.red(`${run}: differs from request ${request} of ${recorded} on (turn ${turn}).`),
    ...differences.flatMap((difference) => shown(paint, difference)),
    ...note,
  ];
}

function shown(paint: Paint, { part, before, after }: Difference): string[] {
  return [
    `  ${part}`,
    ...(before === null ? [] : [paint.red(`    - ${oneLine(before)}`)]),
    ...(after === null ? [] : [paint.green(`    + ${oneLine(after)}`)]),
  ];
}

const oneLine = (text: string) => text.replaceAll('\n', '\\n');
