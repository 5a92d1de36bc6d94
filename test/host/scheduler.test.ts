import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { DoctorCheck } from '#contract/host.ts';
import type { Alarm } from '#core/ports.ts';
import { resolvePaths } from '#host/paths.ts';
import { startHostUnit } from '#host/scheduler/host-unit.ts';
import { createSystemdScheduler } from '#host/scheduler/systemd.ts';
import { commandLine } from '#host/scheduler/unit-text.ts';
import { hostileTexts } from '../fakes/hostile-texts.ts';
import { noUserManager, startUserManager, type UserManager } from '../fakes/user-manager.ts';
import { verifies } from '../promises.ts';

const clock = { now: Date.now, after: () => () => undefined };
const reason = noUserManager ? ` (no user manager: ${noUserManager})` : '';
/** A file name with everything that unit files treat in a special way. */
const hostile = `we ird "q" 'a' $HOME %h \\n ; ü`;
const plainHostile = 'we ird $HOME %h ; ü';

let manager: UserManager;

/** One installation: its programs, its data directory, its fires. The stand-in for the CLI notes how it was called. */
function installation(name: string, folder = manager.folder) {
  const home = join(folder, name);
  const [exec, cli, host] = ['sh', 'cli entry', 'host entry'].map((file) => join(home, file)) as [
    string,
    string,
    string,
  ];
  mkdirSync(home, { recursive: true });
  cpSync(realpathSync('/bin/sh'), exec);
  chmodSync(exec, 0o755);
  writeFileSync(
    cli,
    'for word; do printf "[%s]" "$word"; done >> "$NIGHTSHIFT_HOME/fires"; echo >> "$NIGHTSHIFT_HOME/fires"\n',
  );
  writeFileSync(host, 'echo $$ > "$NIGHTSHIFT_HOME/host-pid"; exec sleep 600\n');
  const env = { ...manager.env, NIGHTSHIFT_HOME: home };
  const paths = resolvePaths(env);
  const scheduler = createSystemdScheduler({ paths, exec, entries: { cli, host }, env, clock });
  const fires = () =>
    existsSync(join(home, 'fires')) ? readFileSync(join(home, 'fires'), 'utf8').trim().split('\n') : [];
  const firesOf = (routine: string) => fires().filter((line) => line.endsWith(`[${routine}]`));
  const unit = (routine: string, kind = 'timer') => `${paths.unitPrefix}-routine-${routine}.${kind}`;
  return { home, env, paths, scheduler, fires, firesOf, unit };
}

const alarm = (routine: string, more: Partial<Alarm> = {}): Alarm => ({
  ...{ routine, name: `Routine ${routine}`, schedule: { kind: 'manual' }, timeZone: 'Europe/Berlin', once: [] },
  ...more,
});
const soon = (seconds: number) => Date.now() + seconds * 1000;
const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 50 });

const suite = test.skipIf(noUserManager !== null);

beforeAll(async () => {
  if (!noUserManager) manager = await startUserManager();
});
afterEach(async () => {
  if (noUserManager) return;
  const names = existsSync(manager.units) ? readdirSync(manager.units).filter((name) => name.endsWith('.timer')) : [];
  if (names.length > 0) await manager.systemctl('stop', ...names).catch(() => undefined);
});
afterAll(async () => {
  if (!noUserManager) await manager.close();
});

suite(`a registered routine is in the manager's own list, with its next fire${reason}`, async () => {
  const { scheduler, unit } = installation('listed');
  const held = await scheduler.sync([
    alarm('nightly', { schedule: { kind: 'cron', expression: '0 3 * * *' } }),
    alarm('by-hand'),
  ]);
  expect(held.get('nightly')).toEqual({
    state: 'registered',
    detail: expect.stringMatching(/^systemd user timer, next \d{4}-\d\d-\d\d 03:00 Europe\/Berlin/),
  });
  expect(held.get('by-hand')?.state).toBe('not_needed');
  // Its stamp is there already; it tells of no fire.
  expect((await scheduler.look?.('nightly'))?.detail).not.toContain('last OS fire');
  const list: { unit: string; next: number }[] = JSON.parse(
    await manager.systemctl('list-timers', '--all', '-o', 'json'),
  );
  const ours = list.find((timer) => timer.unit === unit('nightly'));
  const hour = new Intl.DateTimeFormat('de', { timeZone: 'Europe/Berlin', hour: '2-digit' });
  expect(hour.format((ours?.next ?? 0) / 1000)).toContain('03');
});

