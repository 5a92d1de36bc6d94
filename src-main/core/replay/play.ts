/** Plays a recorded run through the session's own engine: what the model said, what calls brought and what people did is read from the tape. */
import type { VerdictCheck } from '#contract/cassettes.ts';
import type { Event } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { isTrial, type Run } from '#contract/runs.ts';
import { createPurse } from '#core/budget/purse.ts';
import type { HandOver } from '#core/instructions/hand-over.ts';
import type { Hands } from '#core/ports.ts';
import { createAgent } from '#core/session/agent.ts';
import type { PendingCall } from '#core/session/conversation.ts';
import { openLoops } from '#core/session/open-loops.ts';
import type { SessionEnd } from '#core/session/parts.ts';
import { firstMessage } from '#core/session/prompt.ts';
import type { CallParts } from '#core/session/tool-call.ts';
import type { WebUse } from '#core/session/web-use.ts';
import type { Store } from '#core/store/event-log.ts';
import { prepare } from '#core/tools/toolbox.ts';
import { hooksNext, recordedHooks } from './hooks.ts';
import { createSpeakers, type SpeakerParts, TapeEnded } from './speakers.ts';
import { asDraft, questionIn, type Tape } from './tape.ts';
import { createVerdictReplay, type VerdictReplay } from './verdicts.ts';

export interface PlayParts {
  /** Empty, and for this alone; its clock is the tape's. */
  store: Store;
  tape: Tape;
  /** What the address of the models answered, oldest first. */
  answers: SpeakerParts['answers'];
  model: SpeakerParts['model'];
  offer: SpeakerParts['offer'];
  /** The change up to each commit that was judged, where it is known. */
  changes: ReadonlyMap<string, string>;
  /** Of now; the run had one of its own, perhaps. */
  spec: RoutineSpec;
  seenAt: string;
  /** Instruction files as they are now, instead of those on the tape: at the beginning, and as the run goes on. */
  instructions?: (store: Store, run: string) => Promise<HandOver>;
}

/** How a replay ended. `more`: the engine wanted another answer when the recording had none left. */
export type PlayEnd = { verdicts: readonly VerdictCheck[] } & ({ kind: 'ended' } | { kind: 'more'; turn: number });

/** Resolves when the tape, or the session, has come to its end. Throws what a session throws otherwise. */
export async function play(parts: PlayParts): Promise<PlayEnd> {
  const { tape, spec } = parts;
  const store = timedStore(parts.store, tape);
  const run = begin(store, tape, spec);
  putOffer(store, tape);
  const handOver = parts.instructions ? await parts.instructions(store, run.id) : recordedHandOver(store, tape);
  if (!parts.instructions)
    put(
      store,
      tape.take('instructions.loaded', ({ occasion, agent }) => occasion === 'start' && agent === undefined),
    );
  put(
    store,
    tape.rest().find(({ type }) => type !== 'policy.loaded' && type !== 'hooks.loaded')?.type === 'memory.loaded'
      ? tape.take('memory.loaded')
      : undefined,
  );
  put(store, ...hooksNext(tape));
  speakFirst(store, tape, run, spec);
  put(store, tape.rest()[0]?.type === 'skill.handed_over' ? tape.take('skill.handed_over') : undefined);
  const speakers = createSpeakers({ ...parts, tape });
  const purse = createPurse({ store, clock: tape.clock, startOfDay: (at) => at });
  const verdicts = createVerdictReplay({ ...parts, store, speakers, purse, run: run.id });
  const ended = { kind: 'ended' as const, verdicts: verdicts.checks };
  const start = tape.rest();
  const session = {
    ...{ store, clock: tape.clock, ids: tape.ids, run: run.id, trial: isTrial(run), seenAt: parts.seenAt },
    purse,
    model: speakers.conversation(run.model ?? spec.model),
    fallback: async () => {
      const switched = start.find((event) => event.type === 'model.switched');
      return switched?.type === 'model.switched' ? speakers.conversation(switched.to) : null;
    },
    judge: { version: 'recorded', judge: () => Promise.reject(new Error('a replay judges nothing')) },
    hands: noHands,
    recordWebUse: async (_parts: unknown, _turn: number, { id }: WebUse) => {
      const used = tape.take('web.used', ({ call }) => call === id);
      if (!used) throw new TapeEnded(null);
      const [next] = tape.rest();
      put(store, used, next?.type === 'run.tainted' && next.call === id ? next : undefined);
    },
    doCall: (call: CallParts, _turn: number, pending: PendingCall) => recordedCall(call, tape, pending, verdicts),
    handOver,
    hooks: recordedHooks(store, tape),
    signal: new AbortController().signal,
  };
  try {
    for (;;) {
      const end = await createAgent({ ...session, spec: withAllowedHosts(store, run, spec) }).work();
      if (end.kind !== 'parked') await verdicts.afterGo();
      if (!goOn(store, tape, end)) return ended;
    }
  } catch (error) {
    return endOf(error, ended);
  }
}

