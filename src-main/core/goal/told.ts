/** What an agent is told of a verdict on its result, so that its next turn begins at the gap. */
import type { Event } from '#contract/events.ts';
import type { CheckRound } from '#contract/runs.ts';
import { middleOut } from './shown.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

/** Characters of one failing check. */
const mostOutput = 4_000;

/** `checks` of what was judged. `where`: a run has a branch, the agent of a program a folder, and nothing to propose. */
export function goalGap(
  goal: string,
  { round, reason, quote, unjudged }: Of<'goal.judged'>,
  checks: CheckRound | null,
  where: 'branch' | 'folder',
): string {
  const [place, end] = where === 'branch' ? ofBranch : ofFolder;

  const failing = (checks?.results ?? []).filter(({ passed }) => !passed);
  return [
    `Your turn ${round} is over and the goal ${unjudged ? 'could not be judged.' : 'was judged: not met yet.'} ${reason}${quote ? ` (${JSON.stringify(quote)})` : ''}`,
    ...failing.map(({ command, exitCode, output }) => {
      const ended = exitCode === null ? 'did not end by itself' : `ended with exit code ${exitCode}`;
      return `The check \`${command}\`, run by Nightshift ${place}, ${ended}:\n${middleOut(output, mostOutput)}`;
    }),
    `The goal stands: ${goal}`,
    `What you changed so far is kept; what you left running was ended, and /tmp is empty again. Go on, show by commands what you claim, and ${end}`,
  ].join('\n\n');
}

const ofBranch = [
  'on a clean checkout of your work',
  'call Propose again, for the whole of it, when the goal is met or cannot be met.',
] as const;
const ofFolder = ['in a sandbox of its own', 'end your turn again when the goal is met or cannot be met.'] as const;

export function gradingGap({ criteria, explanation, iteration }: Of<'outcome.graded'>, iterations: number): string {
  const lines = criteria
    .filter(({ verdict }) => verdict !== 'satisfied')
    .map(({ text, verdict, reason, evidence }) => {
      const where = evidence.map((one) => (one.kind === 'file' ? `${one.path}:${one.line}` : one.command)).join(', ');
      return `- ${text}\n  ${verdict.replaceAll('_', ' ')}: ${reason}${where ? ` (${where})` : ''}`;
    });
  return [
    `Your result was graded by somebody who has not seen how you work, for the ${iteration}. time of at most ${iterations}: it needs revision.`,
    lines.join('\n'),
    ...(explanation ? [explanation] : []),
    'What you changed so far is kept; what you left running was ended, and /tmp is empty again. Close the gaps and call Propose again, for the whole of it.',
  ].join('\n\n');
}

export function wentOn(goal: string, note: string | null): string {
  return [
    `A person has looked at where you stand and wants you to go on.${note ? ` They say: ${note}` : ''}`,
    `The goal stands: ${goal}`,
  ].join('\n\n');
}
