import { expect, test } from 'vitest';
import type { Routine } from '#contract/routines.ts';
import type { Trial, TrialStart } from '#contract/trials.ts';
import { noUserManager } from '../fakes/user-manager.ts';
import { reason, wokenProduct } from '../fakes/woken-product.ts';

const product = wokenProduct();
const { nightshift, livingHost } = product;

test.skipIf(noUserManager !== null)(`the operating system fires a trial run${reason}`, async () => {
  await nightshift('demo');
  const [routine] = await nightshift<Routine[]>('routines', 'list');
  const id = routine?.id ?? '';
  await nightshift('routines', 'pause', id);
  const start = await nightshift<TrialStart>('routines', 'rehearse', id);
  expect(start.firedBy).toBe('os_timer');
  const killed = livingHost();
  process.kill(killed ?? 0, 'SIGKILL');
  // Only files are looked at until another host has come: a command of ours would start one itself.
  await expect.poll(() => [null, killed].includes(livingHost()), { timeout: 90_000 }).toBe(false);
  const shown = () => nightshift<Trial>('routines', 'trial', id);
  await expect.poll(async () => (await shown()).state, { timeout: 90_000, interval: 500 }).toBe('ended');
  expect(await shown()).toMatchObject({
    dueAt: start.dueAt,
    claimedBy: 'os_timer',
    outcome: 'proposed',
    current: true,
  });
});
