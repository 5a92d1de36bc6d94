/** Commit, then tell: events, projections and outbox land in one transaction; subscribers hear after it, in order. */
import { nextTick } from 'node:process';
import type { Delta, Draft, Event } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { runOf } from '#contract/state.ts';
import type { Clock } from '#core/ports.ts';
import { type AuditHeads, createAuditHeads } from './audit-heads.ts';
import { guarded, translate } from './data-faults.ts';
import { journalOf, type Lasting, lastingOf, openDatabase, type Sql } from './database.ts';
import { createFlush } from './flush.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { createProjections, type Projections } from './projections.ts';
import { createRecords, type Records } from './records.ts';
import { createTransactions } from './transactions.ts';

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
   * not be forgotten waits for `flush` before. With `soon` it is committed with the next commit, whoever makes it, or else
   * before this process turns to anything else; until then only those hear of it that attend. For what only the caller goes
   * on from, and nothing outside before its next commit.
   */
  commit<T>(work: (writer: Writer) => T, lasting?: Lasting): T;
  /** Commits now what is to be committed soon. Throws as `commit` does. */
  settle(): void;
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
  /**
   * As `listen`, of one run, and at once also of what is committed soon: for whoever does nothing outside with it before a
   * commit of its own. `lost`: what it heard could not be committed, and is not so; it must go no further. The log is as
   * if this process had ended before.
   */
  attend(run: string, heard: (event: Event) => void, lost: (error: unknown) => void): () => void;
  /** Committed events with `seq` greater than `after`, oldest first. */
  events(filter: { after: number; run?: string; limit: number }): Event[];
  /** Highest committed sequence number, 0 for an empty log. */
  seq(): number;
  /** How many there were since it was opened: as long as it stays, nothing here has changed. */
  commits(): number;
  /** With what is committed soon, as are the two that follow. */
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
  const attending = new Set<{ run: string; heard(event: Event): void; lost(error: unknown): void }>();
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
  const transactions = createTransactions(sql, {
    begun() {
      lookForOthers();
      requireOwner();
    },
    ending: read.writeOut,
    takenBack: anew,
    kept() {
      owe();
      told = untold.length;
    },
    lost(error) {
      const runs = new Set(untold.splice(told).map(runOf));
      commits++;
      for (const one of [...attending]) if (runs.has(one.run)) one.lost(translate(error));
    },
  });
  const publish = inOrder((item: Parameters<Listener>[0]) => {
    for (const listener of [...listeners]) listener(item);
  });
  const tellAtOnce = inOrder((event: Event) => {
    const run = runOf(event);
    for (const one of [...attending]) if (one.run === run) one.heard(event);
  });
  /** What listeners have yet to hear, in order; of it, the first `told` are committed. */
  const untold: Event[] = [];
  let told = 0;
  let settling = false;

  function put(event: Event): void {
    const { type, at, seq, ...body } = event;
    insert.run(seq, at, runOf(event), type, JSON.stringify(body));
    read.apply(event);
    last = seq;
  }
  function add(draft: Draft): Event {
    const event = { ...draft, seq: (last ?? query.seq()) + 1, at: new Date(clock.now()).toISOString() } as Event;
    put(event);
    return event;
  }
  /** `work`, and what it adds in `fresh`; done once more, it adds the very same again. */
  const adding =
    <T>(work: (writer: Writer) => T, fresh: Event[]) =>
    () => {
      let next = 0;
      const append = (draft: Draft): Event => {
        const known = fresh[next++];
        if (known) put(known);
        else fresh.push(add(draft));
        return fresh[next - 1] as Event;
      };
      return work({ append, records, outbox });
    };
  function tellCommitted(): void {
    const committed = untold.splice(0, told);
    told = 0;
    publish(committed.map((event) => ({ kind: 'event', event })));
  }
  function commitHeld(): void {
    if (!transactions.holds) return;
    guarded(() => transactions.settle());
    owe();
    told = untold.length;
  }
  function settle(): void {
    commitHeld();
    tellCommitted();
  }
  /** Nobody who asks for it can do anything about a disk that refuses: whoever goes on from what is lost is told. */
  function settled(): void {
    try {
      commitHeld();
    } catch {
      // Told.
    }
    tellCommitted();
  }
  function settleSoon(): void {
    if (settling) return;
    settling = true;
    // After all that follows from what this process is at, and before anything comes from outside.
    nextTick(() => {
      settling = false;
      settled();
    });
  }
  function soon<T>(work: (writer: Writer) => T): T {
    settleSoon();
    const fresh: Event[] = [];
    const result = guarded(() => transactions.hold(adding(work, fresh)));
    commits++;
    untold.push(...fresh);
    tellAtOnce(fresh);
    return result;
  }
  function now<T>(work: (writer: Writer) => T, lasting: 'power_cut' | 'kill'): T {
    const fresh: Event[] = [];
    try {
      // It takes over what it outlives from whoever began the transaction.
      if (lasting === 'power_cut') commitHeld();
      makeLast(lasting);
      const result = guarded(() => transactions.commit(adding(work, fresh)));
      commits++;
      if (lasting === 'kill') owe();
      untold.push(...fresh);
      told = untold.length;
      tellAtOnce(fresh);
      return result;
    } finally {
      tellCommitted();
    }
  }

  return {
    commit(work, lasting = 'power_cut') {
      if (lasting !== 'soon') return now(work, lasting);
      makeLast('kill');
      return soon(work);
    },
    settle,
    async flush() {
      settle();
      await flush();
    },
    async keepUp() {
      settle();
      await keepUp();
    },
    tell: (delta) => publish([delta]),
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    attend(run, heard, lost) {
      const one = { run, heard, lost };
      attending.add(one);
      return () => void attending.delete(one);
    },
    events(filter) {
      settled();
      return query.events(filter);
    },
    seq() {
      settled();
      return query.seq();
    },
    commits: () => commits,
    read,
    records,
    outbox,
    auditHeads,
    close() {
      settled();
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
