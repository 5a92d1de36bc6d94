/** Commit, then tell: events, projections and outbox land in one transaction; subscribers hear after it, in order. */
import type { Delta, Draft, Event } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { runOf } from '#contract/state.ts';
import type { Clock } from '#core/ports.ts';
import { type AuditHeads, createAuditHeads } from './audit-heads.ts';
import { guarded } from './data-faults.ts';
import { journalOf, type Lasting, lastingOf, openDatabase, type Sql } from './database.ts';
import { createFlush } from './flush.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { createProjections, type Projections } from './projections.ts';
import { createRecords, type Records } from './records.ts';

export type Listener = (item: { kind: 'event'; event: Event } | Delta) => void;

/** What a transaction may do. Never kept beyond it. */
export interface Writer {
  append(draft: Draft): Event;
  records: Records;
  outbox: Outbox;
}

export interface Store {
  /**
   * Runs `work` in one transaction: all of it or nothing. Throws `data.full`, `data.read_only`, and whatever `work` throws.
   * `lasting` is `power_cut` unless said. With `kill` nothing stands still for the disk: whoever does something that must
   * not be forgotten waits for `flush` before.
   */
  commit<T>(work: (writer: Writer) => T, lasting?: Lasting): T;
  /** Resolves when everything that was committed before the call outlives a power cut. Rejects as `commit` throws. */
  flush(): Promise<void>;
  /**
   * The same, but waits only where the disk is more than a second behind: for what only costs money when it is forgotten.
   * After a power cut `Purse.recover` counts that money.
   */
  keepUp(): Promise<void>;
  /** Streams an unstored delta to whoever listens right now. */
  tell(delta: Delta): void;
  /** Called for every event committed from now on, in order. The returned function ends it. */
  listen(listener: Listener): () => void;
  /** Committed events with `seq` greater than `after`, oldest first. */
  events(filter: { after: number; run?: string; limit: number }): Event[];
  /** Highest committed sequence number, 0 for an empty log. */
  seq(): number;
  /** How many there were since it was opened: as long as it stays, nothing here has changed. */
  commits(): number;
  readonly read: Projections;
  readonly records: Records;
  readonly outbox: Outbox;
  /** Write to it only inside `commit`. */
  readonly auditHeads: AuditHeads;
  close(): void;
}

/**
 * `fence` numbers the owner of the data directory: whoever opens last with one owns the store, and an earlier owner
 * commits nothing more, however long it stood still in between: it throws `run.interrupted`. Without it nothing is checked.
 */
export function openStore(file: string, clock: Clock, fence?: number): Store {
  const sql = openDatabase(file);
  const read = createProjections(sql);
  const records = createRecords(sql);
  const outbox = createOutbox(sql);
  const auditHeads = createAuditHeads(sql);
  const insert = sql.prepare('INSERT INTO events(seq, at, run, type, body) VALUES (?, ?, ?, ?, ?)');
  const listeners = new Set<Listener>();
  const query = eventQueries(sql);
  const requireOwner = fence === undefined ? () => {} : ownership(sql, records, `${fence} since ${clock.now()}`);
  const makeLast = lastingOf(sql);
  const others = sql.prepare('PRAGMA data_version').pluck();
  let commits = 0;
  /** Of the last event; null: not known. */
  let last: number | null = null;
  let heard: unknown;
  /** Nobody else should write here; if somebody did, what was read before counts no more. */
  function anew(): void {
    last = null;
    read.anew();
    records.anew();
  }
  function lookForOthers(): void {
    const version = others.get();
    if (version !== heard) anew();
    heard = version;
  }
  const { owe, flush, keepUp, close: closeJournal } = createFlush(journalOf(sql, file), clock);
  /** Made once: it takes a tenth of a commit to make. */
  const transaction = sql.transaction((work: () => unknown) => work()).immediate;
  const publish = inOrder((item: Parameters<Listener>[0]) => {
    for (const listener of [...listeners]) listener(item);
  });

  /** What a transaction that failed had told us was never so. */
  function kept<T>(work: () => T): T {
    try {
      return guarded(work);
    } catch (error) {
      anew();
      throw error;
    }
  }

  return {
    commit(work, lasting = 'power_cut') {
      const fresh: Event[] = [];
      makeLast(lasting);
      const append = (draft: Draft): Event => {
        last = (last ?? query.seq()) + 1;
        const event = { ...draft, seq: last, at: new Date(clock.now()).toISOString() } as Event;
        const { type, at, seq: _, ...body } = event;
        insert.run(last, at, runOf(event), type, JSON.stringify(body));
        read.apply(event);
        fresh.push(event);
        return event;
      };
      const whole = () => {
        lookForOthers();
        requireOwner();
        return work({ append, records, outbox });
      };
      const result = kept(() => transaction(whole)) as ReturnType<typeof work>;
      commits++;
      if (lasting === 'kill') owe();
      publish(fresh.map((event) => ({ kind: 'event', event })));
      return result;
    },
    flush,
    keepUp,
    tell: (delta) => publish([delta]),
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    events: query.events,
    seq: query.seq,
    commits: () => commits,
    read,
    records,
    outbox,
    auditHeads,
    close() {
      closeJournal();
      sql.close();
    },
  };
}

/** Takes the store over; what it returns throws in every transaction after somebody else did. */
function ownership(sql: Sql, records: Records, owner: string): () => void {
  guarded(() => sql.transaction(() => records.setFact('owner', owner)).immediate());
  return () => {
    if (records.fact('owner') !== owner)
      throw new Fault('run.interrupted', 'Another host has taken over the data directory.');
  };
}

/** A listener may commit while it is being told: what follows waits its turn, so that nobody hears 6 before 5. */
function inOrder<T>(tell: (item: T) => void): (items: T[]) => void {
  const waiting: T[] = [];
  let telling = false;
  return (items) => {
    waiting.push(...items);
    if (telling) return;
    telling = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) tell(next);
    } finally {
      telling = false;
    }
  };
}

interface Row {
  seq: number;
  at: string;
  type: string;
  body: string;
}

function eventQueries(sql: Sql) {
  const last = sql.prepare('SELECT COALESCE(MAX(seq), 0) FROM events').pluck();
  const all = sql.prepare('SELECT seq, at, type, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?');
  const ofRun = sql.prepare('SELECT seq, at, type, body FROM events WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?');
  const revive = ({ seq, at, type, body }: Row): Event => ({ type, seq, at, ...JSON.parse(body) }) as Event;
  return {
    seq: () => Number(last.get()),
    events({ after, run, limit }: { after: number; run?: string; limit: number }): Event[] {
      const rows = run === undefined ? all.all(after, limit) : ofRun.all(run, after, limit);
      return (rows as Row[]).map(revive);
    },
  };
}
