/** A cassette: one run as a file of JSON lines, with everything that is needed to play it again without a model, a sandbox or a network. */
import { z } from 'zod';
import { AgentId } from './agents.ts';
import { Event } from './events.ts';
import { RunId } from './ledger.ts';
import { RoutineSpec } from './routines.ts';

/** Grows with every change that an older version could not read. */
export const cassetteVersion = 2;

/** The first line: what the run worked on, and how. Its repository is not part of it, only the commit that it began from. */
export const CassetteHead = z.object({
  kind: z.literal('cassette'),
  version: z.literal([1, cassetteVersion]),
  /** Version of the product that wrote it. */
  product: z.string(),
  run: RunId,
  /** As the run had it, with the hosts that it was granted; `repository` is left out as `/`. */
  spec: RoutineSpec,
  /** Full hash of the commit that the run began from. */
  base: z.string(),
  /** Path of the worktree as the model was told it. */
  seenAt: z.string(),
  /** What was known of each model that answered; read by whoever plays it. */
  models: z.array(z.looseObject({ id: z.string() })),
  /** The change up to each commit that was judged or graded, as a patch. Absent: nothing was, or it is not there any more. */
  changes: z.array(z.object({ commit: z.string(), patch: z.string() })).optional(),
});
export type CassetteHead = z.infer<typeof CassetteHead>;

/**
 * A request as it was sent. `messages` and `tools`: numbers of `part` lines, from 0; what is sent again and again stands
 * in the file once. Cache marks are no part of a part. Played again nothing costs money, so no cap of it has shortened
 * `max_tokens`.
 */
const RequestLine = z.object({
  kind: z.literal('request'),
  /** The turn that it asks for. */
  turn: z.int().min(1),
  /** The last four: questions beside the conversation, since format 2. */
  purpose: z.enum(['conversation', 'compaction', 'judge', 'grader', 'classifier', 'probe']),
  /** The subagent that asks. Absent: the agent of the run itself. */
  agent: AgentId.optional(),
  /** Of the bytes of its body: SHA-256, hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** The same of everything up to the newest message: what a prompt cache could read. */
  prefix: z.string().regex(/^[0-9a-f]{64}$/),
  system: z.int().min(0).nullable(),
  tools: z.array(z.int().min(0)),
  messages: z.array(z.int().min(0)),
  /** Every other parameter. */
  settings: z.record(z.string(), z.unknown()),
});

export const CassetteLine = z.discriminatedUnion('kind', [
  CassetteHead,
  /** What happened, as in the event log, oldest first: answers with stop reason and usage, tool results, decisions. */
  z.object({ kind: z.literal('event'), event: Event as z.ZodType<Event> }),
  z.object({ kind: z.literal('part'), value: z.unknown() }),
  RequestLine,
  /** The last line: how many there are of the others, so that a file that was cut short is noticed. */
  z.object({
    kind: z.literal('end'),
    events: z.int().min(0),
    requests: z.int().min(0),
    /** The first request, from 1, that played again is another than the log says; null: none. */
    departs: z.int().min(1).nullable(),
  }),
]);
export type CassetteLine = z.infer<typeof CassetteLine>;

/** One request, whole again. */
export interface SentRequest
  extends Pick<z.infer<typeof RequestLine>, 'turn' | 'purpose' | 'agent' | 'sha256' | 'prefix' | 'settings'> {
  system: string | null;
  tools: unknown[];
  messages: unknown[];
}

export interface Cassette {
  head: CassetteHead;
  events: Event[];
  requests: SentRequest[];
  departs: number | null;
}

/** As it is handed over. */
export const ExportedCassette = z.object({
  /** Name for the file. */
  name: z.string(),
  /** The file itself. */
  text: z.string(),
  requests: z.int().min(1),
  /** As in the last line. */
  departs: z.int().min(1).nullable(),
});
export type ExportedCassette = z.infer<typeof ExportedCassette>;

/** What of a request may be left out of a comparison: it changes with versions of the product, not with the routine. */
export const RequestPart = z.enum(['system', 'tools', 'settings']);
export type RequestPart = z.infer<typeof RequestPart>;

/** One part of one request that is not as it was recorded. */
export interface Difference {
  /** `system`, `tools.<name>`, `messages.<n>` from 1, `settings.<name>`, `request` when there is one more or fewer. */
  part: string;
  /** The place where they part, at most some hundred characters; null: there is nothing. */
  before: string | null;
  after: string | null;
}

/** One request that is not as it was recorded, with what of it an earlier one did not show already. */
export interface DifferingRequest {
  /** From 1. */
  request: number;
  turn: number;
  purpose: SentRequest['purpose'];
  differences: Difference[];
}

/** A verdict as it was, and as the same answers lead to it now; both as JSON. */
export interface VerdictCheck {
  what: 'goal' | 'rubric' | 'classifier' | 'probe';
  turn: number;
  /** Of a classifier or a probe: the tool call that it was about. */
  call: string | null;
  before: string;
  after: string;
}

export interface ReplayReport {
  run: string;
  /** Every request to the byte, and every verdict. */
  same: boolean;
  /** Requests of the recording, and requests that were sent now. */
  recorded: number;
  sent: number;
  /** Where they part for the first time: the request from 1, its turn, and every part of it that differs. Null: nowhere. */
  first: DifferingRequest | null;
  /** Every request that differs, oldest first; `first` is its head. */
  differing: DifferingRequest[];
  /** `found`: how many verdicts the recorded answers led to again; `differ`: those of them that came out otherwise. */
  verdicts: { found: number; differ: VerdictCheck[] };
  /** What `Cassette.departs` says. */
  departs: number | null;
}
