/** What a replay came to: that everything was sent and found as it was recorded, or what is not, before and after. */
import type { Difference, DifferingRequest, ReplayReport, VerdictCheck } from '#contract/cassettes.ts';
import type { Paint } from './paint.ts';
import { counted } from './words.ts';

/** Of requests and verdicts that differ, each. */
const mostShown = 20;

export function replayLines(paint: Paint, report: ReplayReport): string[] {
  const { run, same, recorded, first, differing, verdicts, departs } = report;
  const { found, differ } = verdicts;
  const note =
    departs === null
      ? []
      : [paint.yellow(`When it was exported, request ${departs} and what follows could not be made as they had been.`)];
  const again =
    found === 0
      ? ''
      : ` ${differ.length === 0 ? 'All' : found - differ.length} of ${counted(found, 'verdict')} came out again.`;
  if (same) return [`${run}: the same, all ${recorded} requests.${again}`, ...note];
  const sent = first
    ? paint.red(`${run}: differs from request ${first.request} of ${recorded} on (turn ${first.turn}).${again}`)
    : paint.red(`${run}: the same requests, other verdicts.${again}`);
  return [
    sent,
    ...(first?.differences ?? []).flatMap((difference) => shown(paint, difference)),
    ...later(paint, differing.slice(1)),
    ...differ.slice(0, mostShown).flatMap((verdict) => otherwise(paint, verdict)),
    ...note,
  ];
}

/** Only what the requests before did not show. */
function later(paint: Paint, differing: readonly DifferingRequest[]): string[] {
  const telling = differing.filter(({ differences }) => differences.length > 0);
  const rest = differing.length - Math.min(telling.length, mostShown);
  return [
    ...telling
      .slice(0, mostShown)
      .flatMap(({ request, turn, purpose, differences }) => [
        paint.red(`  request ${request}, turn ${turn}${purpose === 'conversation' ? '' : `, ${purpose}`}, also:`),
        ...differences.flatMap((difference) => shown(paint, difference)),
      ]),
    ...(rest > 0 ? [paint.dim(`  ${counted(rest, 'later request')} differ by nothing else.`)] : []),
  ];
}

function shown(paint: Paint, { part, before, after }: Difference): string[] {
  return [`  ${part}`, ...pair(paint, before, after)];
}

function otherwise(paint: Paint, { what, turn, call, before, after }: VerdictCheck): string[] {
  return [`  verdict of the ${what}, turn ${turn}${call ? `, call ${call}` : ''}`, ...pair(paint, before, after)];
}

function pair(paint: Paint, before: string | null, after: string | null): string[] {
  return [
    ...(before === null ? [] : [paint.red(`    - ${oneLine(before)}`)]),
    ...(after === null ? [] : [paint.green(`    + ${oneLine(after)}`)]),
  ];
}

const oneLine = (text: string) => text.replaceAll('\n', '\\n');
