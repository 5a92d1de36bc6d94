/** Events of 1 KB, a transaction each, synchronous FULL on both sides. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openStore } from '#core/store/event-log.ts';
import { createIds, systemClock } from '#host/clock.ts';
import { alternate, type Line, median } from './measure.ts';

export async function events(home: string): Promise<Line[]> {
  const count = 2000;
  const store = openStore(join(home, 'ours.db'), systemClock);
  const raw = new Database(join(home, 'raw.db'));
  raw.pragma('journal_mode = WAL');
  raw.pragma('synchronous = FULL');
  raw.exec(
    'CREATE TABLE events(seq INTEGER PRIMARY KEY, at TEXT, run TEXT, type TEXT, body TEXT); CREATE INDEX i ON events(run, seq)',
  );
  const insert = raw.prepare('INSERT INTO events(at, run, type, body) VALUES (?, ?, ?, ?)');
  const run = createIds(systemClock).next('run');
  const text = 'x'.repeat(900);
  store.commit((writer) => writer.append({ type: 'run.queued', run, routine: 'bench', trigger: { kind: 'person' } }));
  const rate = async (work: () => void) => {
    const began = performance.now();
    for (let i = 0; i < count; i++) work();
    return (count / (performance.now() - began)) * 1000;
  };
  const results = await alternate(3, {
    ours: () =>
      rate(() => store.commit((writer) => writer.append({ type: 'message.added', run, text, from: 'routine' }))),
    bare: () =>
      rate(() => void insert.run(new Date().toISOString(), run, 'message.added', JSON.stringify({ run, text }))),
  });
  store.close();
  raw.close();
  const [ours, bare] = [median(results.ours ?? []), median(results.bare ?? [])];
  return [{ what: 'events stored a second, one commit each (more is better)', ours, bare, unit: '/s' }];
}
