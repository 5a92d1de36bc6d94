/** `nightshift model …`: which model answers. The key comes from standard input only, and is never printed. */

import { resolve } from 'node:path';
import { facts } from '#cli/print/table.ts';
import { counted, duration } from '#cli/print/words.ts';
import { Fault } from '#contract/faults.ts';
import type { ModelStatus } from '#contract/host.ts';
import { rehearsalNotice } from '#contract/host.ts';
import type { Price } from '#contract/prices.ts';
import { type AccountLimits, rateWords } from '#contract/weather.ts';
import { toFault } from '#contract/wire-faults.ts';
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import { readSecret } from './read-secret.ts';
import type { Context } from './shell.ts';

export async function status(ctx: Context): Promise<number> {
  return told(ctx, await ctx.client.model.status());
}

export async function setKey(ctx: Context, flags: { passphraseFile?: string } = {}): Promise<number> {
  const key = (await readSecret(ctx, 'API key (not shown): ')).trim();
  if (!key)
    throw new Fault('input', 'No key came in on standard input.', {
      field: 'key',
      cure: 'Paste it when asked, or pipe it in: `nightshift model key < key-file`.',
    });
  const place = flags.passphraseFile ? { passphraseFile: resolve(ctx.cwd, flags.passphraseFile) } : {};
  const stored = await ctx.client.model.setKey({ key, ...place }).catch((error: unknown) => {
    throw withOtherPlace(error);
  });
  return told(ctx, stored);
}

/** A variable of this shell is of no use to the nights that the OS starts; on Linux there is a place that is. */
function withOtherPlace(error: unknown, platform = process.platform): unknown {
  const fault = toFault(error);
  if (fault.code !== 'vault.unavailable' || platform !== 'linux') return error;
  const place =
    'For nights that the OS starts, put ANTHROPIC_API_KEY=… into ~/.config/environment.d/nightshift.conf, readable for you alone (chmod 600), then run `systemctl --user daemon-reload`. Or choose an encrypted file: `nightshift model key --passphrase-file <path>`.';
  return new Fault(fault.code, fault.message, { cure: [fault.cure, place].filter(Boolean).join(' '), cause: error });
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

/** Over plain http the key and the repository's content could be read on the way, so it needs to be asked for. */
export async function setBaseUrl(ctx: Context, url: string, flags: { insecure?: boolean }): Promise<number> {
  const { isLoopback } = await import('#host/model/failures.ts');
  if (URL.parse(url)?.protocol === 'http:' && !isLoopback(url) && !flags.insecure)
    throw new Fault('input', `Over ${url} the key and what the agent reads would travel unencrypted.`, {
      field: 'url',
      cure: 'Give an https address, or add --insecure if the network on the way is your own.',
    });
  return told(ctx, await ctx.client.model.setBaseUrl({ url: url === 'default' ? null : url }));
}

export interface PriceFlags {
  input?: number;
  output?: number;
  cacheWrite?: number;
  cacheRead?: number;
  free?: boolean;
  forget?: boolean;
}

export async function setPrice(ctx: Context, model: string, flags: PriceFlags): Promise<number> {
  return told(ctx, await ctx.client.model.setPrice({ model, price: priceFrom(flags) }));
}

/** Null: to forget it. What a cache costs is never taken for less than it may be. */
function priceFrom({ input, output, cacheWrite, cacheRead, free, forget }: PriceFlags): Price | null {
  const said = [input, output, cacheWrite, cacheRead].some((each) => each !== undefined);
  if (Number(said) + Number(free ?? false) + Number(forget ?? false) !== 1)
    throw new Fault('input', 'Give prices, or --free, or --forget: one of the three.', {
      field: 'price',
      cure: 'For example: `nightshift model price some-model --input 1 --output 5`.',
    });
  if (forget) return null;
  if (free) return { input: 0, output: 0, cacheWrite: 0, cacheRead: 0 };
  if (input === undefined || output === undefined)
    throw new Fault('input', `The price of ${input === undefined ? 'the prompt' : 'the answer'} is missing.`, {
      field: input === undefined ? 'input' : 'output',
      cure: 'Give both --input and --output.',
    });
  return { input, output, cacheWrite: cacheWrite ?? input * 1.25, cacheRead: cacheRead ?? input };
}

function told(ctx: Context, value: ModelStatus): number {
  answer(ctx, value, (shown) =>
    facts(ctx.paint, [
      ['model', shown.auto],
      ['answers', shown.rehearsal ? ctx.paint.yellow(rehearsalNotice) : 'from the model'],
      ['key', shown.key],
      ['address', shown.baseUrl ?? 'default'],
      ...Object.entries(shown.ownPrices ?? {}).map(([id, price]): [string, string] => ['price', priceLine(id, price)]),
      ...(shown.limits ?? []).flatMap((limits) => limitLines(limits, Date.now())),
      ['note', ctx.paint.typed(shown.detail)],
    ]),
  );
  return exitCodes.ok;
}

function limitLines({ model, rates, closedUntil, waiting, seenAt }: AccountLimits, now: number): [string, string][] {
  const clock = (at: string) => new Date(at).toLocaleTimeString('en-GB');
  const seen = `as it said ${new Date(seenAt).toLocaleString('sv-SE')}`;
  const lines = rates.map((rate) => `${model}: ${rateWords(rate, now, clock)}, ${seen}`);
  if (closedUntil)
    lines.push(`${model}: limited, ${duration(Date.parse(closedUntil) - now)} left until ${closedUntil}`);
  if (waiting > 0) lines.push(`${model}: ${counted(waiting, 'request')} waiting`);
  return lines.map((line) => ['limit', line]);
}

function priceLine(id: string, { input, output, cacheWrite, cacheRead }: Price): string {
  if (input + output + cacheWrite + cacheRead === 0) return `${id}: nothing, as you said`;
  return `${id}: $${input} in, $${output} out, $${cacheWrite} cache write, $${cacheRead} cache read, per million tokens`;
}
