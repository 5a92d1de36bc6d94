/** A run by a model that nobody knows the price of says so, once. */
import type { ResolvedModel } from '#core/ports.ts';
import type { Store, Writer } from '#core/store/event-log.ts';

/** `run` is known to the store. Nothing where the price is known, or where the run has said it before. */
export function alertOfPrice(store: Store, writer: Writer, run: string, { priceNotice }: ResolvedModel): void {
  if (priceNotice === undefined) return;
  const raised = store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER });
  if (raised.some((event) => event.type === 'alert.raised' && event.text === priceNotice)) return;
  const routine = store.read.run(run)?.routine ?? null;
  writer.append({ type: 'alert.raised', about: run, routine, text: priceNotice });
}
