/**
 * Writes what was committed into each run's audit chain: events first, then the file, then the chain's end in the
 * database. Whatever a kill leaves undone is found and done by the next host, once.
 */
import { type AuditRecord, noHash } from '#contract/audit.ts';
import type { Event } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import type { Audit, Clock, Log, Seal } from '#core/ports.ts';
import type { AuditMark } from '#core/store/audit-heads.ts';
import type { Store } from '#core/store/event-log.ts';
import type { Secrets } from '#host/secrets.ts';
import { canonical, sealed, sha256, signedText } from './chain.ts';
import { checkpointFields, closes, fieldsOf, isAudited, type Known } from './facts.ts';
import { appendLines, fileOf, onDisk, removeLog } from './file.ts';
import type { Signer } from './signer.ts';

export interface AuditLog extends Audit {
  /** Resolves when everything committed so far is in the files. Rejects with what stood in the way. */
  settled(): Promise<void>;
  /** After all that waits, and before anything that comes later. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

export interface AuditLogParts {
  store: Store;
  clock: Clock;
  log: Log;
  folder: string;
  /** Of the product. */
  version: string;
  secrets: Secrets;
  signer: Signer;
}

/** Every so many records, one is a checkpoint. */
const stretch = 100;
/** Milliseconds in which events gather before they are written. */
const gathering = 100;
const page = 500;

/** Catches up at once. Never throws. */
export function openAuditLog(parts: AuditLogParts): AuditLog {
  const { store, clock, log } = parts;
  const dirty = new Set<string>();
  const touched = new Set<string>();
  const tools = createToolNames(store);
  let tail: Promise<unknown> = Promise.resolve();
  let cancel: (() => void) | null = null;
  let closed = false;

  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const result = tail.then(work);
    tail = result.catch(() => undefined);
    return result;
  };

  function schedule(ms: number): void {
    cancel ??= clock.after(ms, () => {
      cancel = null;
      void alone(writeDirty).catch(complain);
    });
  }

  const deaf = store.listen((item) => {
    if (item.kind !== 'event' || !('run' in item.event) || !isAudited(item.event.type)) return;
    dirty.add(item.event.run);
    if (!closed) schedule(gathering);
  });

  /** The run whose records are written, for the log. */
  let writing: string | undefined;

  const complain = (error: unknown) => {
    if (!(error instanceof Fault && error.code === 'run.interrupted'))
      log.error('the audit log', error, { run: writing });
  };

  async function writeDirty(): Promise<void> {
    for (const run of [...dirty]) {
      dirty.delete(run);
      writing = run;
      await write(run, false);
    }
  }

  /** `seal`: ends in a checkpoint, whatever its number. */
  async function write(run: string, seal: boolean): Promise<Seal | null> {
    try {
      return await writeAll(run, seal);
    } catch (error) {
      touched.delete(run);
      dirty.add(run);
      throw error;
    }
  }

  async function writeAll(run: string, seal: boolean): Promise<Seal | null> {
    for (let after = 0; ; ) {
      const mark = store.auditHeads.get(run);
      if (mark?.prunedAt) return null;
      const events = store.events({ after: Math.max(after, mark?.event ?? 0), run, limit: page });
      const last = events.length < page;
      // The first record holds the result of the sandbox's self-test, so it waits for one, or for the end.
      if (!mark && !seal && last && !events.some(begins)) return null;
      after = events.at(-1)?.seq ?? after;
      const written = await extend(run, mark, events, seal && last);
      if (last) return written ? { run, seq: written.seq, hash: written.hash } : null;
    }
  }

  async function extend(run: string, mark: AuditMark | undefined, events: Event[], seal: boolean) {
    const { records, end } = await chain(parts, tools, run, mark, events, seal);
    if (records.length === 0) return mark;
    const lines = records.map((record) => JSON.stringify(record));
    const file = fileOf(parts.folder, run);
    const known = { known: mark?.bytes ?? 0, recovering: !touched.has(run) };
    // Whoever does not own the directory any more fails before it touches the file, and nobody takes it over in between.
    const bytes = store.commit(() => appendLines(file, lines, known));
    await onDisk(file);
    touched.add(run);
    const next: AuditMark = { run, ...end, event: events.at(-1)?.seq ?? mark?.event ?? 0, bytes, prunedAt: null };
    store.commit(() => store.auditHeads.put(next));
    return next;
  }

  /** Runs that an earlier host wrote events for, and those whose first record still waits. */
  function findBehind(): void {
    const from = Number(store.records.fact('audit_seq') ?? 0);
    for (const run of store.auditHeads.behind(from)) dirty.add(run);
    for (const { id } of store.read.runs({ state: 'open', limit: 10_000 })) dirty.add(id);
  }

  async function rememberPlace(): Promise<void> {
    if (dirty.size > 0) return;
    const seq = String(store.seq());
    store.commit(({ records }) => records.setFact('audit_seq', seq));
  }

  async function tidy(): Promise<void> {
    for (const { run, prunedAt } of store.auditHeads.all()) if (prunedAt) await removeLog(parts.folder, run);
    findBehind();
    await writeDirty();
    await rememberPlace();
  }
  void alone(tidy).catch(complain);

  return {
    alone,
    settled: () => alone(writeDirty),
    seal: (run) =>
      alone(() => write(run, true)).catch((error: unknown) => {
        complain(error);
        return null;
      }),
    async close() {
      closed = true;
      cancel?.();
      await alone(writeDirty).then(rememberPlace).catch(complain);
      deaf();
    },
  };
}

