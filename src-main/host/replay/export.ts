/** Makes a cassette of a run that is over: its events without any secret, and the requests that they lead to, played once. */
import type { AgentId } from '#contract/agents.ts';
import { type Cassette, cassetteVersion, type ExportedCassette, type SentRequest } from '#contract/cassettes.ts';
import { Event } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { RoutineSpec } from '#contract/routines.ts';
import { isTrial, type Run } from '#contract/runs.ts';
import type { Repositories } from '#core/ports.ts';
import { createHistory } from '#core/session/history.ts';
import type { Store } from '#core/store/event-log.ts';
import type { ModelFacts } from '#host/model/model-table.ts';
import type { Secrets } from '#host/secrets.ts';
import { writeCassette } from './cassette-file.ts';
import { runTape } from './run-tape.ts';

export interface ExportParts {
  store: Store;
  secrets: Pick<Secrets, 'value'>;
  /** Of the product. */
  version: string;
  /** What is known of a model; null: nothing. */
  facts(model: string): Promise<ModelFacts | null>;
  /** Path of the run's worktree as the run sees it. */
  seenAt(run: string): string;
  repositories: Pick<Repositories, 'locate' | 'patch'>;
}

/** Throws `not_found` for an unknown run, `conflict` for one that goes on, or that never got an answer. */
export async function exportCassette(parts: ExportParts, id: string): Promise<ExportedCassette> {
  const { store, secrets } = parts;
  const run = store.read.run(id);
  if (!run) throw new Fault('not_found', `There is no run "${id}".`, { field: 'run', cure: 'nightshift runs list' });
  if (run.state !== 'ended')
    throw new Fault('conflict', `The run ${id} is not over, so it cannot be exported yet.`, {
      cure: 'Wait for its end, or stop it: `nightshift runs stop`.',
    });
  const all = store.events({ after: 0, run: id, limit: Number.MAX_SAFE_INTEGER });
  const events = freed(secrets, all);
  const spec = store.records.spec(id);
  if (!spec || !events.some(({ type }) => type === 'message.finished'))
    throw new Fault('conflict', `No model has answered in the run ${id}: there is nothing to replay.`, {
      cure: 'Export a run that has turns; `nightshift runs show` says how many.',
    });
  const head: Cassette['head'] = {
    ...{ kind: 'cassette', version: cassetteVersion, product: parts.version, run: id, base: run.base ?? '' },
    spec: RoutineSpec.parse(secrets.value({ ...granted(store, run, spec), repository: '/' })),
    seenAt: parts.seenAt(id),
    models: await factsOf(parts, run, events),
    ...(await changesOf(parts, run, events)),
  };
  const { requests } = await runTape({ ...head, events, models: head.models as ModelFacts[] });
  const departs = departure(events, requests);
  const text = writeCassette({ head, events, requests, departs });
  return { name: `${run.routine}-${id}.cassette.jsonl`, text, requests: requests.length, departs };
}

/** What a conversation is made of; everything else that is on record about a run stays at home. */
const kept: ReadonlySet<Event['type']> = new Set([
  ...(['run.queued', 'run.started', 'run.resumed', 'run.parked', 'run.waiting', 'run.ended', 'run.tainted'] as const),
  ...(['message.added', 'message.finished', 'instructions.loaded', 'history.compacted', 'skill.handed_over'] as const),
  ...([
    'model.switched',
    'thinking.dropped',
    'tools.offered',
    'web.used',
    'tool.started',
    'tool.finished',
    'policy.loaded',
    'permission.decided',
    'hooks.loaded',
    'hook.ran',
    'memory.loaded',
  ] as const),
  ...(['question.asked', 'question.answered', 'question.used'] as const),
  ...(['run.held', 'aims.set', 'side.answered', 'grading.looked', 'goal.judged', 'outcome.graded'] as const),
  ...(['history.inherited', 'history.rewound'] as const),
  ...(['agent.started', 'agent.continued', 'agent.ended'] as const),
  ...(['loop.created', 'loop.scheduled', 'loop.fired', 'loop.ended'] as const),
]);

