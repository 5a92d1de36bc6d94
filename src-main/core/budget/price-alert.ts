/** A run by a model that nobody knows the price of says so, once. */
import type { ResolvedModel } from '#core/ports.ts';
import type { Store, Writer } from '#core/store/event-log.ts';

/** `run` is known to the store. Nothing where the price is known, or where the run has said it before. */
export function alertOfPrice(store: Store, writer: Writer, run: string, { priceNotice }: ResolvedModel): void {
  if (priceNotice !== undefined) alertOfPrices(store, writer, run, [priceNotice]);
}

/** The same of others that had a part in its answers. `notices`: as `ResolvedModel.priceNotice`. */
export function alertOfPrices(store: Store, writer: Writer, run: string, notices: readonly string[]): void {
  if (notices.length === 0) return;
  const raised = store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER });
  const said = new Set(raised.flatMap((event) => (event.type === 'alert.raised' ? [event.text] : [])));
  const routine = store.read.run(run)?.routine ?? null;
  for (const text of notices) if (!said.has(text)) writer.append({ type: 'alert.raised', about: run, routine, text });
}
