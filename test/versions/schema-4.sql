BEGIN TRANSACTION;
CREATE TABLE accounts(routine TEXT PRIMARY KEY, accounted_to INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "accounts" VALUES('triage',1795143600000);
CREATE TABLE alerts(
  seq INTEGER PRIMARY KEY, at TEXT NOT NULL, run TEXT, routine TEXT, text TEXT NOT NULL, dismissed_at TEXT
) STRICT;
INSERT INTO "alerts" VALUES(6,'2026-11-20T03:00:00.000Z','run-00000001','triage','Look.',NULL);
INSERT INTO "alerts" VALUES(7,'2026-11-20T04:00:00.000Z',NULL,NULL,'Elsewhere.',NULL);
INSERT INTO "alerts" VALUES(8,'2026-11-20T04:00:00.000Z',NULL,'triage','Seen.','2026-11-20T04:00:00.000Z');
CREATE TABLE allowances(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, routine TEXT, micros INTEGER NOT NULL) STRICT;
INSERT INTO "allowances" VALUES(1,1795143600000,NULL,2000000);
CREATE TABLE audit_heads(
  run TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL, event INTEGER NOT NULL, bytes INTEGER NOT NULL,
  checkpoint TEXT, pruned_at TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO "audit_heads" VALUES('run-00000001',1,'1111111111111111111111111111111111111111111111111111111111111111',4,900,NULL,NULL);
CREATE TABLE events(
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  run TEXT,
  type TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
INSERT INTO "events" VALUES(1,'2026-11-20T03:00:00.000Z',NULL,'host.started','{"pid":1,"version":"0.1.0"}');
INSERT INTO "events" VALUES(2,'2026-11-20T03:00:00.000Z','run-00000001','run.queued','{"run":"run-00000001","routine":"triage","trigger":{"kind":"schedule","dueAt":"2026-11-20T03:00:00.000Z"}}');
INSERT INTO "events" VALUES(3,'2026-11-20T03:00:00.000Z',NULL,'occurrence.claimed','{"routine":"triage","occurrence":{"routine":"triage","dueAt":"2026-11-20T03:00:00.000Z","state":"claimed","reason":null,"run":"run-00000001","claimedAt":"2026-11-20T03:00:00.000Z","claimedBy":"os_timer","count":1}}');
INSERT INTO "events" VALUES(4,'2026-11-20T03:00:00.000Z','run-00000001','run.ended','{"run":"run-00000001","outcome":"nothing_to_propose","reason":{"code":"nothing_changed","message":"All is well."},"proposal":null}');
INSERT INTO "events" VALUES(5,'2026-11-20T03:00:00.000Z',NULL,'occurrence.settled','{"routine":"triage","dueAt":"2026-11-20T03:00:00.000Z","state":"ran","reason":null}');
INSERT INTO "events" VALUES(6,'2026-11-20T03:00:00.000Z','run-00000001','alert.raised','{"about":"run-00000001","routine":"triage","text":"Look."}');
INSERT INTO "events" VALUES(7,'2026-11-20T04:00:00.000Z',NULL,'alert.raised','{"about":null,"routine":null,"text":"Elsewhere."}');
INSERT INTO "events" VALUES(8,'2026-11-20T04:00:00.000Z',NULL,'alert.raised','{"about":null,"routine":"triage","text":"Seen."}');
INSERT INTO "events" VALUES(9,'2026-11-20T04:00:00.000Z',NULL,'alert.dismissed','{"alerts":[8],"by":"terminal"}');
CREATE TABLE facts(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "facts" VALUES('install_id','run-0000000100000001');
CREATE TABLE grants(
  id TEXT PRIMARY KEY, routine TEXT NOT NULL, state TEXT NOT NULL, given_at TEXT NOT NULL, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE occurrences(
  routine TEXT NOT NULL, due_at TEXT NOT NULL, state TEXT NOT NULL, run TEXT, body TEXT NOT NULL,
  PRIMARY KEY(routine, due_at)
) STRICT, WITHOUT ROWID;
INSERT INTO "occurrences" VALUES('triage','2026-11-20T03:00:00.000Z','ran','run-00000001','{"routine":"triage","dueAt":"2026-11-20T03:00:00.000Z","state":"ran","reason":null,"run":"run-00000001","claimedAt":"2026-11-20T03:00:00.000Z","claimedBy":"os_timer","count":1}');
CREATE TABLE one_offs(routine TEXT NOT NULL, due_at INTEGER NOT NULL, trial INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(routine, due_at)) STRICT, WITHOUT ROWID;
INSERT INTO "one_offs" VALUES('triage',1795143601000,0);
CREATE TABLE outbox(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, UNIQUE(kind, subject)) STRICT;
CREATE TABLE pauses(from_ms INTEGER PRIMARY KEY, to_ms INTEGER) STRICT;
INSERT INTO "pauses" VALUES(1795147200000,1795150800000);
CREATE TABLE presence(
  id INTEGER PRIMARY KEY, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, boot TEXT, kind TEXT NOT NULL, detail TEXT
) STRICT;
INSERT INTO "presence" VALUES(1,1795140000000,1795143660000,'00000000-0000-0000-0000-000000000001','up',NULL);
INSERT INTO "presence" VALUES(2,1795143660000,1795143720000,'00000000-0000-0000-0000-000000000001','asleep','The machine slept for 1 min of it.');
CREATE TABLE proposals(
  id TEXT PRIMARY KEY, run TEXT NOT NULL, routine TEXT NOT NULL, state TEXT NOT NULL, opened_at TEXT NOT NULL,
  prune_at TEXT, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE questions(
  id TEXT PRIMARY KEY, run TEXT NOT NULL, routine TEXT NOT NULL, state TEXT NOT NULL, asked_at TEXT NOT NULL,
  deadline TEXT NOT NULL, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "questions" VALUES('ask-00000001','run-00000001','triage','withdrawn','2026-11-20T03:00:00.000Z','2026-11-27T03:00:00.000Z','{"id":"ask-00000001","run":"run-00000001","routine":"triage","action":{"kind":"handover","denials":3,"codes":["rule.deny"]},"code":"limit.denials","why":"It was denied.","bind":"2222222222222222222222222222222222222222222222222222222222222222","askedAt":"2026-11-20T03:00:00.000Z","deadline":"2026-11-27T03:00:00.000Z","state":"withdrawn","answeredAt":"2026-11-20T03:00:00.000Z","answeredBy":"nightshift","note":null,"usedAt":null}');
CREATE TABLE reservations(
  id INTEGER PRIMARY KEY, run TEXT NOT NULL, routine TEXT NOT NULL, micros INTEGER NOT NULL, purpose TEXT NOT NULL
) STRICT;
INSERT INTO "reservations" VALUES(1,'run-00000001','triage',64000,'session');
CREATE TABLE run_specs(run TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE runs(
  id TEXT PRIMARY KEY, routine TEXT NOT NULL, state TEXT NOT NULL, queued_at TEXT NOT NULL, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "runs" VALUES('run-00000001','triage','ended','2026-11-20T03:00:00.000Z','{"id":"run-00000001","routine":"triage","trigger":{"kind":"schedule","dueAt":"2026-11-20T03:00:00.000Z"},"state":"ended","outcome":"nothing_to_propose","reason":{"code":"nothing_changed","message":"All is well."},"model":null,"rehearsal":false,"permissionMode":null,"limits":null,"repository":null,"branch":null,"baseBranch":null,"base":null,"queuedAt":"2026-11-20T03:00:00.000Z","startedAt":null,"endedAt":"2026-11-20T03:00:00.000Z","resumes":0,"turns":0,"toolCalls":0,"usage":{"input":0,"output":0,"cacheRead":0,"cacheWrite":0},"costMicros":0,"enforced":[],"activity":"All is well.","before":null,"after":null,"proposal":null}');
CREATE TABLE spans(
  routine TEXT NOT NULL, from_ms INTEGER NOT NULL, state TEXT NOT NULL, schedule TEXT NOT NULL, time_zone TEXT NOT NULL,
  PRIMARY KEY(routine, from_ms)
) STRICT, WITHOUT ROWID;
INSERT INTO "spans" VALUES('triage',1795140000000,'active','0 3 * * *','UTC');
CREATE TABLE spending(
  id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, run TEXT NOT NULL, routine TEXT NOT NULL, micros INTEGER NOT NULL,
  purpose TEXT NOT NULL
) STRICT;
INSERT INTO "spending" VALUES(1,1795143600000,'run-00000001','triage',1200,'session');
CREATE INDEX events_by_run ON events(run, seq) WHERE run IS NOT NULL;
CREATE TRIGGER events_stay BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE INDEX runs_by_time ON runs(queued_at DESC);
CREATE INDEX runs_by_routine ON runs(routine, queued_at DESC);
CREATE INDEX runs_open ON runs(state) WHERE state <> 'ended';
CREATE INDEX proposals_by_state ON proposals(state, opened_at DESC);
CREATE INDEX occurrences_by_run ON occurrences(run) WHERE run IS NOT NULL;
CREATE INDEX occurrences_by_time ON occurrences(due_at DESC);
CREATE INDEX presence_by_time ON presence(to_ms);
CREATE INDEX runs_open_by_routine ON runs(routine) WHERE state <> 'ended';
CREATE INDEX questions_open ON questions(deadline) WHERE state = 'open';
CREATE INDEX questions_by_run ON questions(run, asked_at);
CREATE INDEX questions_by_time ON questions(asked_at DESC);
CREATE INDEX spending_by_time ON spending(at_ms, routine, micros);
CREATE INDEX grants_by_routine ON grants(routine, state, given_at DESC);
CREATE INDEX alerts_open ON alerts(seq) WHERE dismissed_at IS NULL;
CREATE TRIGGER events_keep BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
COMMIT;
PRAGMA user_version = 4;
