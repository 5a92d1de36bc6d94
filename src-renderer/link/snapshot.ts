/** Everything the screens start from, all of it as it was after one and the same event. */
import type { Alert } from '#contract/alerts.ts';
import type { ApiClient } from '#contract/api.ts';
import type { HostStatus } from '#contract/host.ts';
import type { Occurrence, PauseAll } from '#contract/ledger.ts';
import type { Proposal } from '#contract/proposals.ts';
import type { Question } from '#contract/questions.ts';
import type { Routine } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';

export interface Snapshot {
  host: HostStatus;
  routines: Routine[];
  runs: Run[];
  proposals: Proposal[];
  /** A question may be there twice, the same each time. */
  questions: Question[];
  /** That nobody has put away. */
  alerts: Alert[];
  ledger: Occurrence[];
  pausedAll: PauseAll | null;
}

/** Newest rows only: a run carries its checks' output, so a thousand of them would be megabytes. */
export const rows = { runs: 200, proposals: 100, ledger: 1000, openQuestions: 1000, questions: 100, alerts: 1000 };

/**
 * Reads until no event was committed between the first and the last answer, so that replaying from `host.seq` counts
 * nothing twice. Rejects when the host is too busy for that 50 times in a row; the link then tries again later.
 */
export async function takeSnapshot(client: ApiClient): Promise<Snapshot> {
  let host = await client.host.status();
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const [routines, runs, proposals, open, newest, alerts, ledger, pausedAll] = await Promise.all([
      client.routines.list(),
      client.runs.list({ limit: rows.runs }),
      client.proposals.list({ limit: rows.proposals }),
      client.questions.list({ state: 'open', limit: rows.openQuestions }),
      client.questions.list({ limit: rows.questions }),
      client.alerts.list({ limit: rows.alerts }),
      client.routines.ledger({ limit: rows.ledger }),
      client.routines.pausedAll(),
    ]);
    const after = await client.host.status();
    const questions = [...newest, ...open];
    if (after.seq === host.seq) return { host: after, routines, runs, proposals, questions, alerts, ledger, pausedAll };
    host = after;
  }
  throw new Error('The host was too busy to be read in one piece.');
}
