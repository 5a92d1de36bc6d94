/** `nightshift memory …`: what runs remember of a repository, changing it, and deciding about what they offer. */
import { resolve } from 'node:path';
import { topOf } from '#cli/permissions/project-top.ts';
import { memoryTable } from '#cli/print/memory.ts';
import { forTerminal } from '#cli/print/paint.ts';
import { longestMemory, type Memory } from '#contract/memory.ts';
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import type { Context } from './shell.ts';
import { textFrom } from './text-input.ts';

interface Flags {
  repository?: string;
}

const placeOf = (ctx: Context, { repository }: Flags) =>
  repository === undefined ? topOf(ctx.cwd) : resolve(ctx.cwd, repository);

function told(ctx: Context, memory: Memory): number {
  answer(ctx, memory, (shown) => memoryTable(ctx.paint, forTerminal(shown)));
  return exitCodes.ok;
}

/** The list, or one file. */
export async function show(ctx: Context, file: string | undefined, flags: Flags): Promise<number> {
  const repository = placeOf(ctx, flags);
  if (file === undefined) return told(ctx, await ctx.client.memory.get({ repository }));
  answer(ctx, await ctx.client.memory.read({ repository, file }), ({ text }) => [forTerminal(text)]);
  return exitCodes.ok;
}

export async function edit(ctx: Context, file: string, flags: Flags & { text: string }): Promise<number> {
  const text = await textFrom(flags.text, ctx, { what: 'text', field: 'text', most: longestMemory });
  return told(ctx, await ctx.client.memory.write({ repository: placeOf(ctx, flags), file, text, door: 'terminal' }));
}

export async function forget(ctx: Context, file: string, flags: Flags): Promise<number> {
  const repository = placeOf(ctx, flags);
  await ctx.client.memory.read({ repository, file });
  return told(ctx, await ctx.client.memory.write({ repository, file, text: null, door: 'terminal' }));
}

export async function decide(ctx: Context, offer: number, take: boolean, flags: Flags): Promise<number> {
  return told(ctx, await ctx.client.memory.decide({ repository: placeOf(ctx, flags), offer, take, door: 'terminal' }));
}
