/**
 * `nightshift due`: the way in for the OS timer. It never says which run: it asks the ledger what is due, and by default
 * waits until the runs that were claimed or found active are over.
 */

import type { z } from 'zod';
import type { ClaimedBy } from '#contract/ledger.ts';
import type { Run } from '#contract/runs.ts';
import { exitCodes } from './exit-codes.ts';
import type { Context } from './shell.ts';

export interface DueFlags {
  by?: z.infer<typeof ClaimedBy>;
  /** False: hand over and go. */
  wait: boolean;
  routine?: string;
}

/** With `wait: false` the exit code says that the host has recorded it, not how the runs end. */
export async function due(ctx: Context, flags: DueFlags): Promise<number> {
  const { accounted, active } = await ctx.client.due({ by: flags.by ?? 'cli', routine: flags.routine });
  const claimed = accounted.flatMap((row) => row.run ?? []);
  const ids = [...new Set([...claimed, ...active])];
  // What only a waiting person needs is loaded after the hand-over: under a timer this is the whole command.
  if (!flags.wait) {
    if (ctx.json) ctx.out.write(`${JSON.stringify({ accounted, active }, null, 2)}\n`);
    else ctx.out.write(`Accounted for: ${accounted.length}. Handed to the host: ${ids.length}.\n`);
    return exitCodes.ok;
  }
  const { forTerminal } = await import('#cli/print/paint.ts');
  const { ledgerLine, runLines } = await import('#cli/print/runs.ts');
  const { untilOver } = await import('./follow.ts');
  const say = (lines: string[]) => void (ctx.json || ctx.out.write(lines.map((line) => `${line}\n`).join('')));

  say(accounted.map((row) => ledgerLine(ctx.paint, ctx.zone, forTerminal(row))));
  if (accounted.length === 0 && ids.length === 0) say(['Nothing is due.']);
  const runs: Run[] = [];
  for (const run of ids) {
    const over = await untilOver(ctx, { run, after: 0 });
    say(runLines(ctx.paint, forTerminal(over)));
    runs.push(over);
  }
  if (ctx.json) ctx.out.write(`${JSON.stringify({ accounted, active, runs }, null, 2)}\n`);
  if (runs.some((run) => run.outcome === 'failed' || run.outcome === 'stopped')) return exitCodes.failed;
  return accounted.some((row) => row.state === 'blocked') ? exitCodes.conflict : exitCodes.ok;
}
