/** `nightshift alerts …`: what a person should look at, and putting it away. */
import { alertLines } from '#cli/print/alerts.ts';
import type { Alert } from '#contract/alerts.ts';
import { Fault } from '#contract/faults.ts';
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import type { Context } from './shell.ts';

export async function list(ctx: Context, flags: { all?: boolean; limit?: number }): Promise<number> {
  const alerts = await ctx.client.alerts.list({ all: flags.all ?? false, limit: flags.limit });
  const none = flags.all ? 'There was no alert yet.' : 'No alert waits to be put away.';
  answer(ctx, alerts, (shown) => (shown.length === 0 ? [none] : alertLines(ctx.paint, ctx.zone, shown)));
  return exitCodes.ok;
}

/** By their numbers, or all that there are now. */
export async function dismiss(ctx: Context, numbers: number[], flags: { all?: boolean }): Promise<number> {
  if (numbers.length > 0 === (flags.all ?? false))
    throw new Fault('input', 'Give the numbers of alerts, or --all: one of the two.', {
      field: 'alert',
      cure: 'See them with `nightshift alerts list`.',
    });
  const away = flags.all ? await dismissAll(ctx) : [];
  for (const seq of numbers) away.push(await ctx.client.alerts.dismiss({ seq, door: 'terminal' }));
  answer(ctx, away, (shown) =>
    shown.length === 0 ? ['No alert waits to be put away.'] : alertLines(ctx.paint, ctx.zone, shown),
  );
  return exitCodes.ok;
}

async function dismissAll(ctx: Context): Promise<Alert[]> {
  const [newest] = await ctx.client.alerts.list({ limit: 1 });
  return newest ? await ctx.client.alerts.dismissAll({ through: newest.seq, door: 'terminal' }) : [];
}