/** Throws what is no end of a recording. */
export function endOf(error: unknown, ended: Extract<PlayEnd, { kind: 'ended' }>): PlayEnd {
  if (error instanceof TapeEnded) return error.turn === null ? ended : { ...ended, kind: 'more', turn: error.turn };
  if (error instanceof Fault && endings.has(error.code)) return ended;
  throw error;
}

/** A recorded run may end in these, too. */
const endings: ReadonlySet<string> = new Set([
  'run.stopped',
  'model.refused',
  'model.stopped_oddly',
  'model.context_full',
]);

/** Whatever the engine commits is timed by the tape. */
export function timedStore(store: Store, tape: Tape): Store {
  return {
    ...store,
    commit: (work) =>
      store.commit((writer) => work({ ...writer, append: (draft) => writer.append(tape.timed(draft)) })),
  };
}

export function put(store: Store, ...events: (Event | undefined)[]): void {
  store.commit((writer) => {
    for (const event of events) if (event) writer.append(asDraft(event));
  });
}

function begin(store: Store, tape: Tape, spec: RoutineSpec): Run {
  const queued = tape.take('run.queued');
  put(store, queued);
  // A run that goes on from another one begins with its words, and with what a person said.
  if (queued?.origin) inherit(store, tape);
  put(store, tape.take('run.started'));
  const run = queued && store.read.run(queued.run);
  if (!run?.startedAt) throw new Fault('input', 'The cassette does not say how its run began.', badFile);
  store.commit(({ records }) => records.saveSpec(run.id, spec));
  return run;
}

const badFile = { field: 'cassette', cure: 'Export the run again: `nightshift runs export`.' };

/** What a go offers is decided before it begins; what changes on the way the engine finds by itself. */
function putOffer(store: Store, tape: Tape): void {
  const rest = tape.rest();
  const at = rest.findIndex(({ type }) => type === 'tools.offered' || type === 'message.finished');
  if (rest[at]?.type === 'tools.offered' && rest[at].refused === undefined) put(store, rest[at]);
}

/** What it was offered before, the conversation and what in it spoke to the agent; then what a person said. */
function inherit(store: Store, tape: Tape): void {
  const rest = tape.rest();
  const given = rest.slice(
    0,
    rest.findIndex(({ type }) => type === 'run.started'),
  );
  put(store, ...given);
}

function speakFirst(store: Store, tape: Tape, run: Run, spec: RoutineSpec): void {
  if (run.origin) return;
  const { timeZone, prompt } = spec;
  const { texts, loops } = openLoops([prompt], { run: run.id, created: 0, timeZone, now: tape.clock.now() });
  const text = firstMessage({ ...spec, prompt: texts[0] ?? prompt }, run.trigger, run.startedAt ?? '');
  store.commit((writer) => {
    for (const loop of loops) writer.append(loop);
    writer.append({ type: 'message.added', run: run.id, text, from: 'routine' });
  });
  // Where the words are others now, the recorded ones are passed by.
  if (tape.rest().some((event) => event.type === 'message.added' && event.from === 'routine'))
    tape.take('message.added', ({ from }) => from === 'routine');
}

