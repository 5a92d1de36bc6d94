/** What makes the records of a run a chain: each carries the hash of the one before it. */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { AuditRecord } from '#contract/audit.ts';

/** Canonical JSON (RFC 8785). */
export function canonical(value: unknown): string {
  return canonicalize(value) ?? 'null';
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** `SHA-256(prev || canonical JSON of the record without hash)`, whatever stands in the record's own `hash`. */
export function hashOf(record: Omit<AuditRecord, 'hash'> & { hash?: string }): string {
  const { hash: _own, ...rest } = record;
  return sha256(record.prev + canonical(rest));
}

/** The record with its hash. */
export function sealed(record: Omit<AuditRecord, 'hash'>): AuditRecord {
  return { ...record, hash: hashOf(record) };
}

/** What the signature of a checkpoint stands for: every record before it. */
export function signedText({ run, seq, prev }: Pick<AuditRecord, 'run' | 'seq' | 'prev'>): string {
  return `nightshift-audit/1\n${run}\n${seq}\n${prev}\n`;
}