suite(`who wants to be woken is told that a user's timer cannot, and how one could; the timer lives${reason}`, async () => {
  const { scheduler, unit, env, paths } = installation('woken');
  const nightly = alarm('nightly', { schedule: { kind: 'cron', expression: '0 3 * * *' }, wake: true });
  const held = await scheduler.sync([nightly]);
  expect(held.get('nightly')).toEqual({
    state: 'registered',
    detail: expect.stringMatching(/next .*cannot wake a sleeping machine .*`rtcwake`/),
  });
  // Without a manager, too: a person decides by what is said now.
  const away = createSystemdScheduler({
    ...{
      paths,
      exec: '/opt/node',
      entries: { cli: 'c', host: 'h' },
      env: { ...env, XDG_RUNTIME_DIR: manager.home },
      clock,
    },
  });
  expect((await away.sync([nightly])).get('nightly')).toEqual({
    state: 'degraded',
    detail: expect.stringMatching(/cannot wake a sleeping machine .*`rtcwake`/),
  });
  await scheduler.sync([nightly]);
  expect(readFileSync(join(manager.units, unit('nightly')), 'utf8')).not.toContain('WakeSystem');
  expect(await manager.systemctl('is-active', unit('nightly'))).toBe('active\n');
});

suite(`a one-off instant starts the service, with nothing but ids on its command line${reason}`, async () => {
  const { scheduler, fires, unit } = installation('once');
  await scheduler.sync([alarm('now-ish', { once: [soon(1.5)] })]);
  await until(() => expect(fires()).toEqual(['[due][--by][os_timer][--no-wait][--routine][now-ish]']));
  await until(async () =>
    expect((await scheduler.look?.('now-ish'))?.detail).toMatch(
      /^systemd user timer, nothing further due, last OS fire \d{4}-\d\d-\d\d \d\d:\d\d:\d\d/,
    ),
  );
  expect(await scheduler.look?.('never-asked-for')).toBeNull();
  await until(async () =>
    expect(await manager.systemctl('show', '-p', 'Result', unit('now-ish', 'service'))).toContain('success'),
  );
});

suite.each([plainHostile, hostile])(`names and paths like <%s> survive${reason}`, async (folder) => {
  const { scheduler, fires } = installation(folder);
  const name = `100% "${hostile}"\n[Service]\nExecStart=/bin/false\\`;
  const held = await scheduler.sync([alarm('hostile', { name, once: [soon(1.5)] })]);
  expect(held.get('hostile')?.detail).toMatch(/^systemd user timer, next/);
  await until(() => expect(fires()).toEqual(['[due][--by][os_timer][--no-wait][--routine][hostile]']));
});

suite(`after a power cut timers are there again, and a missed instant is caught up exactly once${reason}`, async () => {
  const { scheduler, firesOf, unit } = installation('cut');
  const missed = soon(2);
  const alarms = [
    alarm('daily', { schedule: { kind: 'cron', expression: '0 3 * * *' } }),
    alarm('missed', { once: [missed] }),
  ];
  await scheduler.sync(alarms);
  await manager.crash();
  await until(() => expect(Date.now()).toBeGreaterThan(missed + 1000));
  expect(firesOf('missed')).toHaveLength(0);
  await manager.start();
  await until(() => expect(firesOf('missed')).toHaveLength(1));
  expect(await manager.systemctl('is-active', unit('daily'))).toBe('active\n');
  await manager.crash();
  await manager.start();
  await scheduler.sync([...alarms, alarm('later', { once: [soon(1.5)] })]);
  await until(() => expect(firesOf('later')).toHaveLength(1));
  expect(firesOf('missed')).toHaveLength(1);
});

