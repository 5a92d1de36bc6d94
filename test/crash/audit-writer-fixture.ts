/** Writes audit records without an end, as a host at work does, until it is killed. Arguments: data directory, run, fence. */
import { openDesk } from './audit-desk-fixture.ts';

const [home = '', run = '', fence = '1'] = process.argv.slice(2);
const { store, desk } = openDesk(home, Number(fence));
if (!store.read.run(run))
  store.commit((writer) => {
    writer.append({ type: 'run.queued', run, routine: 'triage', trigger: { kind: 'person' } });
    writer.append({ type: 'sandbox.ready', run, enforced: [] });
  });
for (;;) {
  store.commit((writer) => writer.append({ type: 'message.added', run, text: 'x'.repeat(20_000), from: 'nightshift' }));
  await desk.log.settled();
}
