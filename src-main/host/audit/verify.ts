/** Recomputes the chain of one run and names the first record that is not as it was written. Pure. */
import { createPublicKey, type KeyObject, verify as verifySignature } from 'node:crypto';
import { type AuditBreak, type AuditHead, AuditRecord, noHash } from '#contract/audit.ts';
import { hashOf, signedText } from './chain.ts';
import { fingerprint } from './signer.ts';

export interface Evidence {
  run: string;
  /** The file's text; null when there is none. */
  text: string | null;
  /** What was kept of the chain's end apart from the file; null when nothing was. */
  head: AuditHead | null;
  keys: Keys;
}

/** Public keys by fingerprint. */
export type Keys = ReadonlyMap<string, KeyObject>;

export interface Finding {
  records: number;
  signed: number;
  unsigned: number;
  broken: AuditBreak | null;
}

type Kind = AuditBreak['kind'];

/** Throws for a text that is no public key. */
export function readKeys(pems: readonly string[]): Keys {
  const keys = pems.map((pem) => createPublicKey(pem));
  return new Map(keys.map((key) => [fingerprint(key), key]));
}

export function verifyRun({ run, text, head, keys }: Evidence): Finding {
  const finding: Finding = { records: 0, signed: 0, unsigned: 0, broken: null };
  const broken = (kind: Kind, seq: number, detail: string): Finding => ({
    ...finding,
    broken: { run, kind, seq: Math.max(1, seq), detail },
  });
  if (head?.prunedAt) {
    const good = head.checkpoint === null || judge(head.checkpoint, keys, finding);
    return good ? finding : broken('bad_signature', head.seq, 'The signature of the kept checkpoint does not hold.');
  }
  if (text === null) return broken('missing_file', 1, 'The file of this run is gone.');
  if (head === null) return broken('inserted', 1, 'There is a file of this run, but nobody wrote one.');

  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  const all = lines.map(parse);
  const numbers = all.map((record) => record?.seq ?? 0);
  let prev = noHash;
  for (const [index, record] of all.entries()) {
    const seq = index + 1;
    if (record === null) return broken('changed', seq, 'The line is no record any more.');
    const again = numbers.indexOf(seq, seq) >= 0;
    const wrong = wrongInItself(run, record) ?? wrongPlace(record, seq, prev, again) ?? wrongEnd(record, head);
    if (wrong) return broken(...wrong);
    if (record.checkpoint && !judge(record, keys, finding))
      return broken('bad_signature', seq, 'The signature does not stand for the records before it.');
    prev = record.hash;
    finding.records += 1;
  }
  if (finding.records < head.seq)
    return broken('truncated', finding.records + 1, `The run has ${head.seq} records, ${finding.records} are there.`);
  return rest === '' ? finding : broken('inserted', head.seq + 1, 'There is more after the last record.');
}

type Wrong = [kind: Kind, seq: number, detail: string] | null;

function wrongInItself(run: string, record: AuditRecord): Wrong {
  if (record.run !== run) return ['inserted', record.seq, `The line belongs to the run ${record.run}.`];
  return hashOf(record) === record.hash ? null : ['changed', record.seq, 'Its hash does not fit what it says.'];
}

/** `seq`: the number that is due. `again`: it comes once more further down. */
function wrongPlace(record: AuditRecord, seq: number, prev: string, again: boolean): Wrong {
  if (record.seq > seq)
    return again
      ? ['reordered', seq, `Record ${record.seq} stands in its place.`]
      : ['removed', seq, `Record ${record.seq} follows on ${seq - 1}.`];
  if (record.seq < seq) return ['inserted', record.seq, 'A record of this number is there already.'];
  if (record.prev === prev) return null;
  return again
    ? ['inserted', seq, 'There are two records of this number.']
    : ['changed', seq - 1, 'The record after it was written upon something else.'];
}

function wrongEnd(record: AuditRecord, head: AuditHead): Wrong {
  if (record.seq > head.seq) return ['inserted', record.seq, `The run ends with record ${head.seq}.`];
  if (record.seq < head.seq || record.hash === head.hash) return null;
  return ['changed', record.seq, 'The end of the run was kept with another hash.'];
}

/** Counts the checkpoint as signed or unsigned; false when its signature is not good. */
function judge(record: AuditRecord, keys: Keys, finding: Finding): boolean {
  const { key, signature } = record.checkpoint ?? { key: null, signature: null };
  if (key === null || signature === null) {
    finding.unsigned += 1;
    return true;
  }
  if (!holds(signedText(record), signature, keys.get(key))) return false;
  finding.signed += 1;
  return true;
}

export function holds(text: string, signature: string, key: KeyObject | undefined): boolean {
  return key !== undefined && verifySignature(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
}

/** Null also for one that says the same in other characters: a field twice, of which only the last counts, or a space more. */
function parse(line: string): AuditRecord | null {
  try {
    const json: unknown = JSON.parse(line);
    const read = AuditRecord.safeParse(json);
    return read.success && JSON.stringify(json) === line ? read.data : null;
  } catch {
    return null;
  }
}