const begins = ({ type }: Event) => type === 'sandbox.ready' || type === 'run.ended';

/** The records for `events`, and where the chain ends then. */
async function chain(
  { store, clock, version, secrets, signer }: AuditLogParts,
  tools: ToolNames,
  run: string,
  mark: AuditMark | undefined,
  events: Event[],
  seal: boolean,
) {
  const policy = policyOf(store, run);
  const policyHash = policy && sha256(canonical(policy));
  const known: Known = {
    tool: (call) => tools.name(run, call),
    opening: { version, policy, enforced: store.read.run(run)?.enforced ?? [] },
  };
  const records: AuditRecord[] = [];
  let { seq, hash: prev, checkpoint } = mark ?? { seq: 0, hash: noHash, checkpoint: null };
  const add = (record: Omit<AuditRecord, 'seq' | 'run' | 'prev' | 'hash'>) => {
    const whole = sealed({ ...record, seq: ++seq, run, prev });
    prev = whole.hash;
    records.push(whole);
    return whole;
  };
  const addCheckpoint = async (ts: string) => {
    const signed = await signer.sign(signedText({ run, seq: seq + 1, prev }));
    const place = { ts, event: null, what: 'checkpoint', checkpoint: signed ?? { key: null, signature: null } };
    checkpoint = add({ ...checkpointFields, ...place, policy_hash: policyHash });
  };
  for (const event of events) {
    tools.note(event);
    const fields = fieldsOf(event, known, secrets.value);
    if (fields === null) continue;
    const { at: ts, seq: number, type: what } = event;
    add({ ...fields, policy_hash: fields.policy_hash ?? policyHash, ts, event: number, what, checkpoint: null });
    if (closes(event) || (seq + 1) % stretch === 0) await addCheckpoint(ts);
  }
  const atCheckpoint = records.length > 0 ? records.at(-1)?.checkpoint !== null : checkpoint?.hash === prev;
  if (seal && seq > 0 && !atCheckpoint) await addCheckpoint(new Date(clock.now()).toISOString());
  return { records, end: { seq, hash: prev, checkpoint } };
}

/** What the run was allowed from the start; null for runs older than this record, and of a version that cannot be read any more. */
function policyOf(store: Store, run: string): object | null {
  try {
    const spec = store.records.spec(run);
    if (!spec) return null;
    const { permissionMode, limits, model, checks, repository, branchPrefix } = spec;
    return { permissionMode, limits, model, checks, repository, branchPrefix };
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}

/** A call's result does not repeat the name of its tool. */
interface ToolNames {
  note(event: Event): void;
  name(run: string, call: string): string | null;
}

function createToolNames(store: Store): ToolNames {
  const names = new Map<string, string>();
  const note = (event: Event) => {
    if (event.type === 'tool.started') names.set(`${event.run} ${event.call}`, event.name);
  };
  return {
    note,
    /** Each name is asked for once. What an earlier host began is looked up. */
    name(run, call) {
      const key = `${run} ${call}`;
      if (!names.has(key))
        for (const event of store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER })) note(event);
      const name = names.get(key) ?? null;
      names.delete(key);
      return name;
    },
  };
}
