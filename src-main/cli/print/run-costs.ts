/** What each request of a run cost, for a terminal. */
import type { RunCosts } from '#contract/run-costs.ts';
import type { Usage } from '#contract/runs.ts';
import type { Paint } from './paint.ts';
import { facts, table } from './table.ts';
import { counted, money } from './words.ts';

const classes = ({ input, output, cacheRead, cacheWrite }: Usage) => [input, output, cacheRead, cacheWrite].map(String);

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
      requests.flatMap((one) => [
        [
          ...[String(one.turn), one.agent ? `${one.purpose}, ${one.agent}` : one.purpose, one.model],
          ...[...classes(one.usage), money(one.micros), one.presumed ? paint.yellow('presumed') : ''],
        ],
        ...(one.passes ?? []).map((pass) => [
          ...['', '  of it', pass.model, ...classes(pass.usage), money(pass.costMicros), ''],
        ]),
      ]),
    ),
  ];
}
