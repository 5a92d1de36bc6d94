/** Opens the database, brings its schema up to date, and turns its failures into faults that name the cure. */
import { chmodSync } from 'node:fs';
import Database from 'better-sqlite3';
import { Fault } from '#contract/faults.ts';
import { guarded } from './data-faults.ts';
import { migrations } from './migrations.ts';

export type Sql = Database.Database;

/** Pages of 4 kB after which the journal is taken over, which stands still for the disk twice: about once in a hundred turns. */
const journalPages = 4000;

/**
 * `:memory:` is a database that nobody else sees and that is gone with its last user. WAL with synchronous FULL: a committed transaction survives a power cut. Throws `data.newer` for a file that a later
 * version wrote (it is left as it is), `data.read_only`, `data.full`.
 */
export function openDatabase(file: string): Sql {
  return guarded(() => {
    const sql = new Database(file, { timeout: 5000 });
    try {
      // Its journal files take over the mode: transcripts are for one person alone, whatever the directory allows.
      if (!sql.memory) chmodSync(file, 0o600);
      refuseNewer(sql, file);
      sql.pragma('journal_mode = WAL');
      sql.pragma('synchronous = FULL');
      sql.pragma(`wal_autocheckpoint = ${journalPages}`);
      sql.pragma('foreign_keys = ON');
      migrate(sql);
      return sql;
    } catch (error) {
      sql.close();
      throw error;
    }
  });
}

/**
 * What a commit outlives once it has returned: a power cut, or for now only the end of this process, however it comes. Or
 * that it comes soon, and what it outlives then is the end of this process.
 */
export type Lasting = 'power_cut' | 'kill' | 'soon';

/** Sets what the next transactions outlive. Inside of one nothing changes any more. */
export function lastingOf(sql: Sql): (lasting: Exclude<Lasting, 'soon'>) => void {
  let now: Lasting = 'power_cut';
  return (lasting) => {
    if (lasting === now || sql.inTransaction) return;
    sql.pragma(`synchronous = ${lasting === 'kill' ? 'NORMAL' : 'FULL'}`);
    now = lasting;
  };
}

/** The file that commits are written to first; null: there is none, in memory or where the file system allows no such journal. */
export function journalOf(sql: Sql, file: string): string | null {
  return sql.pragma('journal_mode', { simple: true }) === 'wal' ? `${file}-wal` : null;
}

function version(sql: Sql): number {
  return Number(sql.pragma('user_version', { simple: true }));
}

function refuseNewer(sql: Sql, file: string): void {
  const found = version(sql);
  if (found <= migrations.length) return;
  throw new Fault(
    'data.newer',
    `The database ${file} was written by a newer Nightshift (schema ${found}, this version knows ${migrations.length}).`,
    { cure: 'Start the newer version again, or set NIGHTSHIFT_HOME to another directory. Nothing was changed.' },
  );
}

function migrate(sql: Sql): void {
  sql
    .transaction(() => {
      for (let step = version(sql); step < migrations.length; step++) {
        sql.exec(migrations[step] as string);
        sql.pragma(`user_version = ${step + 1}`);
      }
    })
    .immediate();
}
