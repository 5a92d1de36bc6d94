/** The audit log as it crosses a process boundary: what a record holds, and what a check of the chain can say. */
import { z } from 'zod';
import { Instant } from './instants.ts';
import { RunId } from './ledger.ts';

/** SHA-256 as 64 lower-case hexadecimal digits. */
const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);

/** What was decided about a call; records of anything else have none. */
export const AuditDecision = z.enum(['allow', 'deny', 'ask']);
export type AuditDecision = z.infer<typeof AuditDecision>;

/** Where a run's chain begins: the `prev` of its first record. */
export const noHash = '0'.repeat(64);

/**
 * One line of `audit/<run>.jsonl`. `hash` is the SHA-256 of `prev` followed by the canonical JSON (RFC 8785) of the
 * record without `hash`. What the event behind it does not carry is null. Secrets are cut out before anything is hashed.
 */
export const AuditRecord = z.strictObject({
  /** Counts the records of the run, from 1, without gaps. */
  seq: z.int().min(1),
  /** When the event was committed. */
  ts: Instant,
  run: RunId,
  /** Sequence number of the committed event; null for a checkpoint. */
  event: z.int().min(1).nullable(),
  /** Type of the event, or `checkpoint`. */
  what: z.string(),
  actor: z.enum(['agent', 'person', 'nightshift', 'routine']),
  tool: z.string().nullable(),
  /** SHA-256 of the canonical JSON of the whole redacted input. */
  input_hash: Hash.nullable(),
  /** The same as JSON text, at most 4,000 characters of it. */
  input_redacted: z.string().nullable(),
  decision: AuditDecision.nullable(),
  /** Why not, or how it ended. */
  code: z.string().nullable(),
  rule: z.string().nullable(),
  policy_hash: z.string().nullable(),
  sandbox_id: z.string().nullable(),
  /** Exit code of a command. */
  exit: z.int().nullable(),
  /** Bytes that a call was given, and that it gave back; for a connection: received and sent. */
  bytes_in: count.nullable(),
  bytes_out: count.nullable(),
  hosts: z.array(z.string()).nullable(),
  /** SHA-256 over what changed: a patch, or the file list of a proposal. */
  files_changed_hash: Hash.nullable(),
  /** Only in checkpoints. `key` and `signature` are null where no keychain could be asked. */
  checkpoint: z.strictObject({ key: Hash.nullable(), signature: z.string().nullable() }).nullable(),
  prev: Hash,
  hash: Hash,
});
export type AuditRecord = z.infer<typeof AuditRecord>;

export const AuditBreak = z.object({
  run: RunId,
  /** Number of the first record that is not as it was written, counted from 1. */
  seq: z.int().min(1),
  kind: z.enum(['changed', 'removed', 'inserted', 'reordered', 'truncated', 'missing_file', 'bad_signature']),
  detail: z.string(),
});
export type AuditBreak = z.infer<typeof AuditBreak>;

export const AuditVerdict = z.object({
  ok: z.boolean(),
  runs: count,
  records: count,
  /** Checkpoints whose signature holds, and those that were written without a key. */
  signed: count,
  unsigned: count,
  /** Runs whose records were removed by retention; their heads and last checkpoints are kept. */
  pruned: count,
  /** Fingerprints of the keys that checkpoints may be signed with: SHA-256 of the public key. */
  keys: z.array(Hash),
  /** The earliest break of the first run that has one; null when all is as it was written. */
  first: AuditBreak.nullable(),
  /** At most one for each run. */
  breaks: z.array(AuditBreak),
});
export type AuditVerdict = z.infer<typeof AuditVerdict>;

/** One line of an export; see `AuditExportLine` for what stands in it. */
export const AuditLine = z.object({ line: z.string() });

/** The end of a run's chain, kept apart from its file. */
export const AuditHead = z.object({
  run: RunId,
  seq: z.int().min(1),
  hash: Hash,
  prunedAt: Instant.nullable(),
  /** The last checkpoint, kept when its records are pruned. */
  checkpoint: AuditRecord.nullable(),
});
export type AuditHead = z.infer<typeof AuditHead>;

/** An export is JSON lines: first `export`, then for each run its `head` followed by its `record`s as they stand in the file. */
export const AuditExportLine = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('export'),
    format: z.literal('nightshift-audit/1'),
    at: Instant,
    /** Public keys, PEM. */
    keys: z.array(z.string()),
    /** Every run that is in it, with a signature over the list. Absent in exports of earlier versions. */
    runs: z.array(RunId).optional(),
    signature: z.string().nullable().optional(),
    key: Hash.nullable().optional(),
  }),
  z.object({ kind: z.literal('head'), head: AuditHead, signature: z.string().nullable(), key: Hash.nullable() }),
  z.object({ kind: z.literal('record'), run: RunId, text: z.string() }),
]);
export type AuditExportLine = z.infer<typeof AuditExportLine>;
