/** Whatever a call threw, as the one shape every screen shows: what, why, one next step. */
import { ORPCError } from '@orpc/client';
import { Fault, FaultData } from '#contract/faults.ts';

export function asFault(thrown: unknown): FaultData {
  if (thrown instanceof Fault) return thrown.toData();
  if (thrown instanceof ORPCError) {
    const data = FaultData.safeParse(thrown.data);
    if (data.success) return data.data;
    const issue = firstIssue(thrown.data);
    if (issue) return issue;
    return {
      code: 'internal',
      message: 'Nightshift made a mistake.',
      cure: 'Its log has the details: run nightshift doctor.',
    };
  }
  return {
    code: 'host.unreachable',
    message: 'The host did not answer.',
    cure: 'Try again when the connection is back.',
  };
}

/** An input refused by the schema: the first field at fault stands for all. */
function firstIssue(data: unknown): FaultData | undefined {
  if (typeof data !== 'object' || data === null || !('issues' in data) || !Array.isArray(data.issues)) return undefined;
  const issue = data.issues[0] as { message?: unknown; path?: unknown[] } | undefined;
  const field = (issue?.path ?? []).filter((part) => part !== 'spec' && part !== 'change').join('.');
  return { code: 'input', message: String(issue?.message ?? 'That input was refused.'), field: field || undefined };
}
