/** `nightshift routines rehearse` and `trial`: try a routine before it is enabled, and sign what it needs. */
import { grantTable } from '#cli/print/grants.ts';
import { trialDetails } from '#cli/print/trials.ts';
import { when } from '#cli/print/words.ts';
import { visibleIn } from '#contract/visible.ts';
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import type { Context } from './shell.ts';

export async function rehearse(ctx: Context, routine: string): Promise<number> {
  answer(ctx, await ctx.client.routines.rehearse({ routine }), ({ dueAt, firedBy, detail }) => [
    `A trial run of ${routine} is due at ${when(dueAt, ctx.zone)} (${ctx.zone}); nothing of it leaves this machine or lands.`,
    firedBy === 'os_timer' ? `  The operating system fires it: ${detail}` : ctx.paint.yellow(`  ${detail}`),
    ctx.paint.typed(`  nightshift routines trial ${routine}`),
  ]);
  return exitCodes.ok;
}

/** Signs what is shown at that moment, and says each grant. */
export async function trial(ctx: Context, routine: string, flags: { sign?: boolean }): Promise<number> {
  const shown = await ctx.client.routines.trial({ routine });
  if (!flags.sign) {
    answer(ctx, visibleIn(shown), (one) => trialDetails(ctx.paint, ctx.zone, one));
    return exitCodes.ok;
  }
  const given = await ctx.client.routines.signTrial({ routine, bind: shown.bind, door: 'terminal' });
  answer(ctx, given, (all) =>
    all.length > 0
      ? grantTable(ctx.paint, ctx.zone, all)
      : ['The trial run needed no grant: there was nothing to sign.'],
  );
  return exitCodes.ok;
}
