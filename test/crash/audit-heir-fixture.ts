/** Takes a data directory over, brings its audit log up to date and ends. Arguments: data directory, fence. */
import { openDesk } from './audit-desk-fixture.ts';

const [home = '', fence = '2'] = process.argv.slice(2);
const { store, desk } = openDesk(home, Number(fence));
await desk.log.settled();
await desk.log.close();
store.close();