suite(`alarms set while no manager runs are kept for the next one${reason}`, async () => {
  const { scheduler, unit } = installation('offline');
  await manager.crash();
  const alarms = [alarm('kept', { schedule: { kind: 'cron', expression: '0 3 * * *' } })];
  const held = await scheduler.sync(alarms);
  expect(held.get('kept')).toEqual({ state: 'degraded', detail: expect.stringContaining('user manager') });
  expect((await scheduler.doctor())[0]).toMatchObject({
    state: 'warning',
    cure: expect.stringContaining('user manager'),
  });
  await manager.start();
  expect(await manager.systemctl('is-active', unit('kept'))).toBe('active\n');
  expect((await scheduler.sync(alarms)).get('kept')?.state).toBe('registered');
});

suite(`removal leaves nothing of ours and touches nothing of others${reason}`, async () => {
  const [one, other] = [installation('one'), installation('other')];
  const before = readdirSync(manager.units, { recursive: true }).map(String);
  await other.scheduler.sync([alarm('theirs', { schedule: { kind: 'cron', expression: '0 4 * * *' } })]);
  const foreign = join(manager.units, 'backup.timer');
  writeFileSync(foreign, '[Timer]\nOnCalendar=daily\nUnit=backup.service\n[Install]\nWantedBy=timers.target\n');
  writeFileSync(join(manager.units, 'backup.service'), '[Service]\nExecStart=/bin/true\n');
  await manager.systemctl('daemon-reload');
  await manager.systemctl('start', 'backup.timer');
  await one.scheduler.sync([
    alarm('mine', { schedule: { kind: 'cron', expression: '0 3 * * *' } }),
    alarm('also-mine', { schedule: { kind: 'cron', expression: '0 4 * * *' } }),
  ]);
  const stamp = join(manager.stamps, `stamp-${one.unit('mine')}`);
  expect(existsSync(stamp)).toBe(true);

  await one.scheduler.sync([alarm('also-mine', { schedule: { kind: 'cron', expression: '0 4 * * *' } })]);
  expect(existsSync(stamp)).toBe(false);
  expect(await manager.systemctl('is-active', one.unit('also-mine'))).toBe('active\n');
  await one.scheduler.sync([]);
  const left = readdirSync(manager.units, { recursive: true }).map(String);
  expect(left.filter((name) => name.includes(one.paths.unitPrefix))).toEqual([]);
  expect(readdirSync(manager.stamps).filter((name) => name.includes(one.paths.unitPrefix))).toEqual([]);
  expect(await manager.systemctl('list-units', '--all', '--plain', `${one.paths.unitPrefix}-*`)).not.toContain('mine');
  expect(await manager.systemctl('is-active', 'backup.timer', other.unit('theirs'))).toBe('active\nactive\n');
  expect(left).toEqual(expect.arrayContaining([...before, 'backup.timer', 'backup.service', other.unit('theirs')]));
});

suite(`a second sync of the same alarms changes nothing${reason}`, async () => {
  const { scheduler, unit } = installation('same');
  const alarms = [alarm('steady', { schedule: { kind: 'cron', expression: '0 3 * * *' } })];
  const seen = async () => [
    statSync(join(manager.units, unit('steady'))).mtimeMs,
    await manager.systemctl('show', '-p', 'ActiveEnterTimestampMonotonic', unit('steady')),
  ];
  await scheduler.sync(alarms);
  const first = await seen();
  await scheduler.sync(alarms);
  expect(await seen()).toEqual(first);
});

