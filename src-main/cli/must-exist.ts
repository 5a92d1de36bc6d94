/** An empty answer about a routine means something only if there is such a routine. */
import type { Context } from './shell.ts';

/** Throws `not_found`. Only for empty answers: what a removed routine has left behind is shown. */
export async function mustExist(ctx: Context, routine: string | undefined): Promise<void> {
  if (routine !== undefined) await ctx.client.routines.get({ routine });
}
