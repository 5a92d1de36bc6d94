/** Takes a data directory over, brings its audit log up to date and ends. Arguments: data directory, fence. */
import { openStore } from '#core/store/event-log.ts';
import { openAuditDesk } from '#host/audit/methods.ts';
import { systemClock } from '#host/clock.ts';
import { resolvePaths } from '#host/paths.ts';
import { createSecrets } from '#host/secrets.ts';
import { silent } from '../fakes/places.ts';

const [home = '', fence = '2'] = process.argv.slice(2);
const paths = resolvePaths({ NIGHTSHIFT_HOME: home });
const store = openStore(paths.database, systemClock, Number(fence));
const none = () => Promise.reject(new Error('no keychain'));
const vault = { get: none, set: none, delete: none };
const desk = openAuditDesk({
  ...{ store, clock: systemClock, log: silent, paths, version: '0.0.0', secrets: createSecrets(), vault },
});
await desk.log.settled();
await desk.log.close();
store.close();
