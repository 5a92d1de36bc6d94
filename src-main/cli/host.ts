/** `nightshift host …`: the process that owns the data directory. */

import { alertLines } from '#cli/print/alerts.ts';
import { facts } from '#cli/print/table.ts';
import { modelWords, when } from '#cli/print/words.ts';
import { Fault } from '#contract/faults.ts';
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import type { Context } from './shell.ts';

/** Of the newest; more of them would hide the rest. */
const firstAlerts = 5;

/** Milliseconds in which a host that said yes has to be gone. */
const goneWithin = 15_000;

export async function status(ctx: Context): Promise<number> {
  const [host, alerts] = await Promise.all([ctx.client.host.status(), ctx.client.alerts.list({ limit: 1000 })]);
  answer(ctx, { ...host, alerts }, (shown) => [
    ...facts(ctx.paint, [
      ['version', shown.version],
      ['process', `${shown.pid}, since ${when(shown.startedAt, ctx.zone)}`],
      ['data', shown.dataDirectory],
      ['runs', `${shown.activeRuns} active`],
      ['proposals', `${shown.openProposals} open`],
      ['clients', String(shown.clients)],
      ['model', modelWords({ model: shown.model.auto, rehearsal: shown.model.rehearsal })],
      ['events', String(shown.seq)],
      ['alerts', shown.alerts.length > 0 ? ctx.paint.yellow(`${shown.alerts.length} not put away`) : 'none'],
    ]),
    ...alertLines(ctx.paint, ctx.zone, shown.alerts.slice(0, firstAlerts)),
    ...(shown.alerts.length > firstAlerts ? [ctx.paint.typed('All of them: `nightshift alerts list`')] : []),
  ]);
  return exitCodes.ok;
}

/** Answers when the host is gone, so that what comes next in a script finds none. */
export async function stop(ctx: Context, flags: { force?: boolean }): Promise<number> {
  const { closed, hostPid } = ctx.link;
  const stopped = await ctx.client.host.stop({ force: flags.force ?? false });
  const late = Promise.withResolvers<'late'>();
  const cancel = ctx.clock.after(goneWithin, () => late.resolve('late'));
  const how = await Promise.race([closed, late.promise]);
  cancel();
  if (how === 'late')
    throw new Fault(
      'host.busy',
      `The host (process ${hostPid}) has not ended ${goneWithin / 1000} s after it agreed to.`,
      {
        cure: 'Look at its log; `nightshift host stop --force` leaves active runs to the next host.',
      },
    );
  answer(ctx, stopped, () => [`The host (process ${hostPid}) has stopped.`]);
  return exitCodes.ok;
}
