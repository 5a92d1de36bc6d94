/** `nightshift runs …`: what was and is being done. */

import { createNarrator } from '#cli/print/narrate.ts';
import { forTerminal } from '#cli/print/paint.ts';
import { runCostLines } from '#cli/print/run-costs.ts';
import { runDetails, runLines, runTable } from '#cli/print/runs.ts';
import { traceLines } from '#cli/print/trace.ts';
import { standingOf } from '#contract/aims.ts';
import type { StreamItem } from '#contract/events.ts';
import type { Run } from '#contract/runs.ts';
import { answer, lines } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import { untilOver } from './follow.ts';
import { mustExist } from './must-exist.ts';
import type { Context } from './shell.ts';
import { exitCodeOfTask } from './task-exit.ts';

export async function list(ctx: Context, flags: { routine?: string; limit?: number }): Promise<number> {
  const runs = await ctx.client.runs.list({ routine: flags.routine, limit: flags.limit });
  if (runs.length === 0) await mustExist(ctx, flags.routine);
  answer(ctx, runs, (all) => runTable(ctx.paint, ctx.zone, all));
  return exitCodes.ok;
}

export async function show(ctx: Context, run: string): Promise<number> {
  answer(ctx, await ctx.client.runs.get({ run }), (one) => runDetails(ctx.paint, ctx.zone, one));
  return exitCodes.ok;
}

export async function trace(ctx: Context, run: string): Promise<number> {
  answer(ctx, await ctx.client.runs.trace({ run }), (told) => traceLines(ctx.paint, told));
  return exitCodes.ok;
}

export async function costs(ctx: Context, run: string): Promise<number> {
  answer(ctx, await ctx.client.runs.costs({ run }), (told) => runCostLines(ctx.paint, told));
  return exitCodes.ok;
}

/** Until the run is over. With JSON: one committed event of the contract per line. */
export async function followRun(ctx: Context, run: string, flags: { after?: number }): Promise<number> {
  // An unknown run has no events, which would be waited for without end.
  await ctx.client.runs.get({ run });
  const over = await untilOver(ctx, { run, after: flags.after ?? 0, onItem: printer(ctx) });
  if (!ctx.json) ctx.out.write(lines(runLines(ctx.paint, forTerminal(over))));
  return exitCodeOfRun(over);
}

export async function stop(ctx: Context, run: string): Promise<number> {
  answer(ctx, await ctx.client.runs.stop({ run }), () => [`${run} is asked to stop; what it did is kept.`]);
  return exitCodes.ok;
}

/** 0 only when it came to an honest end by itself, or waits for an answer; with a goal or a rubric only when that holds. */
export function exitCodeOfRun(run: Run): number {
  if (run.parkedOn) return exitCodes.ok;
  if (standingOf(run)) return exitCodeOfTask(run);
  return run.outcome === 'proposed' || run.outcome === 'nothing_to_propose' ? exitCodes.ok : exitCodes.failed;
}

function printer(ctx: Context): (item: StreamItem) => void {
  const narrate = createNarrator(ctx.paint);
  return (item) => {
    if (item.kind !== 'event') return;
    ctx.out.write(ctx.json ? `${JSON.stringify(item.event)}\n` : lines(narrate(item.event)));
  };
}
