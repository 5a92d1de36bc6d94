/** Real host processes: one for all who attach, replaced when it dies, gone when nobody needs it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '#host/clock.ts';
import { readHolder } from '#host/lease.ts';
import { ownIdentity, whereabouts } from '#host/processes.ts';
import type { Attachment } from '#server/attach.ts';
import { until } from '../contract/until.ts';
import { type Cage, openCage } from './host-cage.ts';

const cages: Cage[] = [];
/** Processes in there have numbers of their own, as in a container. */
const apart = ['unshare', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc'];
const noNamespaces = spawnSync(apart[0] ?? '', [...apart.slice(1), 'true']).status !== 0;

function cage(env: NodeJS.ProcessEnv = {}): Cage {
  const opened = openCage(env);
  cages.push(opened);
  return opened;
}

afterEach(async () => {
  for (const opened of cages.splice(0)) await opened.dispose();
});

const fault = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (error: unknown) => error,
  );

/** Appends what arrives to `seen` until `last` has come. */
async function follow({ client }: Attachment, seen: number[], last: number): Promise<void> {
  for await (const item of await client.events.follow({ after: seen.at(-1) ?? 0 })) {
    if (item.kind === 'event') seen.push(item.event.seq);
    if (seen.at(-1) === last) return;
  }
}

describe('attaching', () => {
  test('starts a host, hands it the environment, and tells how it went; the next one finds it', async () => {
    const { attach, paths, starts } = cage({ FAKE_MARK: 'handed on' });
    const lines: string[] = [];
    const first = await attach({ onLine: (line) => lines.push(line) });
    const second = await attach({ start: false });
    expect([first.started, second.started, starts()]).toEqual([true, false, 1]);
    expect(second.hostPid).toBe(first.hostPid);
    expect(first.hostPid).not.toBe(process.pid);
    expect(lines).toHaveLength(1);
    expect(await second.client.host.doctor()).toMatchObject([{ detail: 'handed on' }]);
    const status = await second.client.host.status();
    expect(status).toMatchObject({
      pid: first.hostPid,
      dataDirectory: paths.data,
      clients: 2,
      version: first.hostVersion,
    });
  });

  test('what lies about is for one user alone', async () => {
    const { attach, paths } = cage();
    await attach();
    const rights = [paths.data, paths.endpoint, paths.socket, paths.leaseDatabase, paths.log, paths.output];
    expect(rights.map((file) => (statSync(file).mode & 0o777).toString(8))).toEqual(['700', ...Array(5).fill('600')]);
  });

  test('six at the same instant end with one host and no error [one-host]', async () => {
    const { attach, starts } = cage();
    const all = await Promise.all(Array.from({ length: 6 }, () => attach()));
    expect(new Set(all.map(({ hostPid }) => hostPid)).size).toBe(1);
    expect(starts()).toBeGreaterThan(1);
    const statuses = await Promise.all(all.map(({ client }) => client.host.status()));
    expect(statuses.every(({ pid }) => pid === all[0]?.hostPid)).toBe(true);
  });

  test.skipIf(noNamespaces)('finds a host whose process numbers are not ours (needs unshare)', async () => {
    const { attach, starts } = cage();
    let host: ChildProcess | undefined;
    const startHost = async (_paths: unknown, env: NodeJS.ProcessEnv) => {
      const command = [...apart, process.execPath, join(import.meta.dirname, 'host-process-fixture.ts')];
      host = spawn(command[0] ?? '', command.slice(1), { env, stdio: 'ignore' });
      return { exited: () => host?.exitCode ?? null };
    };
    try {
      const first = await attach({ startHost });
      const second = await attach();
      expect([first.started, second.started, starts()]).toEqual([true, false, 0]);
      expect(await second.client.host.status()).toMatchObject({ clients: 2, seq: 1 });
      host?.kill('SIGKILL');
      await first.closed;
      const error = await fault(attach({ patienceMs: 300 }));
      expect(error).toMatchObject({ code: 'host.unreachable', cure: expect.stringContaining('30 seconds') });
      expect(starts()).toBe(0);
    } finally {
      host?.kill('SIGKILL');
    }
  });

  test('without a host and without leave to start one, it says so', async () => {
    const { attach, starts } = cage();
    await expect(attach({ start: false })).rejects.toMatchObject({
      code: 'host.unreachable',
      cure: expect.any(String),
    });
    expect(starts()).toBe(0);
  });

  test('believes no note that it cannot check', async () => {
    const { attach, paths } = cage();
    const own = ownIdentity();
    const note = { version: '1', ...own, socket: paths.socket, http: null, startedAt: new Date(0).toISOString() };
    mkdirSync(paths.data, { recursive: true, mode: 0o700 });
    const odd = [
      '',
      'null',
      '{"pid":',
      JSON.stringify({ ...note, pid: -1 }),
      JSON.stringify({ ...note, socket: '/etc/passwd' }),
    ];
    const gone = [JSON.stringify(note), JSON.stringify({ ...note, startTime: 'other' })];
    for (const text of [...odd, ...gone]) {
      writeFileSync(paths.endpoint, text);
      expect(await fault(attach({ start: false })), text).toMatchObject({ code: 'host.unreachable' });
    }
    const { hostPid, started } = await attach();
    expect([started, hostPid === process.pid]).toEqual([true, false]);
  });
});

