/** `nightshift doctor`: can this machine do a night's work, and if not, what to do about it. */
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import type { Context } from './shell.ts';

/** Fails when a check failed; warnings pass. */
export async function doctor(ctx: Context, flags: { fix?: boolean; sandbox?: boolean } = {}): Promise<number> {
  const checks = await ctx.client.host.doctor({ fix: flags.fix ?? false, sandbox: flags.sandbox ?? false });
  const { paint } = ctx;
  const marks = { ok: paint.green('ok     '), warning: paint.yellow('warning'), failed: paint.red('failed ') };
  answer(ctx, checks, (shown) => {
    const wide = Math.min(widestName, Math.max(0, ...shown.map((check) => check.name.length)));
    return shown.flatMap((check) => [
      `${marks[check.state]}  ${check.name.padEnd(wide)}  ${paint.typed(check.detail)}`,
      ...packed(check.items ?? []).map((line) => `${' '.repeat(9)}${' '.repeat(wide)}  ${line}`),
      ...(check.cure ? [`${' '.repeat(9)}${' '.repeat(wide)}  cure: ${paint.typed(check.cure)}`] : []),
    ]);
  });
  return checks.some((check) => check.state === 'failed') ? exitCodes.failed : exitCodes.ok;
}

/** Characters; a longer name pushes only its own detail aside. */
const widestName = 48;

/** Characters of one line, beside what stands before it. */
const widest = 88;

/** As many to a line as have room; none is broken. */
function packed(items: string[]): string[] {
  const packs: string[] = [];
  for (const item of items) {
    const longer = `${packs.at(-1)} · ${item}`;
    if (packs.length > 0 && longer.length <= widest) packs[packs.length - 1] = longer;
    else packs.push(item);
  }
  return packs;
}
