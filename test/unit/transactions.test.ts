/** Transactions that SQLite ends by itself, in which something waited: it is lost, said to be, and never taken for committed. */
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { createTransactions } from '#core/store/transactions.ts';

function open() {
  const sql = new Database(':memory:');
  onTestFinished(() => void sql.close());
  sql.exec('CREATE TABLE t(x)');
  const heard: string[] = [];
  const transactions = createTransactions(sql, {
    begun: () => heard.push('begun'),
    ending: () => heard.push('ending'),
    takenBack: () => heard.push('taken back'),
    kept: () => heard.push('kept'),
    lost: (error) => heard.push(`lost: ${(error as { code?: string }).code}`),
  });
  const add = sql.prepare('INSERT INTO t VALUES (?)');
  const hold = (x: number) => transactions.hold(() => add.run(x));
  const rows = () => sql.prepare('SELECT x FROM t').pluck().all();
  return { sql, transactions, add, hold, heard, rows };
}

test.each([
  ['the next commit', (on: ReturnType<typeof open>) => on.transactions.commit(() => on.add.run(2))],
  ['what is to wait beside it', (on: ReturnType<typeof open>) => on.hold(2)],
  ['the commit of it alone', (on: ReturnType<typeof open>) => on.transactions.settle()],
])('%s is refused, and the one after goes well', (_, act) => {
  const on = open();
  on.hold(1);
  // As a disk does that fails while somebody reads.
  on.sql.exec('ROLLBACK');
  expect(() => act(on)).toThrow('taken back');
  expect([on.heard, on.transactions.holds, on.rows()]).toEqual([['begun', 'taken back', 'lost: data.full'], false, []]);
  on.transactions.commit(() => on.add.run(3));
  expect(on.rows()).toEqual([3]);
});

test('what waits is done again beside work that failed, and once', () => {
  const on = open();
  on.hold(1);
  on.hold(2);
  const failing = () =>
    on.transactions.commit(() => {
      on.add.run(3);
      throw new Error('undone');
    });
  expect(failing).toThrow('undone');
  expect([on.rows(), on.transactions.holds]).toEqual([[1, 2], false]);
  expect(on.heard).toEqual(['begun', 'taken back', 'begun', 'ending', 'kept']);
});

test('nothing waits inside of other work', () => {
  const on = open();
  expect(() => on.transactions.commit(() => on.hold(1))).toThrow('in the middle of another one');
  expect([on.rows(), on.transactions.holds]).toEqual([[], false]);
});
