/** How figures, times and states read in the terminal; the same words in every command. */
import { type Standing, standingOf, standingWords } from '#contract/aims.ts';
import { rehearsalNotice } from '#contract/host.ts';
import type { CheckRound, Outcome, Run, Trigger } from '#contract/runs.ts';
import type { Paint } from './paint.ts';

/** Millionths of a US dollar → `$0.0000`. */
export function money(micros: number): string {
  return `$${(micros / 1_000_000).toFixed(4)}`;
}

/** Model id; recorded answers always say that they are. */
export function modelWords(of: { model: string | null; rehearsal: boolean }): string {
  return of.rehearsal ? rehearsalNotice : (of.model ?? 'no model yet');
}

/** `2026-11-21 03:00:05` in the given zone. */
export function when(instant: string, zone: string): string {
  // Swedish writes dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  return format.format(new Date(instant));
}

export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `1 of 2 failing → passing`; half of it while the other half is not there. `over`: none will come any more. */
export function checksWords(before: CheckRound | null, after: CheckRound | null, over = true): string {
  if (!before && !after && !over) return 'none yet';
  if (!before?.results.length && !after?.results.length) return 'no checks';
  if (before && after) return `${roundWords(before)} → ${roundWords(after)}`;
  return before ? `${roundWords(before)} before` : `${after ? roundWords(after) : ''} after`;
}

/** Checks paint green only when the last word on them is that all pass. */
export function checksPainted(paint: Paint, before: CheckRound | null, after: CheckRound | null, over = true): string {
  const words = checksWords(before, after, over);
  if (!after?.results.length) return words;
  return after.results.every((check) => check.passed) ? paint.green(words) : paint.red(words);
}

function roundWords(round: CheckRound): string {
  const failing = round.results.filter((check) => !check.passed).length;
  return failing === 0 ? 'passing' : `${failing} of ${round.results.length} failing`;
}

/** `1 turn`, `2 turns`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** What is wrong and what to do, as sentences of their own. */
export function withCure(message: string, cure: string | null | undefined): string {
  if (!cure) return message;
  return `${message}${/[.!?:…]$/.test(message) ? '' : '.'} ${cure}`;
}

export function outcomeWords(outcome: Outcome): string {
  return outcome.replaceAll('_', ' ');
}

/** The outcome once there is one, else how far the run has come. */
export function stateWords(
  paint: Paint,
  run: Pick<Run, 'state' | 'outcome' | 'parkedOn' | 'held' | 'goal' | 'grading'>,
  now = Date.now(),
): string {
  if (run.parkedOn) return paint.yellow(`parked on ${run.parkedOn}`);
  if (run.held) {
    const left = Date.parse(run.held.until) - now;
    return paint.yellow(`waits for its account${left > 0 ? `, ${duration(left)} left` : ''}`);
  }
  if (!run.outcome) return paint.cyan(run.state);
  const standing = standingOf(run);
  if (standing && standing !== 'interrupted') return standingPainted(paint, standing);
  const words = outcomeWords(run.outcome);
  if (run.outcome === 'proposed') return paint.green(words);
  return run.outcome === 'nothing_to_propose' ? words : paint.red(words);
}

/** What was found of the result comes before what the agent made of it. */
function standingPainted(paint: Paint, standing: Standing): string {
  const words = standingWords[standing].toLowerCase();
  if (standing === 'satisfied' || standing === 'goal_met') return paint.green(words);
  return standing === 'goal_impossible' ? paint.red(words) : paint.yellow(words);
}

export function triggerWords(trigger: Trigger, zone: string): string {
  if (trigger.kind === 'person') return 'started by a person';
  return `${trigger.trial ? 'trial run' : 'schedule'}, due ${when(trigger.dueAt, zone)}`;
}
