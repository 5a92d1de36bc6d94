/** What a run on the stage says and does, by the number of its turn. */
import type { Draft } from '#contract/events.ts';
import type { Usage } from '#contract/runs.ts';
import { patch } from './staged-patch.ts';

const usage: Usage = { input: 2_140, output: 1_260, cacheRead: 18_400, cacheWrite: 3_900 };

export function said(run: string, turn: number, text: string, costMicros = 3600): Draft {
  const content = [{ type: 'text', text }];
  return { type: 'message.finished', run, turn, content, stopReason: 'tool_use', usage, costMicros };
}

export function thought(run: string, turn: number): Draft {
  const thinking =
    'The stack names src/pricing.js, line 14. Before I change it I want to know who else reads a discount.';
  const text =
    turn % 3 === 0
      ? 'The error is always the same: `Cannot read properties of null`. I look at **every caller** before changing one.\n\n1. `src/pricing.js` reads it\n2. `src/invoice.js` reads it too'
      : 'I count the errors by their cause first.';
  const content = [...(turn % 4 === 1 ? [{ type: 'thinking', thinking }] : []), { type: 'text', text }];
  return { type: 'message.finished', run, turn, content, stopReason: 'tool_use', usage, costMicros: 3600 };
}

export function asked(turn: number): { name: string; input: unknown } {
  if (turn % 11 === 0)
    return { name: 'Bash', input: { command: 'curl https://registry.example.org/orders\n# the newest schema' } };
  if (turn % 5 === 0)
    return {
      name: 'Edit',
      input: { file_path: 'src/pricing.js', old_string: 'percent', new_string: 'discountOf(order)' },
    };
  if (turn % 3 === 0) return { name: 'Read', input: { file_path: 'src/pricing.js' } };
  if (turn % 2 === 0) return { name: 'Grep', input: { pattern: 'discount\\.percent' } };
  return {
    name: 'Bash',
    input: { command: "grep ERROR logs/service.log | sed 's/.*ERROR //' | sort | uniq -c | sort -rn" },
  };
}

type Answered = Omit<Extract<Draft, { type: 'tool.finished' }>, 'type' | 'run' | 'call'>;
export function answered(turn: number): Answered {
  const good = { ok: true, code: null };
  if (turn % 11 === 0) {
    const output = 'curl: (6) Could not resolve host: registry.example.org\n';
    const view = { kind: 'terminal' as const, exitCode: 6, milliseconds: 120, output };
    return { ok: false, code: 'tool.exit', text: output, view };
  }
  if (turn % 5 === 0) {
    const view = {
      kind: 'diff' as const,
      path: 'src/pricing.js',
      patch: patch.slice(0, patch.indexOf('diff --git a/src/invoice')),
    };
    return { ...good, text: 'The file was changed.', view };
  }
  if (turn % 3 === 0) {
    const text = Array.from({ length: 64 }, (_, line) => `${line + 1}\tconst line${line} = order.lines[${line}];`).join(
      '\n',
    );
    return { ...good, text, view: { kind: 'text', text } };
  }
  const output = `    412 TypeError: Cannot read properties of null (reading 'percent')\n     19 TimeoutError: stock service did not answer in 2000 ms\n`;
  return { ...good, text: output, view: { kind: 'terminal', exitCode: 0, milliseconds: 310 + turn, output } };
}
