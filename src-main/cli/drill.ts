/** `nightshift drill`: breaks a scratch profile in every way a night can, and says line by line whether the account held. */

import { forTerminal } from '#cli/print/paint.ts';
import type { DrillResult } from '#contract/drill.ts';
import { exitCodes } from './exit-codes.ts';
import type { Context } from './shell.ts';

/** Fails when one fault did not hold; a skipped one passes, by name and with its reason. */
export async function drill(ctx: Context): Promise<number> {
  const results: DrillResult[] = [];
  const { client } = ctx;
  for await (const item of await client.drill.run(undefined, { signal: ctx.signal })) {
    if (item.kind === 'began') {
      if (ctx.err.isTTY && !ctx.json) ctx.err.write(`${forTerminal(`${item.fault}: ${item.done} …`)}\n`);
      continue;
    }
    results.push(item.result);
    if (!ctx.json) ctx.out.write(`${lineOf(ctx, forTerminal(item.result))}\n`);
  }
  const of = (state: DrillResult['state']) => results.filter((each) => each.state === state).length;
  const [held, failed, skipped] = [of('held'), of('failed'), of('skipped')];
  if (ctx.json) ctx.out.write(`${JSON.stringify({ held, failed, skipped, results }, null, 2)}\n`);
  else ctx.out.write(`${held} held, ${failed} failed, ${skipped} skipped.\n`);
  return failed > 0 || held === 0 ? exitCodes.failed : exitCodes.ok;
}

function lineOf({ paint }: Context, result: DrillResult): string {
  const { fault, state, done, expected, happened, evidence, problems, milliseconds } = result;
  const name = fault.padEnd(14);
  if (state === 'skipped') return `${paint.yellow('SKIPPED')}  ${name}  ${done}. Reason: ${happened}`;
  const mark = state === 'held' ? paint.green('held   ') : paint.red('FAILED ');
  const found = problems.length > 0 ? `Not as expected: ${problems.join('; ')}. ` : '';
  const words = `Done: ${done}. Expected: ${expected}. Happened: ${happened}. ${found}`;
  return `${mark}  ${name}  ${words}Evidence: ${evidence.join(' | ')} (${(milliseconds / 1000).toFixed(1)} s)`;
}
