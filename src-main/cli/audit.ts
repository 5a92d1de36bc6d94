/** `nightshift audit …`: what runs did, and whether the account of it is as it was written. */
import { open, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { recordTable, verdictLines } from '#cli/print/audit.ts';
import type { AuditBreak, AuditDecision, AuditVerdict } from '#contract/audit.ts';
import { Fault } from '#contract/faults.ts';
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import { instantBack } from './instant-input.ts';
import type { Context } from './shell.ts';
import { readAll } from './text-input.ts';

export interface VerifyFlags {
  run?: string;
  file?: string;
  trailers?: string;
}

export interface ShowFlags {
  decision?: AuditDecision;
  after?: number;
  limit?: number;
}

export async function verify(ctx: Context, { run, trailers }: VerifyFlags): Promise<number> {
  const verdict = await ctx.client.audit.verify({ run });
  if (trailers !== undefined) await addTrailers(ctx, verdict, run, await textOf(ctx, trailers));
  answer(ctx, verdict, (shown) => verdictLines(ctx.paint, shown));
  return verdict.ok ? exitCodes.ok : exitCodes.failed;
}

async function textOf(ctx: Context, file: string): Promise<string> {
  if (file === '-') return readAll(ctx.stdin);
  return readFile(resolve(ctx.cwd, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Fault('input', `${file} cannot be read (${error.code}).`, { field: 'trailers', cure: 'Check the path.' });
  });
}

/** What a commit says about a chain must stand in the chain. */
async function addTrailers(ctx: Context, verdict: AuditVerdict, only: string | undefined, text: string): Promise<void> {
  for (const [, run = '', number = '', hash = ''] of text.matchAll(trailer)) {
    if (only !== undefined && run !== only) continue;
    const seq = Number(number);
    const broken = await witness(ctx, run, seq, hash);
    if (broken && !verdict.breaks.some((known) => known.run === run && known.seq <= seq)) verdict.breaks.push(broken);
  }
  verdict.ok = verdict.breaks.length === 0;
  verdict.first = verdict.breaks[0] ?? null;
}

const trailer = /^Nightshift-Audit: (run-[0-9a-z]{8,24}) ([1-9]\d{0,14}) ([0-9a-f]{64})$/gm;

/** A run of another data directory is nobody's business here. */
async function witness(ctx: Context, run: string, seq: number, hash: string): Promise<AuditBreak | null> {
  const records = await ctx.client.audit.records({ run, after: seq - 1, limit: 1 }).catch(() => null);
  if (records === null || records[0]?.hash === hash) return null;
  if (records[0]?.seq !== seq) {
    const { pruned } = await ctx.client.audit.verify({ run });
    return pruned ? null : { run, seq, kind: 'truncated', detail: 'A commit names this record, and it is not there.' };
  }
  return { run, seq, kind: 'changed', detail: 'A commit names another hash for this record.' };
}

export async function show(ctx: Context, run: string, flags: ShowFlags): Promise<number> {
  const { after, decision, limit } = flags;
  const records = await ctx.client.audit.records({ run, after, decision, limit });
  answer(ctx, records, (all) => recordTable(ctx.paint, ctx.zone, all));
  return exitCodes.ok;
}

/** An existing file is never written over. */
export async function exportTo(ctx: Context, flags: { run?: string; to: string }): Promise<number> {
  const file = resolve(ctx.cwd, flags.to);
  const stream = await ctx.client.audit.export({ run: flags.run }, { signal: ctx.signal });
  const handle = await open(file, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    const cure = error.code === 'EEXIST' ? 'Choose a name that is free.' : 'Choose a place that you can write.';
    throw new Fault('input', `${file} cannot be written (${error.code}).`, { field: 'to', cure });
  });
  let written = 0;
  try {
    for await (const { line } of stream) {
      await handle.writeFile(`${line}\n`);
      written += 1;
    }
  } finally {
    await handle.close();
  }
  answer(ctx, { file, lines: written }, (made) => [`${made.file}: ${made.lines} lines`]);
  return exitCodes.ok;
}

export async function prune(ctx: Context, flags: { before: string }): Promise<number> {
  const done = await ctx.client.audit.prune({ before: instantBack(flags.before, ctx.clock.now()) });
  answer(ctx, done, ({ pruned }) => [`Records of ${pruned.length} runs deleted; the ends of their chains are kept.`]);
  return exitCodes.ok;
}
