/**
 * One of many processes that account for the same routines at the same moment, straight on the database: one routine after
 * the other, each process in an order of its own, so that they meet all the time.
 */

import { createLedger } from '#core/ledger/ledger.ts';
import { openRoutines } from '#core/routines/routines.ts';
import { openStore } from '#core/store/event-log.ts';
import { createIds, systemClock } from '#host/clock.ts';
import { resolvePaths } from '#host/paths.ts';

const paths = resolvePaths(process.env);
const store = openStore(paths.database, systemClock);
const routines = openRoutines(paths.routines);
const ledger = createLedger({ store, routines, clock: systemClock, ids: createIds(systemClock) });
process.stdout.write('ready\n');
process.stdin.once('data', () => {
  const order = routines.list().map(({ id }) => ({ id, key: Math.random() }));
  order.sort((a, b) => a.key - b.key);
  let rows = 0;
  for (const { id } of order) {
    rows += ledger.account('host', id).length;
    process.stdout.write(`${rows}\n`);
  }
  store.close();
  process.exit(0);
});
