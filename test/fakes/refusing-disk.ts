/** A database that refuses events at the end of their transaction, as a full disk does. */
import type Database from 'better-sqlite3';

/** `sql`: another connection to it. `type`: only these. The returned function makes room. */
export function refuseEvents(sql: Database.Database, type?: string): () => void {
  sql.exec('CREATE TABLE room(seq INTEGER PRIMARY KEY)');
  sql.exec('CREATE TABLE needs(seq INTEGER REFERENCES room(seq) DEFERRABLE INITIALLY DEFERRED)');
  const which = type === undefined ? '' : `WHEN NEW.type = '${type}' `;
  sql.exec(`CREATE TRIGGER full AFTER INSERT ON events ${which}BEGIN INSERT INTO needs VALUES (1); END`);
  return () => void sql.exec('INSERT INTO room VALUES (1)');
}
