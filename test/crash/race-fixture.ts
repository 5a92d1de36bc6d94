/** One of many processes that account for the same routines at the same moment, straight on the database. */

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
  const rows = ledger.account('host').length;
  store.close();
  process.stdout.write(`${rows}\n`);
  process.exit(0);
});