suite(
  verifies('timers-mended', `doctor shows what someone else changed, and mends it when asked${reason}`),
  async () => {
    const { scheduler, unit, paths } = installation('drift');
    const cron = (expression: string) => ({ schedule: { kind: 'cron', expression } as const });
    const three = [alarm('a', cron('0 3 * * *')), alarm('b', cron('0 4 * * *')), alarm('c', cron('0 5 * * *'))];
    await scheduler.sync([...three, alarm('d', cron('0 6 * * *'))]);
    const row = (checks: DoctorCheck[]) => checks.find((check) => check.name === 'OS timers');
    expect(row(await scheduler.doctor())).toMatchObject({ state: 'ok', detail: expect.stringMatching(/^5 held/) });
    const timer = join(manager.units, unit('a'));
    const text = readFileSync(timer, 'utf8');
    writeFileSync(timer, text.replace('03:00', '13:00'));
    await manager.systemctl('stop', unit('b'));
    const ahead = new Date(Date.now() + 86_400_000);
    utimesSync(join(manager.stamps, `stamp-${unit('c')}`), ahead, ahead);
    rmSync(join(manager.units, unit('d')));
    writeFileSync(join(manager.units, unit('ghost')), text);
    const broken = row(await scheduler.doctor());
    expect(broken).toMatchObject({ state: 'failed', cure: expect.stringContaining('--fix') });
    for (const part of [
      `${unit('a')} was changed`,
      `${unit('b')} is not active`,
      `${unit('c')} has a stamp from the future (${ahead.toISOString()})`,
      `${unit('d')} is missing`,
      `${unit('ghost')} belongs to no routine`,
    ])
      expect(broken?.detail).toContain(part);
    // To look is not to touch.
    expect(readFileSync(timer, 'utf8')).not.toBe(text);
    expect(row(await scheduler.heal())).toMatchObject({ state: 'ok', detail: expect.stringMatching(/^5 held/) });
    expect(readFileSync(timer, 'utf8')).toBe(text);
    expect(await manager.systemctl('is-active', unit('b'))).toBe('active\n');
    expect(existsSync(join(manager.units, unit('ghost')))).toBe(false);
    expect(statSync(join(manager.stamps, `stamp-${unit('c')}`)).mtimeMs).toBeLessThan(ahead.getTime());
    expect(paths.unitPrefix).toMatch(/^nightshift-[0-9a-f]{10}$/);
  },
);

suite(`the hourly check is a timer of its own, there as long as anything is scheduled${reason}`, async () => {
  const { scheduler, paths } = installation('swept');
  const sweep = `${paths.unitPrefix}-sweep.timer`;
  await scheduler.sync([alarm('a', { schedule: { kind: 'cron', expression: '0 3 * * *' } })]);
  expect(await manager.systemctl('is-active', sweep)).toBe('active\n');
  expect(await manager.systemctl('cat', sweep.replace('timer', 'service'))).toContain(
    '"due" "--by" "sweep" "--no-wait"',
  );
  await scheduler.sync([]);
  expect(await manager.systemctl('list-units', '--all', '--plain', `${paths.unitPrefix}-*`)).not.toContain('sweep');
});

suite(`a host that a timer asks for gets a unit of its own; a terminal's does not${reason}`, async () => {
  const { scheduler, env, paths, home } = installation('hosting');
  await scheduler.sync([alarm('any', { schedule: { kind: 'cron', expression: '0 3 * * *' } })]);
  expect(await startHostUnit({ env: { ...env, INVOCATION_ID: 'of-the-terminal' }, paths })).toBe(false);
  expect(await startHostUnit({ env: { ...env, INVOCATION_ID: 'x', NIGHTSHIFT_OS_TIMER: '1' }, paths })).toBe(true);
  await until(() => expect(readFileSync(join(home, 'host-pid'), 'utf8')).toMatch(/^\d+\n/));
  const pid = readFileSync(join(home, 'host-pid'), 'utf8').trim();
  expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).toContain(`${paths.unitPrefix}-host.service`);
  await manager.systemctl('kill', '-s', 'KILL', `${paths.unitPrefix}-host.service`);
});

