/** `nightshift telemetry …`: whether runs are sent to a collector, where, and what came of it. */
import { facts } from '#cli/print/table.ts';
import type { Telemetry } from '#contract/traces.ts';
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import type { Context } from './shell.ts';

export async function show(ctx: Context): Promise<number> {
  return told(ctx, await ctx.client.telemetry.get());
}

/** `endpoint` null: off. */
export async function set(ctx: Context, endpoint: string | null): Promise<number> {
  return told(ctx, await ctx.client.telemetry.set({ endpoint }));
}

function told(ctx: Context, telemetry: Telemetry): number {
  answer(ctx, telemetry, ({ endpoint, waiting, last }) =>
    endpoint === null
      ? ['Off: nothing about runs is sent to anyone.']
      : facts(ctx.paint, [
          ['sent to', endpoint],
          ['what', 'spans and token counts of every run that ends; no prompts, no answers, no results'],
          ['waiting', waiting === 0 ? 'nothing' : `${waiting} ${waiting === 1 ? 'run' : 'runs'}`],
          ['last', last && `${last.at}: ${last.message}`],
        ]),
  );
  return exitCodes.ok;
}
