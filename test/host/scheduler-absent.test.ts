/** The OS's alarm clock where there is none: said at once, by the doctor, and with the cure. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Alarm } from '#core/ports.ts';
import { resolvePaths } from '#host/paths.ts';
import { createSystemdScheduler } from '#host/scheduler/systemd.ts';

const clock = { now: Date.now, after: () => () => undefined };
const alarm = (routine: string, more: Partial<Alarm> = {}): Alarm => ({
  ...{ routine, name: `Routine ${routine}`, schedule: { kind: 'manual' }, timeZone: 'Europe/Berlin', once: [] },
  ...more,
});

test.skipIf(spawnSync('systemctl', ['--version']).status !== 0)(
  'neither a manager, nor a bus, nor a folder that can be written: both are said, at once and by the doctor (needs systemctl)',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nsr-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const config = join(folder, 'config-is-a-file');
    writeFileSync(config, '');
    const env = {
      HOME: folder,
      PATH: process.env.PATH,
      XDG_RUNTIME_DIR: join(folder, 'none'),
      XDG_CONFIG_HOME: config,
    };
    const options = { paths: resolvePaths(env), exec: '/bin/sh', entries: { cli: '/c', host: '/h' }, env, clock };
    const scheduler = createSystemdScheduler(options);
    const held = await scheduler.sync([alarm('a', { schedule: { kind: 'cron', expression: '0 3 * * *' } })]);
    expect(held.get('a')).toEqual({ state: 'unavailable', detail: expect.stringContaining('ENOTDIR') });
    expect(await scheduler.doctor()).toEqual([
      expect.objectContaining({ name: 'OS scheduler', state: 'warning' }),
      expect.objectContaining({ name: 'OS timers', state: 'failed', detail: expect.stringContaining('ENOTDIR') }),
    ]);
  },
);

test.skipIf(process.platform !== 'linux')(
  'without systemctl nothing is thrown and the cure is named (Linux only)',
  async () => {
    const env = { HOME: '/nonexistent', PATH: '/nonexistent' };
    const options = { paths: resolvePaths(env), exec: '/bin/sh', entries: { cli: '/c', host: '/h' }, env, clock };
    const scheduler = createSystemdScheduler(options);
    const held = await scheduler.sync([alarm('a', { schedule: { kind: 'cron', expression: '0 3 * * *' } })]);
    expect(held.get('a')).toEqual({ state: 'unavailable', detail: expect.stringContaining('nightshift due') });
    expect(await scheduler.doctor()).toEqual([expect.objectContaining({ state: 'warning' })]);
  },
);
