/** An upgrade asks nobody to repair anything: a database of every shipped version opens, with all that it holds. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openStore } from '#core/store/event-log.ts';
import { migrations } from '#core/store/migrations.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { scratch } from '../fakes/places.ts';

/** A dump of each shipped schema with some data, as that version wrote it. Once there, a file is never changed. */
const folder = join(import.meta.dirname, '..', 'versions');
const dumps = readdirSync(folder).sort();

const schemaOf = (sql: Database.Database) =>
  sql.prepare('SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name').all();

test('there is a dump of every version', () => {
  expect(dumps).toEqual(migrations.map((_, index) => `schema-${index + 1}.sql`));
});

describe.each(dumps)('%s', (dump) => {
  const file = (more = '') => {
    const path = join(scratch(), 'old.db');
    const old = new Database(path);
    old.exec(readFileSync(join(folder, dump), 'utf8'));
    old.exec(more);
    old.close();
    return path;
  };

  test('opens in this version with the schema of a new database', () => {
    const path = file();
    openStore(path, manualClock('2026-11-21T00:00:00.000Z')).close();
    const fresh = join(scratch(), 'new.db');
    openStore(fresh, manualClock('2026-11-21T00:00:00.000Z')).close();
    const [old, young] = [path, fresh].map((each) => new Database(each, { readonly: true }));
    onTestFinished(() => void [old, young].map((each) => each?.close()));
    expect(old && schemaOf(old)).toEqual(young && schemaOf(young));
    expect(old?.pragma('user_version', { simple: true })).toBe(migrations.length);
  });

  test('keeps every event, run and ledger row, and goes on from there', () => {
    const store = openStore(file(), manualClock('2026-11-21T00:00:00.000Z'));
    onTestFinished(() => store.close());
    expect(store.events({ after: 0, limit: 5 }).map((event) => event.type)).toEqual([
      'host.started',
      'run.queued',
      'occurrence.claimed',
      'run.ended',
      'occurrence.settled',
    ]);
    expect(store.read.run('run-00000001')).toMatchObject({ state: 'ended', outcome: 'nothing_to_propose' });
    expect(store.read.occurrences({ limit: 10 })).toMatchObject([{ state: 'ran', run: 'run-00000001' }]);
    expect(store.records.oneOffs('triage', 0)).toHaveLength(1);
    const before = store.seq();
    expect(store.commit((w) => w.append({ type: 'host.started', pid: 2, version: 'next' })).seq).toBe(before + 1);
  });

  test('keeps its alerts, those about a run among its events, and still changes no event', () => {
    const about = `'{"about":"run-00000001","routine":"triage","text":"Look."}'`;
    // Only versions that do not list alerts themselves wrote them like that.
    const raised = `INSERT INTO events VALUES
      (6, '2026-11-20T03:00:00.000Z', NULL, 'alert.raised', ${about}),
      (7, '2026-11-20T04:00:00.000Z', NULL, 'alert.raised', '{"about":null,"routine":null,"text":"Elsewhere."}');`;
    const path = file(dump < 'schema-4.sql' ? raised : '');
    const store = openStore(path, manualClock('2026-11-21T00:00:00.000Z'));
    onTestFinished(() => store.close());
    expect(store.read.alerts({ open: true, limit: 10 })).toEqual([
      { seq: 7, at: '2026-11-20T04:00:00.000Z', about: null, routine: null, text: 'Elsewhere.', dismissedAt: null },
      {
        seq: 6,
        at: '2026-11-20T03:00:00.000Z',
        about: 'run-00000001',
        routine: 'triage',
        text: 'Look.',
        dismissedAt: null,
      },
    ]);
    expect(store.events({ after: 0, run: 'run-00000001', limit: 10 }).map(({ type }) => type)).toContain(
      'alert.raised',
    );
    const raw = new Database(path);
    onTestFinished(() => void raw.close());
    expect(() => raw.exec("UPDATE events SET at = '' WHERE seq = 6")).toThrow('append-only');
  });
});
