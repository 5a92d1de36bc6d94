/** `nightshift run`: one task from the terminal, without a window and without a question; its exit code says what came of it. */
import { randomUUID } from 'node:crypto';
import { createNarrator } from '#cli/print/narrate.ts';
import { forTerminal } from '#cli/print/paint.ts';
import { runLines } from '#cli/print/runs.ts';
import type { StreamItem } from '#contract/events.ts';
import type { Run } from '#contract/runs.ts';
import { answer, lines } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import { steady, untilOver } from './follow.ts';
import { rubricWarnings } from './print/aims.ts';
import type { Context } from './shell.ts';
import { type SpecFlags, taskFrom } from './spec-input.ts';
import { exitCodeOfTask } from './task-exit.ts';

export interface TaskFlags extends SpecFlags {
  prompt: string;
  budget?: number;
  detach?: boolean;
}

/** Milliseconds in which a run that was asked to stop has come to its end; after that it is left to the host. */
const patience = 60_000;

/** With JSON: one committed event of the run per line, as `runs follow` has them. Ctrl+C stops the run and waits for its end. */
export async function runTask(ctx: Context, { budget, detach, ...flags }: TaskFlags): Promise<number> {
  const task = await taskFrom({ ...flags, dollars: budget ?? flags.dollars }, ctx);
  for (const line of rubricWarnings(ctx.paint, task.rubric ?? '')) ctx.err.write(`${line}\n`);
  ctx.signal.throwIfAborted();
  // A host that died over the answer may have recorded it all the same: asked again it is still one run.
  const key = randomUUID();
  const { run } = await steady(ctx, (client) => client.runs.start({ task, key }));
  if (detach) {
    answer(ctx, { run }, (shown) => [shown.run, ctx.paint.typed(`  nightshift runs follow ${shown.run}`)]);
    return exitCodes.ok;
  }
  let after = 0;
  const print = printer(ctx);
  const onItem = (item: StreamItem) => {
    if (item.kind === 'event') after = item.event.seq;
    print(item);
  };
  try {
    const over = await untilOver(ctx, { run, after: 0, onItem });
    if (!ctx.json) ctx.out.write(lines(runLines(ctx.paint, forTerminal(over))));
    return exitCodeOfTask(over);
  } catch (error) {
    if (!ctx.signal.aborted) throw error;
    await stopped(ctx, run, after, onItem);
    return exitCodes.interrupted;
  }
}

/** What happens until its end is told, too. */
async function stopped(ctx: Context, run: string, after: number, onItem: (item: StreamItem) => void): Promise<void> {
  const late = new AbortController();
  const calm: Context = Object.create(ctx, { signal: { value: late.signal } });
  const cancel = ctx.clock.after(patience, () => late.abort());
  try {
    ctx.tell(ctx.paint.yellow('Stopping the run; what it did is kept.'));
    await steady(calm, (client) => client.runs.stop({ run })).catch(async (error: unknown) => {
      // It may have come to its end by itself a moment ago.
      const { state }: Run = await calm.client.runs.get({ run });
      if (state !== 'ended') throw error;
    });
    await untilOver(calm, { run, after, onItem });
  } catch (error) {
    if (!late.signal.aborted) throw error;
    ctx.tell(ctx.paint.yellow(`${run} has not come to its end yet: nightshift runs show ${run}`));
  } finally {
    cancel();
  }
}

function printer(ctx: Context): (item: StreamItem) => void {
  const narrate = createNarrator(ctx.paint);
  return (item) => {
    if (item.kind !== 'event') return;
    ctx.out.write(ctx.json ? `${JSON.stringify(item.event)}\n` : lines(narrate(item.event)));
  };
}
