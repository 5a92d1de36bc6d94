/** Hooks in the terminal: those that a run works with, and what each of them said. */
import type { Event } from '#contract/events.ts';
import { hookOutcomeWords } from '#contract/hooks.ts';
import { clip } from './actions.ts';
import type { Paint } from './paint.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

export function hooksLines(paint: Paint, { hooks, problems }: Of<'hooks.loaded'>): string[] {
  const untrusted = hooks.filter(({ state }) => state === 'untrusted').length;
  const running = hooks.filter(({ state }) => state === 'runs').length;
  return [
    ...(running > 0 ? [`Hooks: ${running}`] : []),
    ...(untrusted > 0 ? [paint.yellow(`Hooks that nobody has said yes to, and that do not run: ${untrusted}`)] : []),
    ...problems.map(({ path, message }) => paint.yellow(`${path}: ${message}`)),
  ];
}

export function hookLine(paint: Paint, event: Of<'hook.ran'>): string {
  const { moment, subject, command, outcome, exitCode, decision, reason, message } = event;
  const amiss = hookOutcomeWords(outcome, exitCode);
  const said = [amiss, decision, reason, message].filter(Boolean).join(': ');
  const line = `  hook ${moment}${subject ? ` ${subject}` : ''}: ${clip(command)}${said ? `  (${clip(said)})` : ''}`;
  return amiss || (decision !== null && decision !== 'allow') ? paint.yellow(line) : paint.dim(line);
}
