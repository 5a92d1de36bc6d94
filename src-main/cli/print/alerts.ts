/** Alerts for people: what should be looked at, since when, and about what. */
import type { Alert } from '#contract/alerts.ts';
import type { Paint } from './paint.ts';
import { indent } from './table.ts';
import { when } from './words.ts';

/** Two lines and more each: number, time and subject, then the text. Empty for none. */
export function alertLines(paint: Paint, zone: string, alerts: Alert[]): string[] {
  return alerts.flatMap(({ seq, at, about, routine, text, dismissedAt }) => {
    const subject = [routine, about].filter(Boolean).join(', ') || 'this machine';
    const away = dismissedAt === null ? '' : paint.dim(`  put away ${when(dismissedAt, zone)}`);
    const head = `${paint.yellow(`alert ${seq}`)}  ${when(at, zone)}  ${subject}${away}`;
    return [head, ...indent(paint.typed(text))];
  });
}
