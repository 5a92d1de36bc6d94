/** Which committed events become audit records, and what each record says; a new event type does not compile without a decision. */
import type { AuditRecord } from '#contract/audit.ts';
import type { Event, EventType } from '#contract/events.ts';
import { canonical, sha256 } from './chain.ts';

type Fields = Omit<AuditRecord, 'seq' | 'ts' | 'run' | 'event' | 'what' | 'checkpoint' | 'prev' | 'hash'>;
/** What a record says beyond its place in the chain; what is left out is null. `input` is redacted, hashed and shortened. */
export type Facts = Partial<Omit<Fields, 'input_hash' | 'input_redacted'>> & {
  actor: Fields['actor'];
  input?: unknown;
};

/** What earlier events of the same run said. */
export interface Known {
  /** Name of the tool behind a call's id. */
  tool(call: string): string | null;
  /** The first record: policy, version of the product, result of the sandbox's self-test. */
  opening: unknown;
}

type EventOf<T extends EventType> = Extract<Event, { type: T }>;
type Decision<T extends EventType> = ((event: EventOf<T>, known: Known) => Facts) | null;

const inputLimit = 4000;
const bytes = (text: string) => Buffer.byteLength(text);

/** Null: says nothing about what was asked, allowed, done or decided. */
const table: { [T in EventType]: Decision<T> } = {
  'host.started': null,
  'host.stopped': null,
  'routine.changed': null,
  'occurrence.claimed': null,
  'occurrence.settled': null,
  'routines.paused_all': null,
  // What they point at is recorded where it happened.
  'alert.raised': null,
  'alert.dismissed': null,
  'run.queued': ({ trigger }, { opening }) => ({
    actor: trigger.kind === 'person' ? 'person' : 'routine',
    input: opening,
  }),
  'run.dispatched': null,
  'run.first_byte': null,
  'run.started': ({ model, rehearsal, repository, branch, baseBranch, base }) => ({
    actor: 'nightshift',
    input: { model, rehearsal, repository, branch, baseBranch, base },
  }),
  'run.resumed': ({ why }) => ({ actor: why === 'revision' ? 'person' : 'nightshift', code: why }),
  'aims.set': ({ goal, iterations }) => ({ actor: 'nightshift', input: { goal, iterations } }),
  'goal.judged': ({ round, verdict, reason, quote, commit }) => ({
    actor: 'nightshift',
    code: verdict,
    input: { round, reason, quote, commit },
  }),
  'outcome.graded': ({ iteration, result, criteria, commit }) => ({
    actor: 'nightshift',
    code: result,
    input: { iteration, criteria, commit },
  }),
  'run.parked': ({ question, until }) => ({ actor: 'nightshift', input: { question, until } }),
  'policy.loaded': ({ version, mode, sources, problems }) => ({
    actor: 'nightshift',
    policy_hash: version,
    input: { mode, sources, problems },
  }),
  'instructions.loaded': ({ occasion, files, problems, skills }) => ({
    actor: 'nightshift',
    input: {
      ...{ occasion, files: files.map(({ path, bytes }) => ({ path, bytes })), problems },
      ...(skills ? { skills: skills.map(({ name, path }) => ({ name, path })) } : {}),
    },
  }),
  'skill.handed_over': ({ name, path, text }) => ({
    actor: 'routine',
    input: { name, path, text },
    bytes_in: bytes(text),
  }),
  'hooks.loaded': ({ hooks, problems }) => ({
    actor: 'nightshift',
    input: { hooks: hooks.map(({ moment, command, file, state }) => ({ moment, command, file, state })), problems },
  }),
  'hook.ran': ({ moment, subject, command, layer, file, outcome, exitCode, decision, reason, input, context }) => ({
    ...{ actor: 'routine', code: outcome, exit: exitCode },
    input: { moment, subject, command, layer, file, decision, reason, input, context },
    bytes_out: bytes(context),
  }),
  'memory.loaded': ({ mode, files }) => ({ actor: 'nightshift', code: mode, input: { files } }),
  'memory.offered': ({ changes, why }) => ({ actor: 'agent', input: { changes, why } }),
  'memory.settled': ({ offer, state, by }) => ({
    ...{ actor: by === 'nightshift' ? 'nightshift' : 'person', code: state },
    input: { offer, by },
  }),
  'memory.edited': null,
  'hooks.trusted': null,
  'hooks.revoked': null,
  'agent.started': ({ agent, parent, name, description, model, tools, work }) => ({
    actor: 'agent',
    input: { agent, parent, name, description, model, tools, work },
  }),
  'agent.continued': ({ agent, parent }) => ({ actor: 'agent', input: { agent, parent } }),
  'agent.ended': ({ agent, outcome, code, text, head }) => ({
    actor: 'nightshift',
    code: code ?? outcome,
    input: { agent, outcome, head },
    bytes_out: bytes(text),
  }),
  'permission.decided': ({ tool, decision, code, rule, source, segment, policyVersion }) => ({
    actor: 'nightshift',
    ...{ tool, decision, code, rule, policy_hash: policyVersion },
    input: { source, segment },
  }),
  'run.tainted': ({ call, sign, excerpt, unprobed, inherited }, { tool }) => ({
    actor: 'nightshift',
    tool: inherited ? null : tool(call),
    code: 'auto.injection',
    input: { sign, excerpt, ...(unprobed === undefined ? {} : { unprobed }), ...(inherited ? { inherited } : {}) },
  }),
  'question.asked': ({ question: { id, action, code, bind, deadline } }) => ({
    actor: 'agent',
    ...{ decision: 'ask', code, input: { id, action, bind, deadline } },
  }),
  'question.answered': ({ question, state, by, note }) => ({
    actor: by === 'deadline' || by === 'nightshift' ? 'nightshift' : 'person',
    decision: state === 'approved' ? 'allow' : 'deny',
    input: { question, state, by, note },
  }),
  'question.used': ({ question }) => ({ actor: 'nightshift', input: { question } }),
  'net.attempted': ({ host, port, method, decision, code, bytesOut, bytesIn }) => ({
    actor: 'agent',
    ...{ decision, code, hosts: [`${host}:${port}`], bytes_in: bytesIn, bytes_out: bytesOut, input: { method } },
  }),
  'grant.given': null,
  'grant.revoked': null,
  'grant.lapsed': null,
  'side.answered': null,
  'grading.looked': ({ tool, input, ok }) => ({ actor: 'nightshift', tool, input, code: ok ? null : 'tool.failed' }),
  'cost.presumed': null,
  'sandbox.ready': ({ enforced }) => ({ actor: 'nightshift', input: { enforced } }),
  'checks.finished': ({ phase, round }) => ({
    actor: 'nightshift',
    code: phase,
    input: {
      commit: round.commit,
      results: round.results.map(({ command, exitCode, passed }) => ({ command, exitCode, passed })),
    },
  }),
  'message.added': ({ from, text }) => ({ actor: from, input: { text }, bytes_in: bytes(text) }),
  'turn.started': null,
  'turn.waiting': null,
  'model.retrying': null,
  'message.finished': null,
  'answer.lost': null,
  'model.switched': ({ from, to, why }) => ({ actor: 'nightshift', code: 'refused', input: { from, to, why } }),
  'thinking.dropped': null,
  'history.compacted': null,
  'tools.offered': ({ strict, web, problems, refused }) => ({
    actor: 'nightshift',
    input: { strict, web, problems, ...(refused === undefined ? {} : { refused }) },
  }),
  'web.used': ({ tool, input, code, sources }) => ({
    actor: 'agent',
    ...{ tool, input, code, decision: 'allow' },
    hosts: [...new Set(sources.flatMap(({ url }) => URL.parse(url)?.host ?? []))],
  }),
  'tool.started': ({ name, input }) => ({
    actor: 'agent',
    tool: name,
    input,
    bytes_in: bytes(JSON.stringify(input) ?? ''),
  }),
  'tool.finished': ({ call, code, text, view }, { tool }) => ({
    actor: 'nightshift',
    tool: tool(call),
    code,
    exit: view.kind === 'terminal' ? view.exitCode : null,
    bytes_out: bytes(text),
    files_changed_hash: view.kind === 'diff' ? sha256(view.patch) : null,
  }),
  'run.ended': ({ outcome, reason }) => ({
    actor: reason?.code === 'run.stopped' ? 'person' : 'nightshift',
    code: outcome,
    input: { reason },
  }),
  'loop.created': ({ prompt, words }) => ({ actor: 'agent', input: { prompt, words } }),
  'loop.scheduled': null,
  'loop.fired': ({ loop }) => ({ actor: 'nightshift', input: { loop } }),
  'loop.ended': null,
  'run.waiting': null,
  'run.held': ({ until, reason }) => ({ actor: 'nightshift', input: { until, reason } }),
  'proposal.opened': proposed,
  'proposal.revised': proposed,
  'proposal.revision_requested': ({ comments }) => ({ actor: 'person', input: { comments } }),
  'proposal.reopened': null,
  'proposal.approved': ({ proposal, into, landedAs, landedHow }) => ({
    actor: 'person',
    decision: 'allow',
    input: { proposal, into, landedAs, landedHow },
  }),
  'proposal.rejected': ({ proposal, reason }) => ({ actor: 'person', decision: 'deny', input: { proposal, reason } }),
  'proposal.pruned': ({ proposal }) => ({ actor: 'nightshift', input: { proposal } }),
  'person.said': ({ text, by, interrupt }) => ({
    actor: 'person',
    input: { text, by, interrupt },
    bytes_in: bytes(text),
  }),
  'turn.interrupted': ({ turn }) => ({ actor: 'person', input: { turn } }),
  'files.saved': null,
  'files.restored': ({ commit }) => ({ actor: 'nightshift', input: { commit } }),
  'history.rewound': ({ turn, files, by }) => ({ actor: 'person', input: { turn, files, by } }),
  'history.inherited': ({ from, base, start, files, messages }) => ({
    actor: 'person',
    input: { from, base, start, files, messages: messages.length },
  }),
  'run.forked': ({ to, turn }) => ({ actor: 'person', input: { to, turn } }),
  'run.handed_over': ({ turn, bundle, by }) => ({ actor: 'person', input: { turn, bundle, by } }),
};

