/** (state, what was heard) → state: the shared reducers, applied to everything on screen. */
import type { Event, StreamItem } from '#contract/events.ts';
import { reduceAlert, reduceOccurrence, reduceProposal, reduceQuestion, reduceRun, runOf } from '#contract/state.ts';
import type { Snapshot } from '#link/snapshot.ts';
import { type Speech, type State, voiceOf } from './model.ts';
import { emptyTranscript, extendTranscript, type Transcript } from './transcript.ts';

/** Starts over: transcripts are of the log that is gone, or will be read again. */
export function applySnapshot(state: State, snapshot: Snapshot): State {
  return {
    ...state,
    seq: snapshot.host.seq,
    host: snapshot.host,
    routines: snapshot.routines,
    runs: Object.fromEntries(snapshot.runs.map((run) => [run.id, run])),
    runSeq: {},
    proposals: Object.fromEntries(snapshot.proposals.map((proposal) => [proposal.id, proposal])),
    questions: Object.fromEntries(snapshot.questions.map((question) => [question.id, question])),
    alerts: Object.fromEntries(snapshot.alerts.map((alert) => [alert.seq, alert])),
    ledger: snapshot.ledger,
    pausedAll: snapshot.pausedAll,
    transcripts: {},
    speech: {},
  };
}

/** An event that was seen before changes nothing. */
export function applyItems(state: State, items: readonly StreamItem[]): State {
  const draft: Draft = {
    ...state,
    runs: { ...state.runs },
    proposals: { ...state.proposals },
    questions: { ...state.questions },
    alerts: { ...state.alerts },
    speech: { ...state.speech },
    transcripts: { ...state.transcripts },
  };
  const byRun = new Map<string, Event[]>();
  for (const item of items) {
    if (item.kind === 'delta') hear(draft.speech, item);
    if (item.kind !== 'event' || item.event.seq <= (draft.seq ?? 0)) continue;
    const { event } = item;
    draft.seq = event.seq;
    endSpeech(draft, event);
    takeRun(draft, event);
    takeProposal(draft, event);
    takeQuestion(draft, event);
    takeAlert(draft, event);
    takeLedger(draft, event);
    takePause(draft, event);
    takeStale(draft, event);
    const run = runOf(event);
    if (run !== null) {
      const events = byRun.get(run);
      if (events) events.push(event);
      else byRun.set(run, [event]);
    }
  }
  for (const [run, events] of byRun) {
    const known = draft.transcripts[run];
    if (known) draft.transcripts[run] = extendTranscript(known, events);
  }
  return draft;
}

/** All events of one run, read from the log: the run itself is rebuilt from them, exact as of the last one. */
export function applyHistory(state: State, id: string, events: readonly Event[]): State {
  const last = events.at(-1)?.seq ?? 0;
  const run = events.reduce(reduceRun, undefined);
  return {
    ...state,
    runs: run ? { ...state.runs, [id]: run } : state.runs,
    runSeq: { ...state.runSeq, [id]: last },
    transcripts: { ...state.transcripts, [id]: extendTranscript(emptyTranscript, events) },
  };
}

type Draft = { -readonly [K in keyof State]: State[K] } & {
  runs: Record<string, State['runs'][string]>;
  proposals: Record<string, State['proposals'][string]>;
  questions: Record<string, State['questions'][string]>;
  alerts: Record<number, State['alerts'][number]>;
  speech: Record<string, Speech>;
  transcripts: Record<string, Transcript>;
};

function takeRun(draft: Draft, event: Event): void {
  if (!('run' in event) || event.seq <= (draft.runSeq[event.run] ?? 0)) return;
  const run = reduceRun(draft.runs[event.run], event);
  if (run) draft.runs[event.run] = run;
}

/** What was being said is now in the log, or will be said again from its beginning. */
function endSpeech(draft: Draft, event: Event): void {
  switch (event.type) {
    case 'turn.started':
    case 'model.retrying':
    case 'message.finished':
    case 'agent.ended':
      delete draft.speech[voiceOf(event.run, event.agent)];
      break;
    case 'run.ended':
      for (const voice of Object.keys(draft.speech))
        if (voice === event.run || voice.startsWith(`${event.run}/`)) delete draft.speech[voice];
  }
}

function takeProposal(draft: Draft, event: Event): void {
  const id = 'proposal' in event && (typeof event.proposal === 'string' ? event.proposal : event.proposal?.id);
  if (!id) return;
  const proposal = reduceProposal(draft.proposals[id], event);
  if (proposal) draft.proposals[id] = proposal;
}

function takeQuestion(draft: Draft, event: Event): void {
  if (!('question' in event)) return;
  const id = typeof event.question === 'string' ? event.question : event.question.id;
  const question = reduceQuestion(draft.questions[id], event);
  if (question) draft.questions[id] = question;
}

function takeAlert(draft: Draft, event: Event): void {
  if (event.type === 'alert.dismissed') for (const seq of event.alerts) delete draft.alerts[seq];
  const alert = event.type === 'alert.raised' ? reduceAlert(undefined, event) : undefined;
  if (alert) draft.alerts[alert.seq] = alert;
}

function takeLedger(draft: Draft, event: Event): void {
  if (event.type !== 'occurrence.claimed' && event.type !== 'occurrence.settled') return;
  const dueAt = event.type === 'occurrence.claimed' ? event.occurrence.dueAt : event.dueAt;
  const same = (row: State['ledger'][number]) => row.routine === event.routine && row.dueAt === dueAt;
  const row = reduceOccurrence(draft.ledger.find(same), event);
  if (!row) return;
  const others = draft.ledger.filter((other) => !same(other));
  const place = others.findIndex((other) => other.dueAt < row.dueAt);
  draft.ledger = others.toSpliced(place < 0 ? others.length : place, 0, row);
}

function takePause(draft: Draft, event: Event): void {
  if (event.type === 'routines.paused_all')
    draft.pausedAll = event.paused ? { since: event.at, until: event.until } : null;
}

/** What is no event, or not kept here, has to be asked for again. */
function takeStale(draft: Draft, event: Event): void {
  switch (event.type) {
    case 'routine.changed':
    case 'occurrence.claimed':
    case 'run.ended':
      draft.routinesStale += 1;
      break;
    case 'grant.given':
    case 'grant.revoked':
    case 'grant.lapsed':
      draft.grantsStale += 1;
      break;
    case 'memory.edited':
    case 'memory.settled':
      draft.memoryStale += 1;
  }
}

function hear(speech: Record<string, Speech>, delta: Extract<StreamItem, { kind: 'delta' }>): void {
  const voice = voiceOf(delta.run, delta.agent);
  const said = speech[voice];
  const current = said?.turn === delta.turn ? said : { turn: delta.turn, thinking: '', text: '' };
  speech[voice] = { ...current, [delta.channel]: current[delta.channel] + delta.text };
}