/** The instruction files that were handed over on the way are on the tape. */
export function recordedHandOver(store: Store, tape: Tape): HandOver {
  return {
    apply: () => {},
    async catchUp() {
      const rest = tape.rest();
      // What was said once the session had come to rest belongs to the next go, behind the verdicts on this one.
      const asked = rest.findIndex(({ type }) => type === 'message.finished' || restful.has(type));
      const before = asked < 0 ? rest : rest.slice(0, asked);
      for (const event of before)
        if (event.type === 'instructions.loaded') put(store, tape.take('instructions.loaded'));
        else if (event.type === 'message.added' && (event.results || event.said !== undefined))
          put(store, tape.take('message.added'));
    },
  };
}

const restful: ReadonlySet<Event['type']> = new Set(['goal.judged', 'outcome.graded', 'run.ended']);

export const noHands: Hands = {
  enforced: [],
  call: () => Promise.reject(new Error('a replay has no hands')),
  close: async () => {},
};

/** As it was recorded, unless the tool of now would not even have taken what the model gave it. */
export async function recordedCall(
  { store, run }: CallParts,
  tape: Tape,
  pending: PendingCall,
  verdicts: Pick<VerdictReplay, 'beforeCall' | 'afterCall'>,
) {
  const { id, name, input, cut } = pending;
  const events = tape.call(id);
  if (events.length === 0) throw new TapeEnded(null);
  await verdicts.beforeCall(pending, events);
  const prepared = cut ? null : prepare(name, input);
  const failure = prepared && 'failure' in prepared ? prepared.failure : null;
  store.commit((writer) => {
    for (const event of events) {
      const other = event.type === 'tool.finished' && failure && event.code !== failure.code;
      writer.append(other ? { type: 'tool.finished', run, call: id, ...failure } : asDraft(event));
    }
  });
  await verdicts.afterCall(pending, events);
  put(store, ...hooksNext(tape, id));
  return questionIn(events);
}

/** Hosts that a person allowed on the way are part of what the model is told from the next go on. */
function withAllowedHosts(store: Store, run: Run, spec: RoutineSpec): RoutineSpec {
  if (isTrial(run)) return { ...spec, network: [] };
  const approved = store.read.questions({ run: run.id, state: 'approved', limit: 1000 });
  const hosts = approved.flatMap(({ action }) => (action.kind === 'host' ? [action.host.toLowerCase()] : []));
  return { ...spec, network: [...new Set([...spec.network, ...hosts])] };
}

/** What people did, and judges said, when the session had come to rest. False: nothing, so that was its end. */
export function goOn(store: Store, tape: Tape, end: SessionEnd): boolean {
  if (end.kind === 'parked') {
    const answered = tape.take('question.answered', ({ question }) => question === end.question);
    put(store, answered, resumed(tape), ...hooksNext(tape));
    return answered !== undefined;
  }
  const rest = tape.rest();
  const spoken = rest.findIndex(({ type }) => type === 'message.added' || type === 'message.finished');
  if (rest[spoken]?.type !== 'message.added') return false;
  const meanwhile = rest.slice(0, spoken).filter(({ type }) => between.has(type));
  const said = tape.take('message.added');
  put(store, ...meanwhile.map((event) => (event.type === 'run.ended' ? { ...event, proposal: null } : event)), said);
  put(store, resumed(tape), ...hooksNext(tape));
  return true;
}

/** What may lie between two goes, and what the next one is told. */
const between: ReadonlySet<Event['type']> = new Set([
  ...(['run.ended', 'run.parked', 'run.resumed', 'loop.created', 'loop.ended', 'tools.offered'] as const),
  'history.rewound',
  ...(['question.asked', 'question.answered', 'question.used'] as const),
]);

/** Only where it comes next: another one belongs to a later go. */
const resumed = (tape: Tape) => (tape.rest()[0]?.type === 'run.resumed' ? tape.take('run.resumed') : undefined);
