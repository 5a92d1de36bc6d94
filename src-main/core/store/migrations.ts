/** Every step from an empty file to today's schema; a shipped step is never edited. `PRAGMA user_version` counts them. */

const first = `
CREATE TABLE events(
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  run TEXT,
  type TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_run ON events(run, seq) WHERE run IS NOT NULL;
CREATE TRIGGER events_keep BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_stay BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

CREATE TABLE runs(
  id TEXT PRIMARY KEY, routine TEXT NOT NULL, state TEXT NOT NULL, queued_at TEXT NOT NULL, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX runs_by_time ON runs(queued_at DESC);
CREATE INDEX runs_by_routine ON runs(routine, queued_at DESC);
CREATE INDEX runs_open ON runs(state) WHERE state <> 'ended';

-- What a run works on, as it was when the run was queued: later edits of the routine do not change it.
CREATE TABLE run_specs(run TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE proposals(
  id TEXT PRIMARY KEY, run TEXT NOT NULL, routine TEXT NOT NULL, state TEXT NOT NULL, opened_at TEXT NOT NULL,
  prune_at TEXT, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX proposals_by_state ON proposals(state, opened_at DESC);

CREATE TABLE occurrences(
  routine TEXT NOT NULL, due_at TEXT NOT NULL, state TEXT NOT NULL, run TEXT, body TEXT NOT NULL,
  PRIMARY KEY(routine, due_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX occurrences_by_run ON occurrences(run) WHERE run IS NOT NULL;
CREATE INDEX occurrences_by_time ON occurrences(due_at DESC);

-- Every due instant of a routine up to accounted_to has its row.
CREATE TABLE accounts(routine TEXT PRIMARY KEY, accounted_to INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE one_offs(routine TEXT NOT NULL, due_at INTEGER NOT NULL, PRIMARY KEY(routine, due_at)) STRICT, WITHOUT ROWID;

CREATE TABLE outbox(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, UNIQUE(kind, subject)) STRICT;
`;

const second = `
-- What was so from an instant on, for a routine: its schedule and whether it was due at all.
CREATE TABLE spans(
  routine TEXT NOT NULL, from_ms INTEGER NOT NULL, state TEXT NOT NULL, schedule TEXT NOT NULL, time_zone TEXT NOT NULL,
  PRIMARY KEY(routine, from_ms)
) STRICT, WITHOUT ROWID;

-- All routines held back. to_ms: when it ends or was lifted; null: until lifted.
CREATE TABLE pauses(from_ms INTEGER PRIMARY KEY, to_ms INTEGER) STRICT;

-- When a host was there, and what is known of the time in between. The newest row of kind up grows with every beat.
CREATE TABLE presence(
  id INTEGER PRIMARY KEY, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, boot TEXT, kind TEXT NOT NULL, detail TEXT
) STRICT;
CREATE INDEX presence_by_time ON presence(to_ms);

-- Single values: install_id, last_beat, owner.
CREATE TABLE facts(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE INDEX runs_open_by_routine ON runs(routine) WHERE state <> 'ended';
`;

const third = `
-- What runs ask of a person. deadline as an ISO instant.
CREATE TABLE questions(
  id TEXT PRIMARY KEY, run TEXT NOT NULL, routine TEXT NOT NULL, state TEXT NOT NULL, asked_at TEXT NOT NULL,
  deadline TEXT NOT NULL, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX questions_open ON questions(deadline) WHERE state = 'open';
CREATE INDEX questions_by_run ON questions(run, asked_at);
CREATE INDEX questions_by_time ON questions(asked_at DESC);

-- Millionths of a US dollar. What is reserved when a host dies counts as spent: nobody knows what it came to.
CREATE TABLE reservations(
  id INTEGER PRIMARY KEY, run TEXT NOT NULL, routine TEXT NOT NULL, micros INTEGER NOT NULL, purpose TEXT NOT NULL
) STRICT;
CREATE TABLE spending(
  id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, run TEXT NOT NULL, routine TEXT NOT NULL, micros INTEGER NOT NULL,
  purpose TEXT NOT NULL
) STRICT;
CREATE INDEX spending_by_time ON spending(at_ms, routine, micros);
-- What a person added to a day's cap; routine null: to the cap of all.
CREATE TABLE allowances(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, routine TEXT, micros INTEGER NOT NULL) STRICT;

-- What a routine may do for good, as long as its content stays what it was.
CREATE TABLE grants(
  id TEXT PRIMARY KEY, routine TEXT NOT NULL, state TEXT NOT NULL, given_at TEXT NOT NULL, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX grants_by_routine ON grants(routine, state, given_at DESC);

-- A trial run is a one-off of its own: it obeys no policy, and comes also while its routine is paused.
ALTER TABLE one_offs ADD COLUMN trial INTEGER NOT NULL DEFAULT 0;

INSERT INTO spending(at_ms, run, routine, micros, purpose)
SELECT CAST(ROUND((julianday(e.at) - 2440587.5) * 86400000) AS INTEGER), e.run, r.routine,
  json_extract(e.body, '$.costMicros'), 'session'
FROM events e JOIN runs r ON r.id = e.run
WHERE e.type IN ('message.finished', 'answer.lost') AND json_extract(e.body, '$.costMicros') > 0 ORDER BY e.seq;
-- Where the audit chain of a run ends. checkpoint: the last one, as it stands in the file.
CREATE TABLE audit_heads(
  run TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL, event INTEGER NOT NULL, bytes INTEGER NOT NULL,
  checkpoint TEXT, pruned_at TEXT
) STRICT, WITHOUT ROWID;
`;

const fourth = `
-- What a person should look at. seq: of the event that raised it. dismissed_at: null until somebody has put it away.
CREATE TABLE alerts(
  seq INTEGER PRIMARY KEY, at TEXT NOT NULL, run TEXT, routine TEXT, text TEXT NOT NULL, dismissed_at TEXT
) STRICT;
CREATE INDEX alerts_open ON alerts(seq) WHERE dismissed_at IS NULL;
INSERT INTO alerts(seq, at, run, routine, text)
SELECT seq, at, json_extract(body, '$.about'), json_extract(body, '$.routine'), json_extract(body, '$.text')
FROM events WHERE type = 'alert.raised';

-- An alert about a run is found with its other events from now on. What it says is left as it is.
DROP TRIGGER events_keep;
UPDATE events SET run = json_extract(body, '$.about') WHERE type = 'alert.raised';
CREATE TRIGGER events_keep BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
`;

export const migrations: readonly string[] = [first, second, third, fourth];
