/** What is committed soon: one transaction with what follows from it, told outside when it is there, and never lost in between. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { Draft } from '#contract/events.ts';
import { openStore } from '#core/store/event-log.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { scratch } from '../fakes/places.ts';
import { refuseEvents } from '../fakes/refusing-disk.ts';

const run = 'run-00000001';
const queued: Draft = { type: 'run.queued', run, routine: 'triage', trigger: { kind: 'person' } };
const turned = (turn: number): Draft => ({ type: 'turn.started', run, turn });
const reserve = { run, routine: 'triage', micros: 7, purpose: 'session' };
/** When everything that follows from the present moment has been done. */
const nextEvent = () => new Promise((resolve) => setImmediate(resolve));

function open() {
  const file = join(scratch(), 'a.db');
  const store = openStore(file, manualClock('2026-11-21T03:00:00.000Z'));
  const other = new Database(file);
  onTestFinished(() => {
    other.close();
    try {
      store.close();
    } catch {}
  });
  const heard: string[] = [];
  store.attend(
    run,
    ({ seq }) => heard.push(`at once ${seq}`),
    (why) => heard.push(`lost: ${why}`),
  );
  store.listen((item) => item.kind === 'event' && heard.push(`committed ${item.event.seq}`));
  store.commit((writer) => writer.append(queued));
  heard.length = 0;
  const onDisk = () => other.prepare('SELECT seq FROM events ORDER BY seq').pluck().all();
  return { store, other, heard, onDisk };
}

test('it is seen here at once, and by others with the next commit; each listener hears each event once, in order', () => {
  const { store, heard, onDisk } = open();
  store.commit((writer) => writer.append(turned(1)), 'soon');
  expect(store.read.run(run)?.turns).toBe(1);
  expect(onDisk()).toEqual([1]);
  expect(heard).toEqual(['at once 2']);
  store.commit((writer) => writer.append(turned(2)), 'soon');
  store.commit((writer) => writer.append(turned(3)), 'kill');
  expect(onDisk()).toEqual([1, 2, 3, 4]);
  expect(heard).toEqual(['at once 2', 'at once 3', 'at once 4', 'committed 2', 'committed 3', 'committed 4']);
});

test('alone, it is committed before anything else happens, also after promises that follow from it', async () => {
  const { store, heard, onDisk } = open();
  await null;
  store.commit((writer) => writer.append(turned(1)), 'soon');
  for (let step = 0; step < 50; step++) await null;
  expect(onDisk()).toEqual([1]);
  await nextEvent();
  expect(onDisk()).toEqual([1, 2]);
  expect(heard).toEqual(['at once 2', 'committed 2']);
});

test.each([
  ['a commit that outlives a power cut', (store: Opened['store']) => store.commit(() => {})],
  ['whoever reads the log', (store: Opened['store']) => store.events({ after: 0, limit: 10 })],
  ['whoever asks how far the log is', (store: Opened['store']) => store.seq()],
  ['whoever waits for the disk', (store: Opened['store']) => store.flush()],
  ['the end of the store', (store: Opened['store']) => store.close()],
])('%s has it committed first', async (_, act) => {
  const { store, onDisk } = open();
  store.commit((writer) => writer.append(turned(1)), 'soon');
  await act(store);
  expect(onDisk()).toEqual([1, 2]);
});
type Opened = ReturnType<typeof open>;

test('a commit that is undone takes nothing with it of what waited, which is told', () => {
  const { store, heard, onDisk } = open();
  store.commit((writer) => {
    writer.append(turned(1));
    writer.records.reserve(reserve);
  }, 'soon');
  const undone = () =>
    store.commit((writer) => {
      writer.append(turned(2));
      writer.records.reserve({ ...reserve, micros: 100 });
      throw new Error('undone');
    }, 'kill');
  expect(undone).toThrow('undone');
  expect(onDisk()).toEqual([1, 2]);
  expect(heard).toEqual(['at once 2', 'committed 2']);
  expect(store.read.run(run)?.turns).toBe(1);
  expect(store.records.reserved().map(({ micros }) => micros)).toEqual([7]);
  store.commit((writer) => writer.append(turned(2)), 'kill');
  expect(store.seq()).toBe(3);
});

test('one that is undone before it waits leaves nothing, and nothing waits', async () => {
  const { store, heard, onDisk } = open();
  const undone = () =>
    store.commit((writer) => {
      writer.append(turned(1));
      throw new Error('undone');
    }, 'soon');
  expect(undone).toThrow('undone');
  await nextEvent();
  expect([onDisk(), heard, store.read.run(run)?.turns]).toEqual([[1], [], 0]);
});

