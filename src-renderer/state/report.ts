/** What a run without a change ended with: a report, a line, or a rehearsal that ran out. */
import type { Run } from '#contract/runs.ts';

/** From here on words are more than a remark. Characters. */
const longFrom = 280;

type Ended = Pick<Run, 'outcome' | 'reason'> & { permissionMode?: Run['permissionMode'] };

/** True: its last words are what the run was for. A run that may only read can leave nothing else. */
export function isReport({ outcome, reason, permissionMode }: Ended): boolean {
  if (outcome !== 'nothing_to_propose' || reason?.code !== 'nothing_changed') return false;
  if (!reason.message.trim() || rehearsalEnd(reason.message) !== null) return false;
  return permissionMode === 'plan' || reason.message.length > longFrom;
}

/** What the rehearsal model says in place of an answer, without its advice for a terminal; null for anybody's other words. */
export function rehearsalEnd(text: string): string | null {
  if (!text.startsWith('This is the rehearsal model: ')) return null;
  const advice = text.search(/\s*(Add|Store) a key\b/);
  return advice < 0 ? text : text.slice(0, advice);
}

/** The first line of Markdown as plain words, at most 160 characters. */
export function summary(text: string): string {
  const line = text.split('\n').find((one) => /[\p{L}\p{N}]/u.test(one)) ?? '';
  const plain = line.replace(/^[\s#>*+-]+|[*`]|__/gu, '').trim();
  return plain.length > 160 ? `${plain.slice(0, 159).trimEnd()}…` : plain;
}

/** The first blocks of Markdown up to about `length` characters, none of them cut in two. */
export function opening(text: string, length: number): { text: string; cut: boolean } {
  const blocks = text.trim().split(/\n{2,}/);
  let taken = blocks[0] ?? '';
  let next = 1;
  const inFence = () => (taken.match(/^\s*(```|~~~)/gm)?.length ?? 0) % 2 === 1;
  for (; next < blocks.length && (taken.length < length || inFence()); next += 1) taken += `\n\n${blocks[next]}`;
  return { text: taken, cut: next < blocks.length };
}
