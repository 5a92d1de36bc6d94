/** The subagents of a run as a tree: how each of them stands, and what it cost. */
import type { AgentThread, Run } from '#contract/runs.ts';
import type { Paint } from './paint.ts';
import { table } from './table.ts';
import { counted, money } from './words.ts';

/** Nothing for a run that has had none. The first row is the run's own agent with what is left of the sums. */
export function agentTree(paint: Paint, { agents = [], turns, toolCalls, costMicros, usage, model }: Run): string[] {
  if (agents.length === 0) return [];
  const sum = (of: (thread: AgentThread) => number) => agents.reduce((all, thread) => all + of(thread), 0);
  const tokens = ({ input, output, cacheRead, cacheWrite }: AgentThread['usage']) =>
    input + output + cacheRead + cacheWrite;
  const own = [
    ...['the run itself', '', counted(turns, 'turn'), counted(toolCalls - sum((it) => it.toolCalls), 'call')],
    ...[String(tokens(usage) - sum((it) => tokens(it.usage))), money(costMicros - sum((it) => it.costMicros))],
    model ?? '',
  ];
  const rows = (parent: string | null, depth: number): string[][] =>
    agents
      .filter((thread) => thread.parent === parent)
      .flatMap((thread) => [
        [
          `${'  '.repeat(depth)}${thread.id} ${thread.name}: ${thread.description}`,
          state(paint, thread),
          ...[counted(thread.turns, 'turn'), counted(thread.toolCalls, 'call')],
          ...[String(tokens(thread.usage)), money(thread.costMicros), thread.model],
        ],
        ...rows(thread.id, depth + 1),
      ]);
  return [
    '',
    ...table(paint, ['AGENT', 'STATE', 'TURNS', 'CALLS', 'TOKENS', 'COST', 'MODEL'], [own, ...rows(null, 1)]),
  ];
}

function state(paint: Paint, { state: is, background }: AgentThread): string {
  const words = background ? `${is}, background` : is;
  if (is === 'finished') return paint.green(words);
  if (is === 'failed') return paint.red(words);
  return is === 'working' ? paint.cyan(words) : paint.yellow(words);
}
