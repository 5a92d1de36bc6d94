/** What the rows of subagents need of their run, and of what is open in it. */
import { type ComponentType, createContext } from 'react';
import type { AgentThread } from '#contract/runs.ts';
import type { Row, Transcript } from '#state/transcript.ts';

/** As any row of a transcript is shown. */
export interface RowViewProps {
  row: Row;
  open: boolean;
  onToggle(call: string): void;
  onCall(call: string): void;
  /** Goes on from a turn, in this run or in another one. Absent: it is no turn of the run's own conversation. */
  onTurn?: ((turn: number) => void) | undefined;
  /** What stands above the transcript as the run's report. */
  report: string | null;
}

/** A subagent is open under its id, a call of it under `<id>/<call>`. */
export interface Threads {
  /** Whose they are. */
  run: string;
  agents: readonly AgentThread[];
  transcripts: ReadonlyMap<string, Transcript>;
  open: ReadonlySet<string>;
  RowView: ComponentType<RowViewProps>;
}

export const ThreadsContext = createContext<Threads>({
  run: '',
  agents: [],
  transcripts: new Map(),
  open: new Set(),
  RowView: () => null,
});
