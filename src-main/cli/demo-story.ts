/** How the demo ends: the account of the night, from the ledger line to the commands that decide. */

import type { Paint } from '#cli/print/paint.ts';
import { decideWords, diffLines, evidence, notDone } from '#cli/print/proposals.ts';
import { ledgerLine } from '#cli/print/runs.ts';
import { indent } from '#cli/print/table.ts';
import { modelWords, money } from '#cli/print/words.ts';
import type { Occurrence } from '#contract/ledger.ts';
import type { Proposal } from '#contract/proposals.ts';
import type { Run } from '#contract/runs.ts';
import { steady } from './follow.ts';
import type { Context } from './shell.ts';

export interface Story {
  occurrence: Occurrence | null;
  run: Run;
  proposal: Proposal | null;
  /** Unified diff of the proposal; empty without one. */
  patch: string;
}

export async function lookUp(ctx: Context, run: Run): Promise<Story> {
  const rows = await steady(ctx, (client) => client.routines.ledger({ routine: run.routine }));
  const occurrence = rows.find((row) => row.run === run.id) ?? null;
  if (run.proposal === null) return { occurrence, run, proposal: null, patch: '' };
  const id = { proposal: run.proposal };
  const proposal = await steady(ctx, (client) => client.proposals.get(id));
  const { patch } = await steady(ctx, (client) => client.proposals.diff(id));
  return { occurrence, run, proposal, patch };
}

/** Every part of it has a heading, also when there is little to say under it. */
export function storyLines(
  paint: Paint,
  zone: string,
  story: Story & { proposal: Proposal },
  decide: boolean,
): string[] {
  const { occurrence, proposal, patch } = story;
  const part = (title: string, body: string[]) => ['', paint.bold(title), ...body];
  return [
    ...part('Ledger', [`  ${occurrence ? ledgerLine(paint, zone, occurrence) : 'no row'}`]),
    ...part('Proposal', [`  ${proposal.id}: ${proposal.title}`, ...indent(proposal.explanation)]),
    ...part('Root cause', indent(proposal.rootCause ?? 'It did not name one.')),
    ...part('Diff', diffLines(paint, patch)),
    ...part(
      'Evidence',
      evidence(paint, proposal).map((line) => (line.startsWith('  ') ? line : `  ${line}`)),
    ),
    ...part('Cost', [`  ${money(proposal.costMicros)}  ${modelWords(proposal)}`]),
    ...part('Not done', indent(notDone(proposal))),
    ...(decide ? part('Decide', decideWords(paint, proposal)) : []),
  ];
}
