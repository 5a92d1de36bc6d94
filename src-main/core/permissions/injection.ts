/** Looks in what a tool brought back for words that are meant for the agent. Pure; a sign, not a proof, and no proof of absence. */
import { visible } from '#contract/visible.ts';
import { signsElsewhere } from './injection-languages.ts';
import { type Sign, signs } from './injection-signs.ts';
import { type Layer, unveil } from './injection-unveil.ts';

export interface Suspicion {
  /** From 0; signs that stand near each other add up. */
  score: number;
  /** What gave it away, in words. */
  sign: string;
  /** At most 300 characters around it, with everything unseen made visible. */
  excerpt: string;
  /** Why nobody could take the second look that it needed. Absent: it was taken, or the signs are enough. */
  unprobed?: string;
}

/** From here on the run counts as tainted. */
export const certain = 9;
/** From here on it is worth a second look. */
export const suspicious = 5;

/** Characters in which signs belong together. */
const reach = 700;
const excerptLength = 300;
/** A disguise around words for an agent has no honest reason. */
const disguised = 5;

const all: readonly Sign[] = [...signs, ...signsElsewhere];

const flagsOf = ({ pattern }: Sign) => pattern.flags.replace('g', '');

/**
 * All of them in one question: for a short text asking each by itself takes longer than looking, for a long one not.
 * Made when the module is read, so of nothing that a Node lacks which has yet to be told that it is too old.
 */
const anyOf = [...new Set(all.map(flagsOf))].map((flags) => {
  const these = all.filter((sign) => flagsOf(sign) === flags);
  return new RegExp(these.map(({ pattern }) => `(?:${pattern.source})`).join('|'), flags);
});
/** Characters. */
const short = 300;

/** Null: nothing that is even suspicious. */
export function findInjection(text: string): Suspicion | null {
  let worst: Suspicion | null = null;
  for (const layer of unveil(text)) {
    const found = inLayer(layer);
    if (found && (!worst || found.score > worst.score)) worst = found;
  }
  return worst && worst.score >= suspicious ? worst : null;
}

interface Hit {
  at: number;
  end: number;
  sign: Sign;
  weight: number;
}

function inLayer({ text, disguise, seen }: Layer): Suspicion | null {
  if (text.length <= short && !anyOf.some((pattern) => pattern.test(text))) return null;
  // To ask first takes a fraction of the time of looking for all matches, and most texts have none.
  const hits = all
    .filter((sign) => occurs(sign, text))
    .flatMap((sign) =>
      [...text.matchAll(sign.pattern)].flatMap((match): Hit[] => {
        const [at, end] = [match.index, match.index + match[0].length];
        if (disguise && seen.includes(match[0])) return [];
        return [{ at, end, sign, weight: Math.max(0, sign.weight - spokenOf(text, at, end)) }];
      }),
    );
  hits.sort((a, b) => a.at - b.at);
  let worst: { score: number; hits: Hit[] } | null = null;
  for (const [index, first] of hits.entries()) {
    const near = new Map<Sign, Hit>();
    for (let next = index; next < hits.length; next++) {
      const hit = hits[next] as Hit;
      if (hit.at - first.at > reach) break;
      if ((near.get(hit.sign)?.weight ?? -1) < hit.weight) near.set(hit.sign, hit);
    }
    const ranked = [...near.values()].sort((a, b) => b.weight - a.weight);
    const score = sumOf(ranked);
    if (!worst || score > worst.score) worst = { score, hits: ranked };
  }
  const top = worst?.hits[0];
  if (!worst || !top || worst.score === 0) return null;
  const score = worst.score + (disguise && worst.score >= suspicious ? disguised : 0) + hiddenFrom(text, top);
  const sign = disguise ? `${top.sign.name}, under ${disguise}` : top.sign.name;
  return { score, sign, excerpt: excerptOf(text, worst.hits) };
}

function occurs({ pattern }: Sign, text: string): boolean {
  pattern.lastIndex = 0;
  const found = pattern.test(text);
  pattern.lastIndex = 0;
  return found;
}

/** Of several signs of one name the second counts half and the rest nothing: they say the same thing again. */
function sumOf(ranked: readonly Hit[]): number {
  const met = new Map<string, number>();
  let sum = 0;
  for (const { sign, weight } of ranked) {
    const before = met.get(sign.name) ?? 0;
    met.set(sign.name, before + 1);
    sum += before === 0 ? weight : before === 1 ? weight / 2 : 0;
  }
  return sum;
}

/** A text about injections quotes them, tests for them, or tells how others do it: that weighs less. */
function spokenOf(text: string, at: number, end: number): number {
  const before = text.slice(Math.max(0, at - 80), at);
  const after = text.slice(end, end + 60);
  const quoted = /["'`“‘«„]\s*[^"'`“”‘’«»\n]{0,40}$/.test(before) && /^[^"'`“”‘’«»\n]{0,60}["'`”’»]/.test(after);
  const shown =
    /\b(?:such as|e\.g\.|for example|examples?:|like|phrases?|strings?|patterns?|detects?|matches|attempts? to|tr(?:y|ies) to|tricks?)\b[^.\n]{0,30}$/i.test(
      before,
    );
  const told =
    shown || /\b(?:says?|said|saying|contains?|containing|writes?|wrote|tells?|reads?)\b[^.\n]{0,30}$/i.test(before);
  const negated =
    /\b(?:do not|don['’]t|never|must not|cannot|can['’]t|should not|shouldn['’]t|won['’]t|refuse to|not)\s+(?:\w+\s+)?$/i.test(
      before,
    );
  return (quoted && told ? 7 : quoted || shown ? 4 : 0) + (negated ? 3 : 0);
}

/** Put where a reader of the page does not see it. */
function hiddenFrom(text: string, { at }: Hit): number {
  const before = text.slice(Math.max(0, at - 300), at);
  const comment = before.lastIndexOf('<!--') > before.lastIndexOf('-->');
  const style =
    /(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0|color\s*:\s*(?:white|#fff(?:fff)?)|aria-hidden|left\s*:\s*-\d{3,})[^>]{0,80}>[^<]*$/i;
  return comment || style.test(before) ? 3 : 0;
}

function excerptOf(text: string, hits: readonly Hit[]): string {
  const from = Math.min(...hits.map(({ at }) => at));
  const start = Math.max(0, from - 40);
  return visible(text.slice(start, start + excerptLength).trim()).slice(0, excerptLength);
}
