/** `nightshift model list`: what the address offers, what each holds, can do and costs, and which leave. */
import { table } from '#cli/print/table.ts';
import type { KnownModel, ModelList } from '#contract/models.ts';
import { visible } from '#contract/visible.ts';
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import type { Context } from './shell.ts';

export async function list(ctx: Context): Promise<number> {
  answer(ctx, await ctx.client.model.list({ ask: true }), (shown) => lines(ctx, shown));
  return exitCodes.ok;
}

function lines({ paint }: Context, { auto, models, detail }: ModelList): string[] {
  const rows = models.map((model) => [
    model.id === auto ? paint.bold(visible(model.id)) : visible(model.id),
    size(model.window),
    size(model.maxAnswer),
    model.prices.map(priceWords).join('; ') || 'not known',
    model.can.join(', ') || '–',
    stands(model),
  ]);
  const head = ['MODEL', 'HOLDS', 'ANSWERS', 'IN / OUT PER MILLION', 'CAN', 'STANDS'];
  const shown = rows.length > 0 ? table(paint, head, rows) : [];
  return [...shown, paint.dim(`auto means ${visible(auto)}. ${visible(detail)}`)];
}

function size(tokens: number | null): string {
  if (tokens === null) return '–';
  return tokens >= 1_000_000 ? `${tokens / 1e6}M` : `${Math.round(tokens / 1000)}k`;
}

function priceWords({ upTo, price: { input, output } }: KnownModel['prices'][number]): string {
  const price = input + output === 0 ? 'nothing' : `$${input} / $${output}`;
  return upTo === null ? price : `${price} up to ${size(upTo)}`;
}

function stands({ lifecycle, retiresAt, successor }: KnownModel): string {
  if (lifecycle === 'active') return 'active';
  const when = retiresAt ? ` ${retiresAt.slice(0, 10)}` : '';
  const next = successor ? `, then ${visible(successor)}` : '';
  return lifecycle === 'retired'
    ? `retired${when}${successor ? `, use ${visible(successor)}` : ''}`
    : `leaves${when}${next}`;
}
