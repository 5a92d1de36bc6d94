/** What each exit code of `nightshift` means, and which one a planned failure ends with. */
import type { FaultData } from '#contract/faults.ts';

export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  unreachable: 4,
  conflict: 5,
  interrupted: 130,
} as const;

/** `run`: what came of the task. Apart from the codes above, so that a script never takes one for the other. */
export const taskCodes = {
  needsRevision: 10,
  goalNotMet: 11,
  goalImpossible: 12,
  limit: 13,
  parked: 14,
  stopped: 15,
} as const;

/** `sandbox exec`, as `timeout` and container tools have it; every other code is the command's own. */
export const execCodes = { timeout: 124, sandbox: 125, limit: 137 } as const;

/** For the help of `run`. */
export const taskCodesText = `Exit codes of \`run\`, where 0 means: done, every check, criterion and goal holds
  10   needs revision: a check fails, or a criterion is not satisfied or could not be checked
  11   the goal is not met
  12   the goal is judged impossible
  13   a limit ended it: money, turns, time, tokens, tool calls
  14   it waits for an answer: see \`questions list\`; it goes on when you have answered
  15   it was stopped from another place`;

/** For `nightshift --help`. */
export const exitCodesText = `Exit codes:
  0    done
  1    failed: a fault, or a run that failed or was stopped
  2    usage or bad input; the message names the flag or field
  3    the named thing does not exist
  4    no host can be reached
  5    conflict: the thing is in a state that does not allow this, or an occurrence was blocked
  130  interrupted (Ctrl+C); what the host was doing goes on, but a task of \`run\` is stopped
${taskCodesText}`;

/** A fault that names a field is bad input, whatever part of the product noticed it. */
export function exitCodeOf(fault: Pick<FaultData, 'code' | 'field'>): number {
  switch (fault.code) {
    case 'input':
      return exitCodes.usage;
    case 'not_found':
      return exitCodes.notFound;
    case 'host.unreachable':
      return exitCodes.unreachable;
    case 'conflict':
    case 'host.busy':
    case 'repo.conflict':
    case 'repo.checkout_dirty':
      return exitCodes.conflict;
    default:
      return fault.field === undefined ? exitCodes.failed : exitCodes.usage;
  }
}