const refused = 'lost: SqliteError: FOREIGN KEY constraint failed';

test('where it cannot be committed, whoever attends that run is told, and all is as if it had never been', async () => {
  const { store, other, heard, onDisk } = open();
  const elsewhere: unknown[] = [];
  store.attend(
    'run-00000002',
    ({ seq }) => elsewhere.push(seq),
    (why) => elsewhere.push(why),
  );
  const makeRoom = refuseEvents(other);
  const commits = store.commits();
  store.commit((writer) => {
    writer.append(turned(1));
    writer.records.addSpending({ ...reserve, at: 5 });
  }, 'soon');
  await nextEvent();
  expect([onDisk(), heard, elsewhere]).toEqual([[1], ['at once 2', refused], []]);
  expect([store.read.run(run)?.turns, store.records.spentMicros(0), store.seq()]).toEqual([0, 0, 1]);
  expect(store.commits()).toBeGreaterThan(commits);
  makeRoom();
  store.commit((writer) => writer.append(turned(3)), 'kill');
  expect(store.events({ after: 1, limit: 10 })).toMatchObject([{ seq: 2, turn: 3 }]);
  expect(heard.slice(2)).toEqual(['at once 2', 'committed 2']);
});

test('the same where it is refused together with the next commit, and for whoever reads meanwhile', () => {
  const { store, other, heard, onDisk } = open();
  refuseEvents(other);
  store.commit((writer) => writer.append(turned(1)), 'soon');
  expect(() => store.commit((writer) => writer.append(turned(2)), 'kill')).toThrow('FOREIGN KEY');
  expect([onDisk(), heard.splice(0)]).toEqual([[1], ['at once 2', refused]]);
  store.commit((writer) => writer.append(turned(1)), 'soon');
  expect(store.events({ after: 0, limit: 10 }).map(({ seq }) => seq)).toEqual([1]);
  expect(heard).toEqual(['at once 2', refused]);
});

test('where the database takes a transaction back by itself, what waited in it is lost, and is told to be', () => {
  const { store, other, heard, onDisk } = open();
  // As it does when the disk fails; whoever reads may be the one who meets it.
  other.exec("CREATE TRIGGER t BEFORE INSERT ON spending BEGIN SELECT RAISE(ROLLBACK, 'the disk failed'); END");
  store.commit((writer) => writer.append(turned(1)), 'soon');
  const failed = () => store.commit((writer) => writer.records.addSpending({ ...reserve, at: 5 }), 'kill');
  // The one that fails itself gives back what waited; the next finds it there.
  expect(failed).toThrow('the disk failed');
  expect([onDisk(), heard.splice(0)]).toEqual([
    [1, 2],
    ['at once 2', 'committed 2'],
  ]);
});

test('a listener that throws stops nobody from being told', () => {
  const { store, heard } = open();
  const deaf = store.listen(() => {
    throw new Error('a bug');
  });
  store.commit((writer) => writer.append(turned(1)), 'soon');
  expect(() => store.commit((writer) => writer.append(turned(2)), 'kill')).toThrow('a bug');
  deaf();
  store.commit((writer) => writer.append(turned(3)), 'kill');
  expect(heard.filter((one) => one.startsWith('committed'))).toEqual(['committed 2', 'committed 3', 'committed 4']);
});

test('whoever attends may commit in turn: listeners hear first what was first', () => {
  const { store, heard } = open();
  let answered = false;
  store.attend(
    run,
    () => {
      if (!answered) {
        answered = true;
        store.commit((writer) => writer.append(turned(2)), 'kill');
      }
    },
    () => {},
  );
  store.commit((writer) => writer.append(turned(1)), 'kill');
  expect(heard.filter((one) => one.startsWith('committed'))).toEqual(['committed 2', 'committed 3']);
});

test('a store that others have taken over commits nothing of it', async () => {
  const file = join(scratch(), 'a.db');
  const clock = manualClock('2026-11-21T03:00:00.000Z');
  const [first, second] = [openStore(file, clock, 1), openStore(file, clock, 2)];
  onTestFinished(() => second.close());
  expect(() => first.commit((writer) => writer.append(queued), 'soon')).toThrow('taken over');
  await nextEvent();
  expect(second.seq()).toBe(0);
  first.close();
});

test('a commit in the middle of another one is refused, and nothing of either stays', () => {
  const { store, onDisk } = open();
  const outer = () =>
    store.commit((writer) => {
      writer.append(turned(1));
      store.commit((inner) => inner.append(turned(2)));
    });
  expect(outer).toThrow('in the middle of another one');
  expect(onDisk()).toEqual([1]);
});
