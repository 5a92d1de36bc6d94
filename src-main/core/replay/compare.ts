/** Where two series of requests part, and in what. */
import type { Difference, DifferingRequest, RequestPart, SentRequest } from '#contract/cassettes.ts';

/**
 * `ignore`: parts that may differ. `more`: the turn that was wanted beyond the recording; null: none, or the
 * recording ended in the middle, so that it is no difference. With nothing ignored, requests are the same only when every byte is.
 */
export function differingRequests(
  recorded: readonly SentRequest[],
  sent: readonly SentRequest[],
  { ignore, more }: { ignore: readonly RequestPart[]; more: number | null },
): DifferingRequest[] {
  const found: DifferingRequest[] = [];
  /** What one request differs in, all later ones do, too: it is told once. */
  const told = new Set<string>();
  for (const [at, before] of recorded.entries()) {
    const after = sent[at];
    const about = { request: at + 1, turn: before.turn, purpose: before.purpose };
    if (!after) {
      found.push({ ...about, differences: [{ part: 'request', before: 'one more request', after: null }] });
      return found;
    }
    const all = differencesOf(before, after, ignore);
    if (all.length === 0) continue;
    const differences = all.filter((one) => !told.has(JSON.stringify(one)));
    for (const one of differences) told.add(JSON.stringify(one));
    found.push({ ...about, differences });
  }
  const surplus = sent[recorded.length];
  if (!surplus && more === null) return found;
  const differences = [{ part: 'request', before: null, after: 'one more request' }];
  const about = { turn: surplus?.turn ?? more ?? 1, purpose: surplus?.purpose ?? ('conversation' as const) };
  return [...found, { request: recorded.length + 1, ...about, differences }];
}

function differencesOf(before: SentRequest, after: SentRequest, ignore: readonly RequestPart[]): Difference[] {
  if (before.sha256 === after.sha256) return [];
  const all = [
    ...(ignore.includes('system') ? [] : [difference('system', before.system, after.system)]),
    ...(ignore.includes('tools') ? [] : byName('tools', tools(before), tools(after))),
    ...byName('messages', numbered(before.messages), numbered(after.messages)),
    ...(ignore.includes('settings') ? [] : byName('settings', before.settings, after.settings)),
  ].flatMap((one) => (one ? [one] : []));
  if (all.length > 0 || ignore.length > 0) return all;
  // Equal in every part, and yet not byte for byte: the order of tools or fields, or the marks for the cache.
  return [{ part: 'bytes', before: before.sha256, after: after.sha256 }];
}

function byName(part: string, before: Record<string, unknown>, after: Record<string, unknown>): (Difference | null)[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].map((name) => difference(`${part}.${name}`, before[name], after[name]));
}

const numbered = (messages: readonly unknown[]) =>
  Object.fromEntries(messages.map((message, at) => [String(at + 1), message]));

const tools = ({ tools }: SentRequest) =>
  Object.fromEntries(tools.map((tool, at) => [(tool as { name?: string }).name ?? String(at + 1), tool]));

/** Characters that are shown around the place, and before it. */
const [shown, lead] = [400, 60];

function difference(part: string, before: unknown, after: unknown): Difference | null {
  const [a, b] = [textOf(before), textOf(after)];
  if (a === b) return null;
  let at = 0;
  while (a !== null && b !== null && at < Math.min(a.length, b.length) && a[at] === b[at]) at++;
  const from = Math.max(0, at - lead);
  return { part, before: excerpt(a, from), after: excerpt(b, from) };
}

const textOf = (value: unknown) =>
  value === undefined || value === null ? null : typeof value === 'string' ? value : JSON.stringify(value);

function excerpt(text: string | null, from: number): string | null {
  if (text === null) return null;
  const end = from + shown;
  return `${from > 0 ? '…' : ''}${text.slice(from, end)}${end < text.length ? '…' : ''}`;
}
