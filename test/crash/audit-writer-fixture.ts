/** Writes audit records without an end, as a host at work does, until it is killed. Arguments: data directory, run, fence. */
import { openStore } from '#core/store/event-log.ts';
import { openAuditDesk } from '#host/audit/methods.ts';
import { systemClock } from '#host/clock.ts';
import { resolvePaths } from '#host/paths.ts';
import { createSecrets } from '#host/secrets.ts';
import { silent } from '../fakes/places.ts';

const [home = '', run = '', fence = '1'] = process.argv.slice(2);
const paths = resolvePaths({ NIGHTSHIFT_HOME: home });
const store = openStore(paths.database, systemClock, Number(fence));
const none = () => Promise.reject(new Error('no keychain'));
const vault = { get: none, set: none, delete: none };
const desk = openAuditDesk({
  ...{ store, clock: systemClock, log: silent, paths, version: '0.0.0', secrets: createSecrets(), vault },
});
if (!store.read.run(run))
  store.commit((writer) => {
    writer.append({ type: 'run.queued', run, routine: 'triage', trigger: { kind: 'person' } });
    writer.append({ type: 'sandbox.ready', run, enforced: [] });
  });
for (;;) {
  store.commit((writer) => writer.append({ type: 'message.added', run, text: 'x'.repeat(20_000), from: 'nightshift' }));
  await desk.log.settled();
}