describe('a host that cannot start', () => {
  test('hands its own reason to who started it', async () => {
    const { attach } = cage({ FAKE_START: 'newer' });
    const wanted = { name: 'Fault', code: 'data.newer', cure: 'Update Nightshift.' };
    await expect(attach()).rejects.toMatchObject(wanted);
    await expect(attach()).rejects.toMatchObject(wanted);
  });

  test('is followed by one that can: an old reason does not count', async () => {
    const { attach, env } = cage({ FAKE_START: 'newer' });
    await fault(attach());
    const { client } = await attach({ env: { ...env, FAKE_START: '' } });
    expect(await client.host.status()).toMatchObject({ seq: 2 });
  });

  test('says where to look when the reason is a bug, and when it died without a word', async () => {
    const bug = cage({ FAKE_START: 'bug' });
    expect(await fault(bug.attach())).toMatchObject({ code: 'internal', cure: expect.stringContaining(bug.paths.log) });
    expect(readFileSync(bug.paths.log, 'utf8')).toContain('something odd');
    const dead = cage({ FAKE_START: 'dead' });
    const error = await fault(dead.attach());
    expect(error).toMatchObject({ code: 'host.unreachable', message: expect.stringContaining('exit code 3') });
  });

  test('or that hangs is named, so that it can be ended', async () => {
    const { attach } = cage();
    const { hostPid } = await attach();
    process.kill(hostPid, 'SIGSTOP');
    const error = await fault(attach({ patienceMs: 500 }));
    process.kill(hostPid, 'SIGCONT');
    expect(error).toMatchObject({ code: 'host.unreachable', cure: expect.stringContaining(String(hostPid)) });
  });
});

describe('a host that dies', () => {
  test('is noticed by who waits, replaced at once, and no event is missed or seen twice', async () => {
    const { attach, paths } = cage();
    const first = await attach();
    const seen: number[] = [];
    await first.client.routines.run({ routine: 'fake' });
    await first.client.routines.run({ routine: 'fake' });
    await follow(first, seen, 70);
    const waiting = fault(first.client.proposals.diff({ proposal: 'prop-0000test' }));
    const streaming = fault(follow(first, [...seen], -1));
    process.kill(first.hostPid, 'SIGKILL');
    expect(await waiting).toMatchObject({ code: 'host.unreachable' });
    expect(await streaming).toMatchObject({ code: 'host.unreachable' });
    await first.closed;
    expect(existsSync(paths.endpoint) && existsSync(paths.socket)).toBe(true);

    const second = await attach();
    expect([second.started, second.hostPid === first.hostPid]).toEqual([true, false]);
    expect(await second.client.host.status()).toMatchObject({ seq: 2 });
    const live = follow(second, seen, 150);
    await second.client.routines.run({ routine: 'fake' });
    await live;
    expect(seen).toEqual(Array.from({ length: 150 }, (_, i) => i + 1));
  });
});

describe('a host leaves', () => {
  test('when nobody is attached and nothing is left to do, taking its traces along', async () => {
    const { attach, paths, allEnded } = cage({ NIGHTSHIFT_IDLE_MS: '20' });
    const { close, hostPid } = await attach();
    close();
    await allEnded();
    expect(whereabouts({ ...ownIdentity(), pid: hostPid, startTime: null })).toBe('gone');
    expect([existsSync(paths.endpoint), existsSync(paths.socket)]).toEqual([false, false]);
    expect(readHolder(paths, systemClock)).toBeNull();
    expect(readFileSync(paths.log, 'utf8')).toContain('nothing to do');
  });

  test('and comes back for whoever attaches while it goes, however often', async () => {
    const { attach } = cage({ NIGHTSHIFT_IDLE_MS: '0' });
    for (let round = 0; round < 8; round++) {
      const { client, close } = await attach();
      const answer = await fault(client.host.status());
      // It may have left between the handshake and the call; then the caller hears so, and never anything else.
      if (answer !== 'answered') expect(answer).toMatchObject({ code: 'host.unreachable' });
      close();
    }
  });

  test('not while a client is there or work is', async () => {
    const { attach } = cage({ NIGHTSHIFT_IDLE_MS: '0', FAKE_BUSY: '1' });
    const first = await attach();
    first.close();
    await first.closed;
    const second = await attach();
    expect(second.hostPid).toBe(first.hostPid);
    await expect(second.client.host.stop({})).rejects.toMatchObject({ code: 'host.busy', cure: expect.any(String) });
    expect(await second.client.host.stop({ force: true })).toEqual({});
    await second.closed;
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('on %s, closing what is open', async (signal) => {
    const { attach, paths, allEnded } = cage();
    const { client, closed, hostPid } = await attach();
    const call = fault(client.proposals.diff({ proposal: 'prop-0000test' }));
    await client.host.status();
    process.kill(hostPid, signal);
    expect(await call).toMatchObject({ code: 'host.unreachable' });
    await closed;
    await allEnded();
    expect([existsSync(paths.endpoint), existsSync(paths.socket)]).toEqual([false, false]);
    expect(await until('its last line', () => readFileSync(paths.log, 'utf8').includes(signal))).toBe(true);
  });

  test('leaves the note of another host alone', async () => {
    const { attach, paths, allEnded } = cage();
    const { client, close } = await attach();
    const other = { ...JSON.parse(readFileSync(paths.endpoint, 'utf8')), ...ownIdentity() };
    writeFileSync(paths.endpoint, JSON.stringify(other));
    await client.host.stop({});
    close();
    await allEnded();
    expect(JSON.parse(readFileSync(paths.endpoint, 'utf8'))).toEqual(other);
  });
});
