/** Looks up what a grader names as evidence: the line of the file, the command that was run and what it printed. */
import type { Criterion, Evidence } from '#contract/aims.ts';
import { flat } from '#core/goal/shown.ts';
import type { Hands } from '#core/ports.ts';
import type { Graded, Heard } from './grader.ts';

/** For the record: more of a criterion, or longer words, nobody reads. */
const [mostShown, longestQuote] = [3, 300];

type Claimed = Graded['grade']['criteria'][number]['evidence'][number];

/**
 * The criteria with only the evidence that is there. What is called satisfied without any, and what the grader has
 * left out, could not be checked. `hands` of the checkout that was graded.
 */
export async function upheld(
  criteria: readonly string[],
  { grade, heard }: Graded,
  hands: Hands,
): Promise<Criterion[]> {
  const found: Criterion[] = [];
  for (const [at, text] of criteria.entries()) {
    const given = grade.criteria.find(({ number }) => number === at + 1);
    const evidence: Evidence[] = [];
    for (const claimed of given?.evidence ?? []) {
      const held = await lookUp(claimed, heard, hands);
      if (held) evidence.push(held);
    }
    const shown = evidence.slice(0, mostShown).map((one) => ({ ...one, quote: one.quote.slice(0, longestQuote) }));
    found.push({ text, by: 'grader', evidence: shown, ...verdictOf(given, evidence) });
  }
  return found;
}

function verdictOf(
  given: Graded['grade']['criteria'][number] | undefined,
  evidence: readonly Evidence[],
): Pick<Criterion, 'verdict' | 'reason'> {
  if (!given) return { verdict: 'could_not_check', reason: 'The grader said nothing of it.' };
  const { verdict, reason } = given;
  if (verdict !== 'satisfied' || evidence.length > 0) return { verdict, reason };
  const why = given.evidence.length > 0 ? 'Its evidence is not there' : 'It came without evidence';
  return { verdict: 'could_not_check', reason: `${why}. The grader called it satisfied: ${reason}` };
}

async function lookUp(claimed: Claimed, heard: readonly Heard[], hands: Hands): Promise<Evidence | null> {
  const wanted = flat(claimed.quote);
  if ('command' in claimed) {
    const { command, quote } = claimed;
    const ran = heard.some((one) => flat(one.command) === flat(command) && flat(one.output).includes(wanted));
    return ran ? { kind: 'command', command, quote } : null;
  }
  const { path, line, quote } = claimed;
  const { ok, text } = await hands.call('Read', { file_path: path, offset: line, limit: 1 });
  // One line, after its number and a tab.
  const [, ...words] = (text.split('\n')[0] ?? '').split('\t');
  const first = flat(claimed.quote.trim().split('\n')[0] ?? '');
  return ok && first !== '' && flat(words.join('\t')).includes(first) ? { kind: 'file', path, line, quote } : null;
}
