/** What 500 routines cost to register, beside writing the same unit files, one reload and one start. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Alarm } from '#core/ports.ts';
import { resolvePaths } from '#host/paths.ts';
import { createSystemdScheduler } from '#host/scheduler/systemd.ts';
import { renderUnits } from '#host/scheduler/systemd-units.ts';
import { noUserManager, startUserManager } from '../fakes/user-manager.ts';
import { alternate, type Line, median } from './measure.ts';

export interface RegisterCost {
  oursMs: number;
  bareMs: number;
  ratio: number;
}

const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'UTC'];

/** At most three times the bare cost. */
export async function registering(): Promise<Line[] | string> {
  const what = '500 routines told to systemd (bare: files, one reload, one start)';
  const cost = await registerCost();
  if (!cost) return `${what}: SKIPPED, no user manager can be started`;
  return [{ what, ours: cost.oursMs, bare: cost.bareMs, unit: 'ms', most: { times: 3 } }];
}

/** Medians of so many rounds, each with a manager that knows none of them; null where no manager can be started. */
export async function registerCost(routines = 500, rounds = 3): Promise<RegisterCost | null> {
  if (noUserManager) return null;
  const alarms = Array.from({ length: routines }, (_, i): Alarm => {
    const schedule = { kind: 'cron', expression: `${i % 60} ${i % 24} * * 1-5` } as const;
    return { routine: `r-${i}`, name: `Routine ${i}`, schedule, timeZone: zones[i % 4] ?? 'UTC', once: [] };
  });
  const timed = async (contender: (manager: Awaited<ReturnType<typeof startUserManager>>) => Promise<void>) => {
    const manager = await startUserManager();
    try {
      const began = performance.now();
      await contender(manager);
      return performance.now() - began;
    } finally {
      await manager.close();
    }
  };
  const data = mkdtempSync(join(tmpdir(), 'nsb-'));
  const entries = { cli: '/app/cli.ts', host: '/app/host.ts' };
  const clock = { now: Date.now, after: () => () => undefined };
  const endpoint = join(data, 'endpoint.json');
  const spec = { prefix: 'bare', exec: '/bin/true', entries, endpoint, environment: {}, now: Date.now() };
  const { units } = renderUnits(alarms, { ...spec, systemZone: (zone) => zone });
  const results = await alternate(rounds, {
    ours: () =>
      timed(async ({ env }) => {
        const own = { ...env, NIGHTSHIFT_HOME: data };
        const options = { paths: resolvePaths(own), exec: '/bin/true', entries, env: own, clock };
        const held = await createSystemdScheduler(options).sync(alarms);
        const wrong = [...held.values()].find((registration) => registration.state !== 'registered');
        if (wrong) throw new Error(wrong.detail);
      }),
    bare: () =>
      timed(async (manager) => {
        mkdirSync(manager.units, { recursive: true });
        const wants = join(manager.units, 'timers.target.wants');
        mkdirSync(wants, { recursive: true });
        for (const [name, text] of units) writeFileSync(join(manager.units, name), text);
        const timers = [...units.keys()].filter((name) => name.endsWith('.timer'));
        for (const name of timers) symlinkSync(join('..', name), join(wants, name));
        await manager.systemctl('daemon-reload');
        await manager.systemctl('start', ...timers);
      }),
  });
  rmSync(data, { recursive: true, force: true });
  const [oursMs, bareMs] = [median(results.ours ?? []), median(results.bare ?? [])];
  return { oursMs, bareMs, ratio: oursMs / bareMs };
}
