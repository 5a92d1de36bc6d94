/** Who owns a data directory: at most one living process, known by a number that only grows. */
import { closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Clock } from '#core/ports.ts';
import { asDataFaults } from './data-directory.ts';
import type { Paths } from './paths.ts';
import { ownIdentity, type ProcessIdentity, whereabouts } from './processes.ts';

export interface Holder extends ProcessIdentity {
  /** Milliseconds since the epoch of the last sign of life. */
  heartbeat: number;
  /** Grows with every change of hands. */
  fence: number;
}

export interface Lease {
  readonly fence: number;
  readonly identity: ProcessIdentity;
  /** Gives the directory back. Idempotent; does nothing once the lease is lost. */
  release(): void;
}

export type LeaseAnswer = { held: true; lease: Lease } | { held: false; holder: Holder };

const heartbeatMs = 10_000;
/**
 * A holder whose process number means nothing here, as in another container, is known by its beats alone: three that
 * did not come are its end. If it slept and wakes, its own next beat tells it that it was replaced.
 */
export const silenceMs = 3 * heartbeatMs;
/** Only counts where a process cannot be told from a later one with its number: a sleeping laptop beats late, too. */
const staleMs = 60_000;
/** Errors after which this process cannot know whether it still owns anything: the file was moved, deleted or replaced. */
const unknowable = /^SQLITE_(READONLY|CANTOPEN|NOTADB|CORRUPT|ERROR)/;

/**
 * Takes the directory if nobody living holds it. `onLost` is called at most once, when another process took over or the
 * lease can no longer be read; its holder must then stop at once without writing. Throws `data.read_only`, `data.full`.
 */
export function acquireLease(paths: Paths, clock: Clock, onLost: (why: string) => void): LeaseAnswer {
  const identity = ownIdentity();
  const db = open(paths);
  const taken = asDataFaults(paths.data, () =>
    db
      .transaction((): LeaseAnswer | number => {
        prepareTable(db);
        const holder = readRow(db);
        if (holder && lives(holder, clock) && !givenBack.has(nameOf(paths, holder.fence)))
          return { held: false, holder };
        const fence = (holder?.fence ?? 0) + 1;
        db.prepare(
          'REPLACE INTO lease (id, pid, start_time, boot_id, pid_namespace, heartbeat, fence) VALUES (1, @pid, @startTime, @bootId, @pidNamespace, @now, @fence)',
        ).run({ ...identity, now: clock.now(), fence });
        return fence;
      })
      .immediate(),
  );
  if (typeof taken !== 'number') {
    db.close();
    return taken;
  }
  return { held: true, lease: keep(db, clock, taken, identity, onLost, nameOf(paths, taken)) };
}

/** Leases that this process has given back on a disk that did not take it, by their files and fences. */
const givenBack = new Set<string>();
const nameOf = (paths: Paths, fence: number) => `${fence} ${paths.leaseDatabase}`;

/** The living holder, or null. Never waits for one that is writing and never throws. */
export function readHolder(paths: Paths, clock: Clock): Holder | null {
  try {
    const db = new Database(paths.leaseDatabase, { readonly: true, fileMustExist: true, timeout: 200 });
    try {
      const holder = readRow(db);
      return holder && lives(holder, clock) ? holder : null;
    } finally {
      db.close();
    }
  } catch {
    return null;
  }
}

function open(paths: Paths): Database.Database {
  return asDataFaults(paths.data, () => {
    closeSync(openSync(paths.leaseDatabase, 'a', 0o600));
    const db = new Database(paths.leaseDatabase, { timeout: 5000 });
    db.pragma('synchronous = NORMAL');
    return db;
  });
}

function keep(
  db: Database.Database,
  clock: Clock,
  fence: number,
  identity: ProcessIdentity,
  onLost: (why: string) => void,
  name: string,
): Lease {
  const beat = db.prepare('UPDATE lease SET heartbeat = ? WHERE fence = ?');
  let cancel = () => {};
  let over = false;
  const end = () => {
    over = true;
    cancel();
    db.close();
  };
  const renew = () => {
    try {
      if (beat.run(clock.now(), fence).changes === 0) {
        end();
        return onLost('another process took over the data directory');
      }
    } catch (error) {
      if (unknowable.test(String((error as { code?: unknown }).code))) {
        end();
        return onLost('the data directory was moved or deleted');
      }
      // Busy or full: the row still names this process; the next beat tries again.
    }
    cancel = clock.after(heartbeatMs, renew);
  };
  cancel = clock.after(heartbeatMs, renew);
  return {
    fence,
    identity,
    release() {
      if (over) return;
      try {
        db.prepare('UPDATE lease SET pid = 0 WHERE fence = ?').run(fence);
      } catch {
        // Others take it once this process is gone; this process may want it again, and knows better.
        givenBack.add(name);
      }
      end();
    },
  };
}

/** Earlier versions did not note the namespace. */
function prepareTable(db: Database.Database): void {
  db.exec(
    'CREATE TABLE IF NOT EXISTS lease (id INTEGER PRIMARY KEY CHECK (id = 1), pid INTEGER NOT NULL, start_time TEXT, boot_id TEXT, heartbeat INTEGER NOT NULL, fence INTEGER NOT NULL, pid_namespace TEXT)',
  );
  const columns = db.prepare<[], string>("SELECT name FROM pragma_table_info('lease')").pluck().all();
  if (!columns.includes('pid_namespace')) db.exec('ALTER TABLE lease ADD COLUMN pid_namespace TEXT');
}

type Row = Pick<Holder, 'pid' | 'heartbeat' | 'fence'> & {
  start_time: string | null;
  boot_id: string | null;
  pid_namespace?: string | null;
};

/** Of a file of any version: whoever only looks does not change it. */
function readRow(db: Database.Database): Holder | undefined {
  const row = db.prepare<[], Row>('SELECT * FROM lease').get();
  if (!row) return undefined;
  const { pid, heartbeat, fence, start_time: startTime, boot_id: bootId, pid_namespace: pidNamespace = null } = row;
  return { pid, heartbeat, fence, startTime, bootId, pidNamespace };
}

function lives(holder: Holder, clock: Clock): boolean {
  if (holder.pid <= 0) return false;
  // A beat from the future is of a clock that was set back, and as old.
  const age = Math.abs(clock.now() - holder.heartbeat);
  const where = whereabouts(holder);
  if (where === 'elsewhere') return age < silenceMs;
  return where === 'here' && (holder.startTime !== null || age < staleMs);
}
