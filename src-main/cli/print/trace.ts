/** Spans of a run as a waterfall: when each began, how long it took, what it used. */
import type { Span, Trace } from '#contract/traces.ts';
import { forTerminal, type Paint } from './paint.ts';
import { table } from './table.ts';
import { duration } from './words.ts';

/** Characters of the time line. */
const width = 40;

export function traceLines(paint: Paint, trace: Trace): string[] {
  const { spans } = forTerminal(trace);
  const from = Math.min(...spans.map(({ start }) => Date.parse(start)));
  const to = Math.max(...spans.map(({ end }) => Date.parse(end)), from + 1);
  const place = (at: string) => Math.floor(((width - 1) * (Date.parse(at) - from)) / (to - from));
  return table(
    paint,
    ['SPAN', 'TOOK', ' '.repeat(width), ''],
    spans.map((span) => {
      const [left, right] = [place(span.start), place(span.end)];
      const bar = `${' '.repeat(left)}${'▇'.repeat(right - left + 1)}`.padEnd(width);
      return [
        `${'  '.repeat(depthOf(spans, span))}${span.name}`,
        duration(Date.parse(span.end) - Date.parse(span.start)),
        span.error ? paint.red(bar) : bar,
        [span.error && paint.red(span.error), used(span)].filter(Boolean).join('  '),
      ];
    }),
  );
}

/** Spans around it. */
function depthOf(spans: readonly Span[], { parent }: Span): number {
  const around = parent === null ? undefined : spans[parent];
  return around ? 1 + depthOf(spans, around) : 0;
}

function used({ attributes }: Span): string {
  const [input, output, dollars] = [
    'gen_ai.usage.input_tokens',
    'gen_ai.usage.output_tokens',
    'nightshift.cost.usd',
  ].map((name) => attributes[name]);
  return typeof input === 'number' ? `${input} in, ${output} out, $${Number(dollars).toFixed(4)}` : '';
}