function proposed({ proposal }: EventOf<'proposal.opened' | 'proposal.revised'>): Facts {
  const { id, revision, base, head, files } = proposal;
  return { actor: 'agent', input: { id, revision, base, head }, files_changed_hash: sha256(canonical(files)) };
}

/** Events after which a checkpoint follows: the run is over, or a person has decided. */
const closing: ReadonlySet<EventType> = new Set([
  'run.ended',
  'run.handed_over',
  'question.answered',
  'proposal.approved',
  'proposal.rejected',
  'proposal.pruned',
]);

export const closes = (event: Event): boolean => closing.has(event.type);

/** Does the event become a record at all? */
export const isAudited = (type: EventType): boolean => table[type] !== null;

/** The fields of the record for `event`; null when it is not for the audit log. `redact` frees a value of its secrets. */
export function fieldsOf(event: Event, known: Known, redact: (value: unknown) => unknown): Fields | null {
  const decide = table[event.type] as Decision<EventType>;
  if (decide === null) return null;
  const { input, ...facts } = decide(event as never, known);
  const text = input === undefined ? null : canonical(redact(plain(input)));
  return {
    ...nothing,
    ...facts,
    input_hash: text === null ? null : sha256(text),
    input_redacted: text === null ? null : text.slice(0, inputLimit).toWellFormed(),
  };
}

/** As it went through the database: nothing undefined, nothing that is no JSON. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value) ?? 'null');
}

const nothing: Omit<Fields, 'actor' | 'input_hash' | 'input_redacted'> = {
  ...{ tool: null, decision: null, code: null, rule: null, policy_hash: null, sandbox_id: null, exit: null },
  ...{ bytes_in: null, bytes_out: null, hosts: null, files_changed_hash: null },
};

/** A record's fields that only say: up to here. */
export const checkpointFields: Fields = {
  ...nothing,
  ...{ actor: 'nightshift', input_hash: null, input_redacted: null },
};
