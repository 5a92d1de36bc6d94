import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { z } from 'zod';
import type { DoctorCheck } from '#contract/host.ts';
import type { Occurrence } from '#contract/ledger.ts';
import type { Routine } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import { noUserManager } from '../fakes/user-manager.ts';
import { reason, wokenProduct } from '../fakes/woken-product.ts';

const product = wokenProduct();
const { nightshift, livingHost } = product;

const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 90_000, interval: 300 });

/** Never process 0, which would be this very group of processes. */
function killHost(): number {
  const pid = livingHost();
  if (!pid) throw new Error('no host lives');
  process.kill(pid, 'SIGKILL');
  return pid;
}

test.skipIf(noUserManager !== null)(
  `host killed, manager restarted: the occurrence is fired, hosted, finished and left${reason}`,
  async () => {
    // The demo's routine with its recorded answers is real work that needs no key.
    await nightshift('demo', '--keep');
    const [routine] = await nightshift<z.infer<typeof Routine>[]>('routines', 'list');
    const id = routine?.id ?? '';
    expect(routine?.registration.state).toBe('registered');

    const at = new Date(Date.now() + 6000).toISOString();
    await nightshift('routines', 'run', id, '--at', at);
    const killed = killHost();
    await product.manager.crash();
    await product.manager.start();

    // Only files are looked at until the host has come and gone: a command of ours would start one itself.
    await until(() => expect([null, killed]).not.toContain(livingHost()));
    await until(() => expect(livingHost()).toBeNull());

    const rows = (await nightshift<z.infer<typeof Occurrence>[]>('routines', 'ledger')).filter(
      (row) => row.dueAt === at,
    );
    expect(rows).toEqual([expect.objectContaining({ routine: id, claimedBy: 'os_timer', state: 'ran', count: 1 })]);
    const run = (await nightshift<z.infer<typeof Run>[]>('runs', 'list')).find((one) => one.id === rows[0]?.run);
    expect(run).toMatchObject({ state: 'ended', outcome: 'proposed', trigger: { kind: 'schedule', dueAt: at } });
  },
);

test.skipIf(noUserManager !== null)(
  `everything killed while several instants pass: one catch-up by policy, a row for each, and the timers are clean again${reason}`,
  async () => {
    const list = () => nightshift<z.infer<typeof Routine>[]>('routines', 'list');
    if ((await list()).length === 0) await nightshift('demo', '--keep');
    const id = (await list())[0]?.id ?? '';
    const instants = [12_000, 13_000, 14_000].map((ahead) => new Date(Date.now() + ahead).toISOString());
    for (const at of instants) await nightshift('routines', 'run', id, '--at', at);
    const killed = killHost();
    await product.manager.crash();
    await until(() => expect(Date.now()).toBeGreaterThan(Date.parse(instants.at(-1) ?? '') + 1000));
    await product.manager.start();
    await until(() => expect([null, killed]).not.toContain(livingHost()));
    await until(() => expect(livingHost()).toBeNull());

    const rows = (await nightshift<z.infer<typeof Occurrence>[]>('routines', 'ledger')).filter(
      (row) => row.dueAt >= (instants[0] ?? ''),
    );
    expect(rows).toEqual([
      expect.objectContaining({ dueAt: instants[2], state: 'ran', count: 1, claimedBy: 'os_timer' }),
      expect.objectContaining({ dueAt: instants[1], from: instants[0], state: 'coalesced', count: 2, run: null }),
    ]);
    const runs = (await nightshift<z.infer<typeof Run>[]>('runs', 'list')).filter(
      ({ trigger }) => trigger.kind === 'schedule' && instants.includes(trigger.dueAt),
    );
    expect(runs).toHaveLength(1);

    // What the OS holds is right after all that, breaks visibly, and heals.
    const timers = async (...fix: string[]) =>
      (await nightshift<z.infer<typeof DoctorCheck>[]>('doctor', ...fix)).find(({ name }) => name === 'OS timers');
    expect(await timers()).toMatchObject({ state: 'ok' });
    const [unit] = readdirSync(product.manager.units).filter((name) => name.endsWith(`routine-${id}.timer`));
    rmSync(join(product.manager.units, unit ?? ''));
    expect(await timers()).toMatchObject({ state: 'failed', detail: expect.stringContaining(`${unit} is missing`) });
    expect(await timers('--fix')).toMatchObject({ state: 'ok' });
    expect(readdirSync(product.manager.units)).toContain(unit);
  },
);
