/** What the page knows, in one shape. */
import type { Alert } from '#contract/alerts.ts';
import type { HostStatus } from '#contract/host.ts';
import type { Occurrence, PauseAll } from '#contract/ledger.ts';
import type { Proposal } from '#contract/proposals.ts';
import type { Question } from '#contract/questions.ts';
import type { Routine } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import type { Phase } from '#link/link.ts';
import type { Transcript } from './transcript.ts';

/** What the model is saying right now; never stored, replaced by the finished message. */
export interface Speech {
  turn: number;
  thinking: string;
  text: string;
}

/** Whose words they are in `State.speech`: the run's own agent's, or those of one of its subagents. */
export const voiceOf = (run: string, agent?: string): string => (agent === undefined ? run : `${run}/${agent}`);

export interface State {
  phase: Phase;
  /** Milliseconds since the epoch when the link was last live; null before the first time. */
  liveAt: number | null;
  /** Last event taken in; null before the first snapshot. */
  seq: number | null;
  host: HostStatus | null;
  routines: readonly Routine[];
  runs: Readonly<Record<string, Run>>;
  /** Last event counted in a run, where it was read later than the snapshot. */
  runSeq: Readonly<Record<string, number>>;
  proposals: Readonly<Record<string, Proposal>>;
  /** All that are open, and the newest of the others. */
  questions: Readonly<Record<string, Question>>;
  /** Those that nobody has put away, by the number of what raised them. */
  alerts: Readonly<Record<number, Alert>>;
  /** Newest first. */
  ledger: readonly Occurrence[];
  /** All routines held back; null: they are not. One whose end has passed counts for nothing. */
  pausedAll: PauseAll | null;
  /** Only of runs that were opened. */
  transcripts: Readonly<Record<string, Transcript>>;
  /** By `voiceOf`. */
  speech: Readonly<Record<string, Speech>>;
  /** Counts up when routines have to be asked for again: they are files, not events. */
  routinesStale: number;
  /** Counts up when grants have to be asked for again. */
  grantsStale: number;
  /** Counts what changed memories. */
  memoryStale: number;
}

export const initialState: State = {
  phase: { is: 'connecting' },
  liveAt: null,
  seq: null,
  host: null,
  routines: [],
  runs: {},
  runSeq: {},
  proposals: {},
  questions: {},
  alerts: {},
  ledger: [],
  pausedAll: null,
  transcripts: {},
  speech: {},
  routinesStale: 0,
  grantsStale: 0,
  memoryStale: 0,
};
