/** A model that nobody knows the price of is told of once, whichever runs ask it, until something about its price changes. */
import type { Models, ResolvedModel } from '#core/ports.ts';
import type { Store, Writer } from '#core/store/event-log.ts';

/** `run` is known to the store. Nothing where the price is known, or where the same was said before, put away or not. */
export function alertOfPrice(store: Store, writer: Writer, run: string, { priceNotice }: ResolvedModel): void {
  if (priceNotice !== undefined) alertOfPrices(store, writer, run, [priceNotice]);
}

/** The same of others that had a part in its answers. `notices`: as `ResolvedModel.priceNotice`. */
export function alertOfPrices(store: Store, writer: Writer, run: string, notices: readonly string[]): void {
  for (const text of new Set(notices))
    if (!wasSaid(store, text))
      writer.append({ type: 'alert.raised', about: run, routine: store.read.run(run)?.routine ?? null, text });
}

/** A person has taken a price back: what was said of the model before it had one is true again, and news. */
export async function takePriceBack(store: Store, models: Models, model: string): Promise<void> {
  const had = (await models.priceNotice(model)) === null;
  await models.setPrice(model, null);
  const text = had ? await models.priceNotice(model) : null;
  if (text !== null && wasSaid(store, text))
    store.commit((writer) => writer.append({ type: 'alert.raised', about: null, routine: null, text }));
}

const wasSaid = (store: Store, notice: string): boolean =>
  store.read.alerts({ open: false, limit: Number.MAX_SAFE_INTEGER }).some(({ text }) => text === notice);
