/** The store and the audit desk of a data directory, as a host of that fence opens them, without a keychain. */
import { openStore } from '#core/store/event-log.ts';
import { openAuditDesk } from '#host/audit/methods.ts';
import { systemClock } from '#host/clock.ts';
import { resolvePaths } from '#host/paths.ts';
import { createSecrets } from '#host/secrets.ts';
import { silent } from '../fakes/places.ts';

export function openDesk(home: string, fence: number) {
  const paths = resolvePaths({ NIGHTSHIFT_HOME: home });
  const store = openStore(paths.database, systemClock, fence);
  const none = () => Promise.reject(new Error('no keychain'));
  const vault = { get: none, set: none, delete: none };
  const desk = openAuditDesk({
    ...{ store, clock: systemClock, log: silent, paths, version: '0.0.0', secrets: createSecrets(), vault },
  });
  return { store, desk };
}
