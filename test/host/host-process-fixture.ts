/** Entry of a real host process around the fake product; `FAKE_START` makes it fail as it starts, `FAKE_BUSY` keeps it at work. */
import { join } from 'node:path';
import { Fault } from '#contract/faults.ts';
import { hostMethods } from '#server/host-methods.ts';
import { runHost } from '#server/host-process.ts';
import { fakeProduct } from '../contract/fake-product.ts';

const mode = process.env.FAKE_START;
if (mode === 'dead') process.exit(3);

const code = await runHost(process.env, async ({ paths, env, surroundings, fence }) => {
  if (mode === 'newer')
    throw new Fault('data.newer', 'The data is newer than this program.', { cure: 'Update Nightshift.' });
  if (mode === 'bug') throw new Error('something odd');
  const product = fakeProduct(join(paths.data, 'fake.db'));
  product.setBusy(env.FAKE_BUSY === '1');
  const status = { auto: 'rehearsal', rehearsal: true, key: 'none', detail: '', baseUrl: null } as const;
  const host = hostMethods({
    surroundings,
    activity: product.activity,
    facts: async () => ({ activeRuns: 0, openProposals: 0, model: status, seq: fence }),
    doctor: async () => [{ name: 'environment', state: 'ok', detail: env.FAKE_MARK ?? '' }],
  });
  return {
    handlers: { ...product.handlers, host },
    activity: product.activity,
    close: async () => product.close(),
  };
});
process.exit(code);
