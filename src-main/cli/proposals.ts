/** `nightshift proposals …`: a person decides. */

import { decideWords, diffLines, landedWords, proposalDetails, proposalTable } from '#cli/print/proposals.ts';
import { counted, when } from '#cli/print/words.ts';
import { Fault } from '#contract/faults.ts';
import type { Comment, Proposal, ProposalState } from '#contract/proposals.ts';
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import type { Context } from './shell.ts';

export async function list(ctx: Context, flags: { state?: ProposalState; limit?: number }): Promise<number> {
  const all = await ctx.client.proposals.list({ state: flags.state, limit: flags.limit });
  answer(ctx, all, (shown) => proposalTable(ctx.paint, ctx.zone, shown));
  return exitCodes.ok;
}

/** With JSON: the proposal; with `--diff` also its patch, as `{ proposal, patch }`. */
export async function show(ctx: Context, id: string, flags: { diff?: boolean }): Promise<number> {
  const proposal = await ctx.client.proposals.get({ proposal: id });
  if (ctx.json && !flags.diff) {
    answer(ctx, proposal, () => []);
    return exitCodes.ok;
  }
  const { patch } = await ctx.client.proposals.diff({ proposal: id });
  answer(ctx, { proposal, patch }, (shown) => [
    ...proposalDetails(ctx.paint, ctx.zone, shown.proposal),
    '',
    ...diffLines(ctx.paint, shown.patch),
    ...(shown.proposal.state === 'open' ? ['', 'Decide:', ...decideWords(ctx.paint, shown.proposal)] : []),
  ]);
  return exitCodes.ok;
}

export interface ApproveFlags {
  into?: string;
  withFilesThatRun?: boolean;
}

export async function approve(ctx: Context, id: string, flags: ApproveFlags): Promise<number> {
  const { into, withFilesThatRun } = flags;
  const landed = await ctx.client.proposals.approve({ proposal: id, into, withFilesThatRun });
  answer(ctx, landed, (shown) => approvedLines(shown));
  return exitCodes.ok;
}

export function approvedLines(proposal: Proposal): string[] {
  return [`Approved ${proposal.id}: landed on ${landedWords(proposal)} in ${proposal.repository}.`];
}

export async function reject(ctx: Context, id: string, flags: { reason?: string }): Promise<number> {
  const rejected = await ctx.client.proposals.reject({ proposal: id, reason: flags.reason });
  answer(ctx, rejected, (shown) => [
    `Rejected ${shown.id}. The branch ${shown.branch} is kept${shown.pruneAt ? ` until ${when(shown.pruneAt, ctx.zone)}` : ''}.`,
  ]);
  return exitCodes.ok;
}

export async function revise(ctx: Context, id: string, flags: { comment: string[] }): Promise<number> {
  const comments = flags.comment.map(commentFrom);
  const revising = await ctx.client.proposals.revise({ proposal: id, comments });
  answer(ctx, revising, (shown) => [
    `Sent ${counted(comments.length, 'comment')} back to ${shown.run}; a new revision of ${shown.id} follows.`,
    ctx.paint.typed(`  nightshift runs follow ${shown.run}`),
  ]);
  return exitCodes.ok;
}

/** `src/file.js:12: text` is about a line, `src/file.js: text` about a file, anything else about the whole. */
export function commentFrom(text: string): Comment {
  const about = /^(?<path>[^\s:]+\.[^\s:./]+)(?::(?<line>\d{1,7}))?:\s+(?<rest>\S.*)$/s.exec(text)?.groups;
  if (!about?.rest || !about.path) return { text: filled(text) };
  return { text: about.rest, path: about.path, ...(about.line && { line: Number(about.line) }) };
}

function filled(text: string): string {
  if (text.trim()) return text.trim();
  throw new Fault('input', 'The comment is empty.', { field: 'comments', cure: 'Say what should be different.' });
}
