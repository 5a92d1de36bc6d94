/** Lets the operating system's timer fire a routine a few seconds from now; when it does not, says so and fires itself. */

import { forTerminal } from '#cli/print/paint.ts';
import { duration, when } from '#cli/print/words.ts';
import { Fault } from '#contract/faults.ts';
import type { Occurrence } from '#contract/ledger.ts';
import { follow, steady } from './follow.ts';
import type { Context } from './shell.ts';

/** Milliseconds from now to the due instant: enough to register with the scheduler. */
const lead = 5000;
/** Milliseconds after the due instant in which the OS timer has to have fired. */
const patience = 20_000;

interface Alarm {
  routine: string;
  dueAt: string;
}

/** The run that came of it. Throws `conflict` with the ledger's reason when the occurrence did not become a run. */
export async function fireByAlarm(ctx: Context, routine: string): Promise<string> {
  const { seq } = await steady(ctx, (client) => client.host.status());
  // Whole seconds: that is how finely the schedulers count.
  const dueAt = new Date(Math.ceil((ctx.clock.now() + lead) / 1000) * 1000).toISOString();
  const { registration } = await steady(ctx, (client) => client.routines.fireAt({ routine, at: dueAt }));
  const held = registration.state === 'registered';
  ctx.tell(
    `Due at ${when(dueAt, ctx.zone)}. The operating system holds: ${ctx.paint.typed(forTerminal(registration.detail))}`,
  );
  if (!held)
    ctx.tell(
      ctx.paint.yellow(`No OS timer will fire it (${registration.state}); at that instant it is fired from here.`),
    );

  const failed = new AbortController();
  const wait = Date.parse(dueAt) - ctx.clock.now() + (held ? patience : 0);
  const cancel = ctx.clock.after(wait, () => {
    if (held)
      ctx.tell(
        ctx.paint.yellow(`The OS timer has not fired ${patience / 1000} s after the due instant; firing from here.`),
      );
    fireByHand(ctx, { routine, dueAt }).catch((error: unknown) => failed.abort(error));
  });
  try {
    return await untilClaimed(ctx, { routine, dueAt }, seq, failed.signal);
  } finally {
    cancel();
  }
}

/** Follows the log until the ledger has claimed the occurrence for a run. */
async function untilClaimed(ctx: Context, alarm: Alarm, after: number, failed: AbortSignal): Promise<string> {
  const signal = AbortSignal.any([ctx.signal, failed]);
  for await (const item of follow(ctx, { after }, signal)) {
    if (item.kind !== 'event') continue;
    const { event } = item;
    if (event.type === 'occurrence.settled' && isOurs(event, alarm)) refuseRunless({ ...event, run: null });
    if (event.type !== 'occurrence.claimed' || event.routine !== alarm.routine) continue;
    const row = event.occurrence;
    if (isOurs(row, alarm)) refuseRunless(row);
    if (row.run === null) continue;
    ctx.tell(`Fired: claimed once in the ledger by ${row.claimedBy}, ${latenessWords(row)} it was due.`);
    return row.run;
  }
  throw new Error('the event stream ended without an error');
}

/** A timer may fire a moment early by its own clock. */
function latenessWords({ claimedAt, dueAt }: Occurrence): string {
  const late = Date.parse(claimedAt) - Date.parse(dueAt);
  return late < 0 ? `${duration(-late)} before` : `${duration(late)} after`;
}

/** What `nightshift due` does. Throws when the ledger shows that no run comes of it. */
async function fireByHand(ctx: Context, alarm: Alarm): Promise<void> {
  const { routine } = alarm;
  await steady(ctx, (client) => client.due({ by: 'cli', routine }));
  const rows = await steady(ctx, (client) => client.routines.ledger({ routine }));
  const row = rows.find((each) => isOurs(each, alarm));
  if (!row)
    throw new Fault('conflict', `The ledger has no row for ${alarm.dueAt}, so nothing was run.`, {
      cure: 'Run `nightshift doctor`, then the demo again.',
    });
  refuseRunless(row);
}

/** An instant folded into another one comes to a run as well, so `coalesced` is waited for. */
function refuseRunless({ state, reason, run }: Pick<Occurrence, 'state' | 'reason' | 'run'>): void {
  if (run !== null || !['skipped', 'blocked', 'lost'].includes(state)) return;
  throw new Fault('conflict', `The occurrence was ${state}: ${reason ?? 'no reason was recorded'}.`, {
    cure: 'Run the demo again; `nightshift routines ledger` shows the account.',
  });
}

function isOurs(row: { routine: string; dueAt: string }, { routine, dueAt }: Alarm): boolean {
  return row.routine === routine && row.dueAt === dueAt;
}
