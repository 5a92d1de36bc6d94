/** `nightshift routines …`: what to do and when. */

import { rubricWarnings } from '#cli/print/aims.ts';
import { registrationWords, routineDetails, routineSaved, routineSummary, routineTable } from '#cli/print/routines.ts';
import { ledgerTable } from '#cli/print/runs.ts';
import { whyLines } from '#cli/print/why.ts';
import { when } from '#cli/print/words.ts';
import { Fault } from '#contract/faults.ts';
import type { OccurrenceState } from '#contract/ledger.ts';
import { toFault } from '#contract/wire-faults.ts';
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import { instantAround, instantBack, instantFrom } from './instant-input.ts';
import { mustExist } from './must-exist.ts';
import type { Context } from './shell.ts';
import { changeFrom, type RequiredFlags, type SpecFlags, specFrom } from './spec-input.ts';

export async function add(ctx: Context, name: string, flags: RequiredFlags & { id?: string }): Promise<number> {
  const spec = await specFrom(name, flags, ctx);
  const routine = await ctx.client.routines.add({ id: flags.id, spec }).catch((error: unknown) => {
    throw withIdFlag(error, flags.id);
  });
  answer(ctx, routine, (shown) => [
    ...routineSaved(ctx, shown, 'Added'),
    ...rubricWarnings(ctx.paint, spec.rubric ?? ''),
  ]);
  return exitCodes.ok;
}

/** A good name may hold nothing that an id could be made of, as in Greek: then the id can be given. */
function withIdFlag(error: unknown, id: string | undefined): unknown {
  const { code, field, message } = toFault(error);
  if (id !== undefined || code !== 'input' || field !== 'name') return error;
  const cure = 'Give one as well, for example `--id night-work`, or use a letter a–z or a digit in the name.';
  return new Fault(code, message, { field, cure, cause: error });
}

export async function list(ctx: Context): Promise<number> {
  answer(ctx, await ctx.client.routines.list(), (all) => routineTable(ctx, all));
  return exitCodes.ok;
}

export async function show(ctx: Context, routine: string): Promise<number> {
  const [one, grants] = await Promise.all([
    ctx.client.routines.get({ routine }),
    ctx.client.grants.list({ routine, limit: 1000 }),
  ]);
  answer(ctx, { ...one, grants }, (shown) => routineDetails(ctx, shown, shown.grants));
  return exitCodes.ok;
}

export async function edit(ctx: Context, routine: string, flags: SpecFlags): Promise<number> {
  const change = await changeFrom(flags, ctx);
  if (Object.keys(change).length === 0)
    throw new Fault('input', 'Nothing to change was named.', {
      cure: `Name at least one field, for example \`nightshift routines edit ${routine} --schedule nightly\`.`,
    });
  const edited = await ctx.client.routines.edit({ routine, change });
  const warnings = rubricWarnings(ctx.paint, change.rubric ?? '');
  answer(ctx, edited, (one) => [...routineSaved(ctx, one, 'Changed'), ...warnings]);
  return exitCodes.ok;
}

export async function pause(ctx: Context, routine: string): Promise<number> {
  const paused = await ctx.client.routines.pause({ routine });
  answer(ctx, paused, (one) => routineSummary(ctx, one, 'Paused'));
  return exitCodes.ok;
}

export async function resume(ctx: Context, routine: string): Promise<number> {
  const resumed = await ctx.client.routines.resume({ routine });
  answer(ctx, resumed, (one) => routineSummary(ctx, one, 'Resumed'));
  return exitCodes.ok;
}

export async function remove(ctx: Context, routine: string): Promise<number> {
  const removed = await ctx.client.routines.remove({ routine });
  answer(ctx, removed, () => [`Removed ${routine}. Its runs, proposals and ledger rows stay.`]);
  return exitCodes.ok;
}

/** Now, or at an instant that the OS scheduler will fire. */
export async function run(ctx: Context, routine: string, flags: { at?: string }): Promise<number> {
  if (flags.at === undefined) {
    const started = await ctx.client.routines.run({ routine });
    answer(ctx, started, (one) => [`${one.run} is recorded.`, ctx.paint.typed(`  nightshift runs follow ${one.run}`)]);
    return exitCodes.ok;
  }
  const at = instantFrom(flags.at, ctx.clock.now());
  answer(ctx, await ctx.client.routines.fireAt({ routine, at }), (one) => {
    // In the routine's own zone, as the registration says it.
    const zone = one.spec?.timeZone ?? ctx.zone;
    const held = `${one.registration.state.replaceAll('_', ' ')}: ${registrationWords(ctx, one.registration)}`;
    return [`${one.id} is due at ${when(at, zone)} (${zone}).`, `  ${held}`];
  });
  return exitCodes.ok;
}

/** Why something, or nothing, happened at an instant. */
export async function why(ctx: Context, routine: string, at: string): Promise<number> {
  const answered = await ctx.client.routines.why({ routine, at: instantAround(at, ctx.clock.now()) });
  answer(ctx, answered, (one) => whyLines(ctx.paint, ctx.zone, one));
  return exitCodes.ok;
}

export async function pauseAll(ctx: Context, flags: { until?: string }): Promise<number> {
  const until = flags.until === undefined ? null : instantFrom(flags.until, ctx.clock.now());
  const paused = await ctx.client.routines.pauseAll({ until });
  answer(ctx, paused, (one) => [
    one.until
      ? `All routines are paused until ${when(one.until, ctx.zone)} (${ctx.zone}).`
      : 'All routines are paused.',
    '  nightshift routines resume-all',
  ]);
  return exitCodes.ok;
}

export async function resumeAll(ctx: Context): Promise<number> {
  answer(ctx, await ctx.client.routines.resumeAll(), () => ['No pause of all routines is on.']);
  return exitCodes.ok;
}

export interface LedgerFlags {
  state?: OccurrenceState;
  since?: string;
  limit?: number;
}

export async function ledger(ctx: Context, routine: string | undefined, flags: LedgerFlags): Promise<number> {
  const { state, limit } = flags;
  const since = flags.since === undefined ? undefined : instantBack(flags.since, ctx.clock.now());
  const rows = await ctx.client.routines.ledger({ routine, state, since, limit });
  const narrowed = state !== undefined || since !== undefined;
  if (rows.length === 0 && !narrowed) await mustExist(ctx, routine);
  answer(ctx, rows, (all) =>
    narrowed && all.length === 0 ? ['No row of the ledger is like that.'] : ledgerTable(ctx.paint, ctx.zone, all),
  );
  return exitCodes.ok;
}
