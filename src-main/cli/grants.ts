/** `nightshift grants …`: what routines may do for good, and taking it back. */
import { grantTable } from '#cli/print/grants.ts';
import type { GrantState } from '#contract/grants.ts';
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import { mustExist } from './must-exist.ts';
import type { Context } from './shell.ts';

export interface GrantFlags {
  routine?: string;
  lapsed?: boolean;
  revoked?: boolean;
  all?: boolean;
  limit?: number;
}

export async function list(ctx: Context, flags: GrantFlags): Promise<number> {
  const { routine, limit } = flags;
  const state: GrantState | undefined = flags.lapsed ? 'lapsed' : flags.revoked ? 'revoked' : 'active';
  const grants = await ctx.client.grants.list({ routine, state: flags.all ? undefined : state, limit });
  if (grants.length === 0) await mustExist(ctx, routine);
  answer(ctx, grants, (all) => (all.length > 0 ? grantTable(ctx.paint, ctx.zone, all) : none(ctx, flags)));
  return exitCodes.ok;
}

function none({ paint }: Context, { routine, lapsed, revoked, all }: GrantFlags): string[] {
  const whose = routine === undefined ? '' : ` of ${routine}`;
  if (lapsed || revoked) return [`No grant${whose} ${lapsed ? 'has lapsed' : 'was revoked'}.`];
  const how = '`nightshift questions approve <question> --always`, or a signed trial run, gives one';
  return [paint.typed(`No grant${whose} ${all ? 'was ever given' : 'is in force'}; ${how}.`)];
}

/** All of them; each counts from the next call on. */
export async function revoke(ctx: Context, ids: string[]): Promise<number> {
  const revoked = [];
  for (const grant of ids) revoked.push(await ctx.client.grants.revoke({ grant, door: 'terminal' }));
  answer(ctx, revoked, (all) => grantTable(ctx.paint, ctx.zone, all));
  return exitCodes.ok;
}