/** Of a run's events those that a cassette has, each freed of secrets. There is no other way into one. */
export function freed(secrets: ExportParts['secrets'], events: readonly Event[]): Event[] {
  return events.filter(({ type }) => kept.has(type)).map((event) => scrubbed(secrets, event));
}

/** Every text of it goes through the redactor, so there is no way into a cassette past it. */
function scrubbed(secrets: ExportParts['secrets'], event: Event): Event {
  const local = event.type === 'run.started' ? { ...event, repository: '/' } : event;
  return Event.parse(secrets.value(local));
}

/** With the hosts that were granted when it began. */
function granted(store: Store, run: Run, spec: RoutineSpec): RoutineSpec {
  if (isTrial(run)) return spec;
  const began = run.startedAt ?? run.queuedAt;
  const grants = store.read.grants({ routine: run.routine, limit: 1000 });
  const hosts = grants.flatMap(({ granted: what, givenAt, endedAt }) =>
    what.kind === 'host' && givenAt <= began && (endedAt === null || endedAt > began) ? [what.host] : [],
  );
  return { ...spec, network: [...new Set([...spec.network, ...hosts])] };
}

/** What was judged was a change; of a branch that is gone nobody knows it any more, and its verdicts stay as they were. */
async function changesOf(
  { repositories, secrets }: ExportParts,
  run: Run,
  events: readonly Event[],
): Promise<Pick<Cassette['head'], 'changes'>> {
  const commits = new Set(
    events.flatMap((event) => (event.type === 'goal.judged' || event.type === 'outcome.graded' ? [event.commit] : [])),
  );
  const { repository, base } = run;
  if (commits.size === 0 || !repository || !base) return {};
  const changes: NonNullable<Cassette['head']['changes']> = [];
  for (const commit of commits) {
    try {
      const patch = await repositories.patch(await repositories.locate(repository), base, commit);
      changes.push({ commit, patch: String(secrets.value(patch)) });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
  }
  return { changes };
}

async function factsOf(parts: ExportParts, run: Run, events: readonly Event[]): Promise<ModelFacts[]> {
  const first = events.find((event) => event.type === 'run.started');
  const switched = events.flatMap((event) =>
    event.type === 'model.switched' ? [event.to] : event.type === 'agent.started' ? [event.model] : [],
  );
  const beside = events.flatMap((event) => (event.type === 'side.answered' && event.model ? [event.model] : []));
  const names = new Set([first?.type === 'run.started' ? first.model : (run.model ?? ''), ...switched, ...beside]);
  const facts = await Promise.all([...names].map((name) => parts.facts(name)));
  return facts.flatMap((known) => (known ? [known] : []));
}

/** The conversations as the log has them before each answer, beside those that were sent. Index from 1; null: they are one. */
function departure(events: readonly Event[], requests: readonly SentRequest[]): number | null {
  const voices = new Set([undefined, ...events.flatMap(({ agent }) => agent ?? [])]);
  const found = [...voices].flatMap((agent) => departureOf(agent, events, requests) ?? []);
  return found.length > 0 ? Math.min(...found) : null;
}

function departureOf(
  whose: AgentId | undefined,
  events: readonly Event[],
  requests: readonly SentRequest[],
): number | null {
  const { history, apply } = createHistory(whose);
  const sent = new Map(
    requests.flatMap((one, at) => (one.purpose === 'conversation' && one.agent === whose ? [[one.turn, at]] : [])),
  );
  const text = createTexts();
  for (const event of events) {
    if (event.type === 'message.finished' && event.agent === whose) {
      const at = sent.get(event.turn) ?? requests.length;
      const said = requests[at]?.messages;
      const same =
        said?.length === history.messages.length && said.every((one, i) => text(one) === text(history.messages[i]));
      if (!same) return at + 1;
    }
    apply(event);
  }
  return null;
}

/** The JSON of each object, made once. */
function createTexts(): (value: unknown) => string {
  const made = new Map<unknown, string>();
  return (value) => {
    const text = made.get(value) ?? JSON.stringify(value);
    made.set(value, text);
    return text;
  };
}
