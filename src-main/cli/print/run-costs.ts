/** What each request of a run cost, for a terminal. */
import type { RunCosts } from '#contract/run-costs.ts';
import type { Paint } from './paint.ts';
import { facts, table } from './table.ts';
import { counted, money } from './words.ts';

export function runCostLines(paint: Paint, { micros, usage, requests, turns, purposes, agents }: RunCosts): string[] {
  const { input, output, cacheRead, cacheWrite } = usage;
  const tokens = `${input} in, ${output} out, ${cacheRead} cache read, ${cacheWrite} cache write`;
  const shares = (all: readonly [string, number][]) => all.map(([name, paid]) => `${name} ${money(paid)}`).join(', ');
  return [
    ...facts(paint, [
      ['cost', `${money(micros)} for ${counted(requests.length, 'request')} (${tokens} tokens)`],
      ['for', shares(purposes.map(({ purpose, micros: paid }) => [purpose, paid]))],
      ['by turn', shares(turns.map(({ turn, micros: paid }) => [String(turn), paid]))],
      [
        'by agent',
        agents.length > 1 ? shares(agents.map(({ agent, micros: paid }) => [agent ?? 'its own', paid])) : null,
      ],
    ]),
    '',
    ...table(
      paint,
      ['TURN', 'FOR', 'MODEL', 'IN', 'OUT', 'CACHE READ', 'CACHE WRITE', 'COST', ''],
      requests.map((one) => [
        ...[String(one.turn), one.agent ? `${one.purpose}, ${one.agent}` : one.purpose, one.model],
        ...[one.usage.input, one.usage.output, one.usage.cacheRead, one.usage.cacheWrite].map(String),
        ...[money(one.micros), one.presumed ? paint.yellow('presumed') : ''],
      ]),
    ),
  ];
}
