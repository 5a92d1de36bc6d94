/** `nightshift runs say`, `interrupt`, `fork`, `rewind`, `bundle` and `take`: a person talks to a session and takes it where it is wanted. */

import { open, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Fault } from '#contract/faults.ts';
import { longestPrompt } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import type { Context } from './shell.ts';
import { textFrom } from './text-input.ts';

const door = 'terminal' as const;

export async function say(ctx: Context, run: string, value: string, interrupt: boolean): Promise<number> {
  const text = await textFrom(value, ctx, { what: 'text', field: 'text', most: longestPrompt });
  const told = await ctx.client.runs.say({ run, text, interrupt, door });
  answer(ctx, told, (shown) => [heard(shown, interrupt), ctx.paint.typed(`  nightshift runs follow ${run}`)]);
  return exitCodes.ok;
}

function heard({ id, session, held, unheard = 0 }: Run, interrupt: boolean): string {
  if (session === 'needs_input') return `${id} is told when its question is answered.`;
  if (held) return `${id} is told when the limit of its account has lifted.`;
  if (interrupt) return `${id} stops what it does, and goes on with that.`;
  return unheard > 0 ? `${id} is told at the next clean point.` : `${id} goes on with that.`;
}

export async function fork(ctx: Context, run: string, flags: { atTurn?: number; prompt?: string }): Promise<number> {
  const made = await ctx.client.runs.fork({ run, atTurn: flags.atTurn, ...(await promptFrom(ctx, flags)) });
  answer(ctx, made, (shown) => [
    `${shown.run} goes on from ${run}${flags.atTurn ? `, turn ${flags.atTurn}` : ''}.`,
    ctx.paint.typed(`  nightshift runs follow ${shown.run}`),
  ]);
  return exitCodes.ok;
}

export async function rewind(ctx: Context, run: string, flags: { toTurn: number; prompt?: string }): Promise<number> {
  const back = await ctx.client.runs.rewind({ run, toTurn: flags.toTurn, ...(await promptFrom(ctx, flags)), door });
  answer(ctx, back, (shown) => [
    `${run} is back at turn ${flags.toTurn}, with the files of then.`,
    ...(shown.session === 'idle'
      ? ['  It waits for your words:', ctx.paint.typed(`  nightshift runs say ${run} '…'`)]
      : [ctx.paint.typed(`  nightshift runs follow ${run}`)]),
  ]);
  return exitCodes.ok;
}

/** The file is there before anything is asked for: a place that cannot be written costs the session nothing. */
export async function bundle(ctx: Context, run: string, to: string): Promise<number> {
  const file = resolve(ctx.cwd, to);
  const handle = await open(file, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    const cure = error.code === 'EEXIST' ? 'Choose a name that is free.' : 'Choose a place that you can write.';
    throw new Fault('input', `${file} cannot be written (${error.code}).`, { field: 'out', cure });
  });
  try {
    const { text, sha256 } = await ctx.client.runs.handOver({ run, door });
    await handle.writeFile(text);
    await handle.sync();
    answer(ctx, { file, sha256, bytes: Buffer.byteLength(text) }, (made) => [
      `${made.file}: ${made.bytes} bytes; ${run} goes on elsewhere, and never here again.`,
      ctx.paint.typed(`  nightshift runs take ${made.file} --repo <dir>`),
    ]);
    return exitCodes.ok;
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

export async function take(ctx: Context, file: string, flags: { repo: string; prompt?: string }): Promise<number> {
  const [from, repository] = [resolve(ctx.cwd, file), resolve(ctx.cwd, flags.repo)];
  const taken = await ctx.client.runs.take({ file: from, repository, ...(await promptFrom(ctx, flags)) });
  answer(ctx, taken, (shown) => [
    `${shown.run} goes on from ${file}.`,
    ctx.paint.typed(`  nightshift runs follow ${shown.run}`),
  ]);
  return exitCodes.ok;
}

async function promptFrom(ctx: Context, { prompt }: { prompt?: string }): Promise<{ prompt?: string }> {
  return prompt === undefined
    ? {}
    : { prompt: await textFrom(prompt, ctx, { what: 'prompt', field: 'prompt', most: longestPrompt }) };
}
