/** `nightshift model …`: which model answers. The key comes from standard input only, and is never printed. */

import { facts } from '#cli/print/table.ts';
import { Fault } from '#contract/faults.ts';
import type { ModelStatus } from '#contract/host.ts';
import { rehearsalNotice } from '#contract/host.ts';
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import { readSecret } from './read-secret.ts';
import type { Context } from './shell.ts';

export async function status(ctx: Context): Promise<number> {
  return told(ctx, await ctx.client.model.status());
}

export async function setKey(ctx: Context): Promise<number> {
  const key = (await readSecret(ctx, 'API key (not shown): ')).trim();
  if (!key)
    throw new Fault('input', 'No key came in on standard input.', {
      field: 'key',
      cure: 'Paste it when asked, or pipe it in: `nightshift model key < key-file`.',
    });
  return told(ctx, await ctx.client.model.setKey({ key }));
}

/** The refusal when something was typed after `model key`: other users can read it, and the shell keeps it. */
export function keyOnCommandLine(): Fault {
  return new Fault('input', 'A key is never taken from the command line, where other users can read it.', {
    field: 'key',
    cure: 'Run `nightshift model key` and paste it when asked, or pipe it in. If that was a key, replace it: the shell keeps it.',
  });
}

export async function forget(ctx: Context): Promise<number> {
  return told(ctx, await ctx.client.model.forgetKey());
}

export async function setBaseUrl(ctx: Context, url: string): Promise<number> {
  return told(ctx, await ctx.client.model.setBaseUrl({ url: url === 'default' ? null : url }));
}

function told(ctx: Context, value: ModelStatus): number {
  answer(ctx, value, (shown) =>
    facts(ctx.paint, [
      ['model', shown.auto],
      ['answers', shown.rehearsal ? ctx.paint.yellow(rehearsalNotice) : 'from the model'],
      ['key', shown.key],
      ['address', shown.baseUrl ?? 'default'],
      ['note', shown.detail],
    ]),
  );
  return exitCodes.ok;
}
