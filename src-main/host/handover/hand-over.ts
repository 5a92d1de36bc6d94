/** Hands a session over as one file: first it is recorded that it never goes on here, then the file is given, as often as it is asked for. */
import { createHash } from 'node:crypto';
import { Event } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import type { Door } from '#contract/questions.ts';
import { RoutineSpec } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import type { SessionBundle } from '#contract/session-bundle.ts';
import type { Repositories } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { filesOf } from '#core/talk/files-of.ts';
import { requireNoTrial, turnOf } from '#core/talk/fork.ts';
import { inheritedBy } from '#core/talk/inherited.ts';
import type { Snapshots } from '#core/talk/port.ts';
import type { Talk } from '#core/talk/talk.ts';
import type { Secrets } from '#host/secrets.ts';
import { writeBundle } from './bundle-file.ts';

export interface HandOverParts {
  store: Store;
  secrets: Pick<Secrets, 'value' | 'holds'>;
  repositories: Pick<Repositories, 'locate' | 'patch'>;
  snapshots: Snapshots;
  /** Of the product. */
  version: string;
  end: Talk['end'];
}

/** Bytes of the packed changes of a run, and of all that was said. */
const mostPacked = 32_000_000;
const mostSaid = 64_000_000;

/** Throws `not_found`; `conflict` while it is at work, or where the files of its last turn are gone; `input` where it is too large or holds a known secret. */
export async function handOver(parts: HandOverParts, id: string, door: Door): Promise<SessionBundle> {
  const { store, secrets, repositories, snapshots } = parts;
  const run = store.read.run(id);
  if (!run) throw new Fault('not_found', `There is no run "${id}".`, { field: 'run', cure: 'nightshift runs list' });
  requireNoTrial(run);
  const spec = store.records.spec(id);
  const given = eventsOf(store, run).find((event) => event.type === 'run.handed_over');
  const { turn } = turnOf(store, run, given?.type === 'run.handed_over' ? given.turn : undefined);
  const { repository, baseBranch } = run;
  const base = inheritedBy(store, id)?.base ?? run.base;
  if (!spec || !base || !baseBranch || !repository) throw new Fault('conflict', `The run ${id} never began.`);
  requireAtRest(run);
  const repo = await repositories.locate(repository);
  const files = await filesOf(parts, run, turn);
  const patch = await repositories.patch(repo, base, files);
  if (secrets.holds(patch))
    throw new Fault('input', `Files that the run ${id} changed hold a secret that this machine uses.`, {
      field: 'run',
      cure: 'Go back to a turn before it with `nightshift runs rewind`, or start anew there.',
    });
  const git = await snapshots.pack(repo, id, base, files, mostPacked);
  const bundle = createHash('sha256').update(`${id}/${turn}/${files}`).digest('hex');
  if (!run.handedOver)
    await parts.end(id, (writer, now) => {
      // Somebody may have talked to it meanwhile.
      requireAtRest(now.turns === run.turns ? now : { ...now, state: 'running' });
      writer.append({ type: 'run.handed_over', run: id, turn, bundle, by: door });
    });
  const events = eventsOf(store, run).flatMap((event) =>
    told.has(event.type)
      ? [Event.parse(secrets.value(event.type === 'run.started' ? { ...event, repository: '/' } : event))]
      : [],
  );
  const head = {
    ...{ product: parts.version, run: id, turn, baseBranch, base, files },
    start: await snapshots.branchAt(repo, files),
    spec: RoutineSpec.parse(secrets.value({ ...spec, repository: '/' })),
  };
  const { text, sha256 } = writeBundle(head, events, git);
  if (Buffer.byteLength(text) > mostSaid)
    throw new Fault('input', `What was said in the run ${id} is more than ${mostSaid / 1e6} MB.`, { field: 'run' });
  return { name: `${id}.session.jsonl`, text, sha256 };
}

function requireAtRest({ id, state, parkedOn, held, handedOver }: Run): void {
  if (handedOver || state === 'ended' || parkedOn || held) return;
  throw new Fault('conflict', `The run ${id} is at work, so it cannot be handed over just now.`, {
    field: 'run',
    cure: `Wait until it has ended its turn, or stop it: \`nightshift runs stop ${id}\`.`,
  });
}

function eventsOf(store: Store, { id }: Run): Event[] {
  return store.events({ after: 0, run: id, limit: Number.MAX_SAFE_INTEGER });
}

/** What a conversation is made of; everything else that is on record stays at home. */
const told: ReadonlySet<Event['type']> = new Set([
  ...(['run.queued', 'run.started', 'message.added', 'message.finished', 'tool.started', 'tool.finished'] as const),
  ...([
    'instructions.loaded',
    'skill.handed_over',
    'history.compacted',
    'history.rewound',
    'history.inherited',
    'run.tainted',
    'web.used',
  ] as const),
  ...([
    'model.switched',
    'thinking.dropped',
    'person.said',
    'turn.interrupted',
    'run.ended',
    'run.handed_over',
  ] as const),
]);
