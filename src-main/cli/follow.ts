/** Follows the event log through the death of a host: each event once and in order, whoever serves it. */
import type { ApiClient } from '#contract/api.ts';
import type { StreamItem } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import type { Run } from '#contract/runs.ts';
import { reduceRun } from '#contract/state.ts';
import { toFault } from '#contract/wire-faults.ts';
import type { Context } from './shell.ts';

/** Attachments in a row that may end without having sent anything new. */
const fruitless = 5;

interface Range {
  /** Sequence number of the last event already seen. */
  after: number;
  run?: string | undefined;
}

/**
 * Yields what `events.follow` yields, for ever; the consumer breaks off. When the host goes away it attaches again and
 * goes on after the last event seen. Throws `host.unreachable` when that fails time after time, and what aborts `signal`.
 */
export async function* follow(ctx: Context, range: Range, signal = ctx.signal): AsyncGenerator<StreamItem, never> {
  let last = range.after;
  for (let failures = 0; failures < fruitless; failures += 1) {
    const { link } = ctx;
    try {
      const stream = await link.client.events.follow({ after: last, run: range.run }, { signal });
      for await (const item of stream) {
        if (item.kind === 'event' && item.event.seq <= last) continue;
        if (item.kind === 'event') last = item.event.seq;
        if (item.kind === 'caught_up') last = Math.max(last, item.seq);
        failures = 0;
        yield item;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (toFault(error).code !== 'host.unreachable') throw error;
    }
    signal.throwIfAborted();
    ctx.tell(ctx.paint.yellow(`The host went away after event ${last}; attaching again.`));
    await ctx.reattach(link);
  }
  throw new Fault('host.unreachable', 'The host went away again and again.', {
    cure: 'Run `nightshift doctor`; the host says why in its log.',
  });
}

/** Asks again, once, when the host went away meanwhile. For questions, and for requests that may be repeated. */
export async function steady<T>(ctx: Context, ask: (client: ApiClient) => Promise<T>): Promise<T> {
  const { link } = ctx;
  try {
    return await ask(link.client);
  } catch (error) {
    ctx.signal.throwIfAborted();
    if (toFault(error).code !== 'host.unreachable') throw error;
    await ctx.reattach(link);
    return await ask(ctx.client);
  }
}

interface Watch extends Range {
  run: string;
  onItem?: (item: StreamItem) => void;
}

/** The run as it is when it is over, or waits for a person. A run that is being revised counts as going on. */
export async function untilOver(ctx: Context, { after, run: id, onItem }: Watch): Promise<Run> {
  let run: Run | undefined = after > 0 ? await steady(ctx, (client) => client.runs.get({ run: id })) : undefined;
  let live = false;
  for await (const item of follow(ctx, { after, run: id })) {
    onItem?.(item);
    if (item.kind === 'event') run = reduceRun(run, item.event);
    // The log of a revised run holds an earlier end: only the present state counts.
    if (item.kind === 'caught_up') live = true;
    if (live && (run?.state === 'ended' || run?.parkedOn))
      return await steady(ctx, (client) => client.runs.get({ run: id }));
  }
  throw new Error('the event stream ended without an error');
}
