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

/** `sandbox exec`, as `timeout` and container tools have it; every other code is the command's own. */
export const execCodes = { timeout: 124, sandbox: 125, limit: 137 } as const;

/** For `nightshift --help`. */
export const exitCodesText = `Exit codes:
  0    done
  1    failed: a fault, or a run that failed or was stopped
  2    usage or bad input; the message names the flag or field
  3    the named thing does not exist
  4    no host can be reached
  5    conflict: the thing is in a state that does not allow this, or an occurrence was blocked
  130  interrupted (Ctrl+C); what the host was doing goes on`;

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