suite(`400 hostile arguments reach a program as they were${reason}`, async () => {
  const { home } = installation('fuzz');
  const texts = hostileTexts(400, ['\u0001', '\u007f', '\u001b[31m', '\b']);
  const [script, out, unit] = [join(home, 'print'), join(home, 'printed'), 'fuzz.service'];
  writeFileSync(script, `printf '%s\\0' "$@" > '${out}.new' && mv '${out}.new' '${out}'\n`);
  const line = commandLine('/bin/sh', [script, ...texts]);
  writeFileSync(join(manager.units, unit), `[Service]\nType=oneshot\nExecStart=${line}\n`);
  await manager.systemctl('daemon-reload');
  await manager.systemctl('start', unit);
  expect(readFileSync(out, 'utf8').split('\0').slice(0, -1)).toEqual(texts);
});

suite(`a manager that runs for another home of this user is said to, and its timers are left alone${reason}`, async () => {
  const of = (home: string) => {
    const env = {
      ...manager.env,
      ...{ HOME: home, XDG_CONFIG_HOME: join(home, '.config'), XDG_DATA_HOME: join(home, '.local', 'share') },
    };
    const paths = resolvePaths(env);
    const entries = { cli: '/c', host: '/h' };
    return { paths, scheduler: createSystemdScheduler({ paths, exec: '/bin/sh', entries, env, clock }) };
  };
  const [theirs, ours] = [of(manager.home), of(join(manager.folder, 'other home'))];
  expect(ours.paths.unitPrefix).toBe(theirs.paths.unitPrefix);
  await theirs.scheduler.sync([
    alarm('same', { schedule: { kind: 'cron', expression: '0 3 * * *' } }),
    alarm('theirs', { schedule: { kind: 'cron', expression: '0 4 * * *' } }),
  ]);
  const state = () =>
    manager.systemctl('show', '-p', 'ActiveState,ActiveEnterTimestampMonotonic', 'nightshift-routine-*.timer');
  const before = await state();
  try {
    const held = await ours.scheduler.sync([
      alarm('same', { schedule: { kind: 'cron', expression: '0 5 * * *' } }),
      alarm('gone', { schedule: { kind: 'cron', expression: '0 6 * * *' } }),
    ]);
    expect(held.get('same')).toEqual({ state: 'degraded', detail: expect.stringContaining(`reads ${manager.units}`) });
    await ours.scheduler.sync([alarm('same', { schedule: { kind: 'cron', expression: '0 5 * * *' } })]);
    const checks = await ours.scheduler.doctor();
    expect(checks).toEqual([
      expect.objectContaining({ state: 'warning', detail: expect.stringContaining(`reads ${manager.units}`) }),
    ]);
    await ours.scheduler.sync([]);
    expect(await state()).toBe(before);
    expect(before.match(/ActiveState=active/g)).toHaveLength(2);
  } finally {
    await theirs.scheduler.sync([]);
  }
});

suite(`a home that is reached by a symbolic link is the manager's own all the same${reason}`, async () => {
  const { home: data } = installation('linked');
  const link = join(manager.folder, 'link-to-home');
  symlinkSync(manager.home, link);
  const env = { ...manager.env, HOME: link, XDG_CONFIG_HOME: '', XDG_DATA_HOME: '', NIGHTSHIFT_HOME: data };
  const entries = { cli: '/c', host: '/h' };
  const scheduler = createSystemdScheduler({ paths: resolvePaths(env), exec: '/bin/sh', entries, env, clock });
  const held = await scheduler.sync([alarm('a', { schedule: { kind: 'cron', expression: '0 3 * * *' } })]);
  expect(held.get('a')?.state).toBe('registered');
  await scheduler.sync([]);
});

suite(`a unit folder that cannot be written is said, with its path${reason}`, async () => {
  const { env, paths } = installation('blocked');
  const config = join(manager.folder, 'config-is-a-file');
  writeFileSync(config, '');
  const entries = { cli: '/c', host: '/h' };
  const options = { paths, exec: '/bin/sh', entries, env: { ...env, XDG_CONFIG_HOME: config }, clock };
  const held = await createSystemdScheduler(options).sync([
    alarm('a', { schedule: { kind: 'cron', expression: '0 3 * * *' } }),
  ]);
  expect(held.get('a')).toEqual({
    state: 'unavailable',
    detail: expect.stringContaining(`${config}/systemd/user (ENOTDIR)`),
  });
});
