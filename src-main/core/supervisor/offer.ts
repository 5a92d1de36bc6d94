/** What a run's model is offered beside its usual tools: bound inputs, and the web where routine, rules and address agree on it. */
import type { Event } from '#contract/events.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { WebOffer, WebReach, WebTool } from '#contract/web.ts';
import type { Verdict } from '#core/permissions/judge.ts';
import type { LoadedRules, ResolvedModel } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { webTool } from '#core/tools/web.ts';

export interface OfferParts {
  store: Store;
  run: string;
  spec: RoutineSpec;
  rules: Pick<LoadedRules, 'judge' | 'webHosts'>;
  model: Pick<ResolvedModel, 'structured' | 'web'>;
  trial: boolean;
  signal: AbortSignal;
}

type Offered = Extract<Event, { type: 'tools.offered' }>;

/**
 * Commits it where it is anything, or anything else than before: what a model is offered stays the same for a run as long
 * as rules and routine do, because its thinking and its cache hold for exactly that.
 */
export async function offerTools(parts: OfferParts): Promise<void> {
  const { store, run, spec, model, trial } = parts;
  const events = store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER });
  const last = events.findLast((event): event is Offered => event.type === 'tools.offered');
  const begun = events.some(({ type }) => type === 'message.finished');
  const strict = last ? last.strict : !begun && (model.structured?.() ?? false);
  const wanted = spec.web ?? [];
  const shut = wanted.length === 0 ? null : closed(trial, events);
  const { web, problems } =
    wanted.length === 0 || shut !== null
      ? { web: null, problems: shut === null ? [] : [shut] }
      : await reach(parts, wanted);
  const next = { strict, web, problems };
  const before = last ?? { strict: false, web: null, problems: [] };
  if (same(next, before)) return;
  store.commit((writer) => writer.append({ type: 'tools.offered', run, ...next }));
}

type Next = Pick<Offered, 'strict' | 'web'>;
const same = (a: Next, b: Next & { problems: string[] }) =>
  JSON.stringify([a.strict, a.web, (a as { problems?: string[] }).problems]) ===
  JSON.stringify([b.strict, b.web, b.problems]);

/** Why not even the rules are asked; null: they are. */
function closed(trial: boolean, events: readonly Event[]): string | null {
  if (trial) return 'A trial run reaches nothing, so it looks nothing up on the web.';
  if (!events.some(({ type }) => type === 'run.tainted')) return null;
  return 'Something that came from outside spoke to the agent: the web is closed to the rest of the run.';
}

async function reach(
  parts: OfferParts,
  wanted: readonly string[],
): Promise<{ web: WebOffer | null; problems: string[] }> {
  const can = (await parts.model.web?.()) ?? { search: false, fetch: false };
  const problems: string[] = [];
  const web: WebOffer = { search: null, fetch: null };
  for (const way of ['search', 'fetch'] as const) {
    if (!wanted.includes(way)) continue;
    if (!can[way]) {
      problems.push(`The model’s address does not ${way} the web for it.`);
      continue;
    }
    const found = way === 'search' ? await searchReach(parts) : await fetchReach(parts);
    if ('problem' in found) problems.push(found.problem);
    else {
      web[way] = { allowed: found.allowed, blocked: found.blocked };
      problems.push(...found.dropped);
    }
  }
  return { web: web.search || web.fetch ? web : null, problems };
}

type Reach = (WebReach & { dropped: string[] }) | { problem: string };

/** The routine's own word opens the search; hosts bound it, unless a rule allows WebSearch as a whole. */
async function searchReach(parts: OfferParts): Promise<Reach> {
  const verdict = await asked(parts, 'WebSearch', { query: 'anything' });
  if (!isOpen(verdict)) return refused('WebSearch', verdict);
  const { named, allowed, blocked, dropped } = await hostsFor(parts);
  if (byRule(verdict) || !named) return { allowed: null, blocked, dropped: [] };
  if (allowed.length > 0) return { allowed, blocked: [], dropped };
  return { problem: `WebSearch is not offered. ${dropped[0] ?? 'None of the hosts of the routine may be read from.'}` };
}

/** An address can carry things out, so the fetch needs hosts, or a rule that allows WebFetch as a whole. */
async function fetchReach(parts: OfferParts): Promise<Reach> {
  const anywhere = await asked(parts, 'WebFetch', { url: 'https://any-other-host.invalid/' });
  const { allowed, blocked, dropped } = await hostsFor(parts);
  if (byRule(anywhere) && anywhere.decision === 'allow') return { allowed: null, blocked, dropped: [] };
  if (byRule(anywhere)) return refused('WebFetch', anywhere);
  if (allowed.length > 0) return { allowed, blocked: [], dropped };
  const why =
    dropped[0] ?? 'No host is named that it may read from: name some in network, or by WebFetch(domain:…) rules.';
  return { problem: `WebFetch is not offered. ${why}` };
}

const refused = (tool: WebTool, { rule, why }: Verdict): Reach => ({
  problem: `${tool} is not offered${rule ? ` (${rule})` : ''}: nobody can be asked in the middle of an answer. ${why}`,
});

/** Nothing but that no rule speaks of it, in the words of each mode. */
const unspoken: ReadonlySet<string | null> = new Set([
  ...(['rule.none', 'mode.dont_ask', 'auto.unclassified', 'net.host_not_allowed'] as const),
]);
const byRule = ({ rule }: Verdict) => rule !== null;
const isOpen = ({ decision, code }: Verdict) => decision === 'allow' || unspoken.has(code);

async function asked({ rules, signal }: OfferParts, tool: WebTool, input: object): Promise<Verdict> {
  return await rules.judge.judge(webTool(tool), input, signal);
}

interface Hosts {
  /** Some are to bound it. */
  named: boolean;
  allowed: string[];
  blocked: string[];
  dropped: string[];
}

/**
 * Hosts that may be read from and such that may not, as the API has them: a domain there means its subdomains, too. So
 * one below which something is refused is left out altogether.
 */
async function hostsFor(parts: OfferParts): Promise<Hosts> {
  const { spec, rules } = parts;
  const own = spec.network.flatMap((entry) => plainHost(entry) ?? []);
  const ruled = rules.webHosts ?? { allow: [], refuse: [] };
  const blocked = new Set(ruled.refuse.map(domainOf));
  const allowed = new Set<string>();
  for (const host of new Set([...own, ...ruled.allow])) {
    const sample = host.startsWith('*.') ? `www.${domainOf(host)}` : host;
    const verdict = await asked(parts, 'WebFetch', { url: `https://${sample}/` });
    if (verdict.decision === 'allow' || (own.includes(host) && isOpen(verdict))) allowed.add(domainOf(host));
    else blocked.add(domainOf(host));
  }
  const named = own.length > 0 || allowed.size > 0;
  const dropped: string[] = [];
  for (const domain of allowed) {
    const clash = [...blocked].find((other) => within(other, domain) || within(domain, other));
    if (clash === undefined) continue;
    allowed.delete(domain);
    dropped.push(`${domain} is left out, because ${clash} is refused.`);
  }
  return { named, allowed: [...allowed].sort(), blocked: [...blocked].sort(), dropped };
}

const within = (inner: string, outer: string) => inner === outer || inner.endsWith(`.${outer}`);
const domainOf = (host: string) => host.replace(/^\*\./, '');

/** Null: a registry, or another port than that of the web. */
function plainHost(entry: string): string | null {
  const [host = '', port = '443'] = entry.startsWith('registry:') ? [] : entry.split(':');
  return host !== '' && port === '443' && host.includes('.') ? host : null;
}
