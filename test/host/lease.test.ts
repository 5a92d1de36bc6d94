/** One living owner per data directory, with real processes that race, die and come back. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '#host/clock.ts';
import { prepareDataDirectory } from '#host/data-directory.ts';
import { acquireLease, readHolder } from '#host/lease.ts';
import { resolvePaths } from '#host/paths.ts';
import { ownIdentity, startTimeOf } from '#host/processes.ts';
import { manualClock } from './manual-clock.ts';

interface Contender {
  pid: number;
  ask(home: string): Promise<{ held?: boolean; fence?: number; pid?: number; fault?: { code: string; cure?: string } }>;
  kill(): Promise<void>;
}

const fixture = join(import.meta.dirname, 'lease-fixture.ts');
const sandboxed = ['--dev-bind', '/', '/'];
/** Processes in there have numbers of their own, as in a container. */
const apart = ['unshare', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc'];
const noNamespaces = spawnSync(apart[0] ?? '', [...apart.slice(1), 'true']).status !== 0;
const noBubblewrap = spawnSync('bwrap', [...sandboxed, 'true']).status !== 0;
const mayWriteAnything = process.getuid?.() === 0;
const children = new Set<Contender>();
const scratches: string[] = [];

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'nightshift-lease-'));
  scratches.push(directory);
  return directory;
}

function contender(wrap: string[] = []): Contender {
  const command = [...wrap, process.execPath, fixture];
  const child: ChildProcess = spawn(command[0] ?? '', command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
  const one: Contender = {
    pid: child.pid ?? 0,
    async ask(home) {
      child.stdin?.write(`${home}\n`);
      return JSON.parse((await lines.next()).value ?? '{}');
    },
    async kill() {
      children.delete(one);
      child.kill('SIGKILL');
      await ended;
    },
  };
  children.add(one);
  return one;
}

afterEach(async () => {
  for (const child of [...children]) await child.kill();
  for (const directory of scratches.splice(0)) rmSync(directory, { recursive: true, force: true });
});

describe('racing processes', () => {
  test('of four that start at the same instant, exactly one holds, on a virgin directory and after a dead holder', async () => {
    const parent = scratch();
    const racers = Array.from({ length: 4 }, () => contender());
    for (let round = 0; round < 8; round++) {
      const home = join(parent, `home-${round}`);
      const answers = await Promise.all(racers.map((racer) => racer.ask(home)));
      const winners = answers.filter(({ held }) => held);
      expect(winners).toEqual([{ held: true, fence: 1 }]);
      const winner = racers[answers.findIndex(({ held }) => held)];
      expect(answers.filter(({ held }) => !held).map(({ pid }) => pid)).toEqual(Array(3).fill(winner?.pid));
    }
    const inherited = Array.from({ length: 12 }, (_, round) => join(parent, `inherited-${round}`));
    const dead = contender();
    for (const home of inherited) expect(await dead.ask(home)).toEqual({ held: true, fence: 1 });
    await dead.kill();
    for (const home of inherited) {
      const answers = await Promise.all(racers.map((racer) => racer.ask(home)));
      expect(answers.filter(({ held }) => held)).toEqual([{ held: true, fence: 2 }]);
      expect(answers.filter(({ held }) => held === false)).toHaveLength(3);
    }
  });

  test('a killed holder is replaced at once, and the number grows each time', async () => {
    const home = scratch();
    for (let fence = 1; fence <= 3; fence++) {
      const holder = contender();
      expect(await holder.ask(home)).toEqual({ held: true, fence });
      expect(readHolder(resolvePaths({ NIGHTSHIFT_HOME: home }), systemClock)).toMatchObject({
        pid: holder.pid,
        fence,
      });
      await holder.kill();
      expect(readHolder(resolvePaths({ NIGHTSHIFT_HOME: home }), systemClock)).toBeNull();
    }
  });

  test('a holder that slept for a day, as on a closed laptop, keeps what it holds', async () => {
    const home = scratch();
    const holder = contender();
    await holder.ask(home);
    const clock = manualClock(Date.now() + 24 * 3_600_000);
    const answer = acquireLease(resolvePaths({ NIGHTSHIFT_HOME: home }), clock, () => {});
    expect(answer).toMatchObject({ held: false, holder: { pid: holder.pid } });
  });
});

describe.skipIf(noNamespaces)('across two sets of process numbers, as of containers (needs unshare)', () => {
  test('a living holder keeps what it holds, whichever side it is on', async () => {
    const [ours, theirs] = [join(scratch(), 'ours'), join(scratch(), 'theirs')];
    const [here, there] = [contender(), contender(apart)];
    expect(await here.ask(ours)).toEqual({ held: true, fence: 1 });
    expect(await there.ask(ours)).toEqual({ held: false, pid: here.pid });
    expect(await there.ask(theirs)).toEqual({ held: true, fence: 1 });
    expect(await here.ask(theirs)).toMatchObject({ held: false });
    expect(readHolder(resolvePaths({ NIGHTSHIFT_HOME: theirs }), systemClock)).toMatchObject({ fence: 1 });
  });

  test('one that was killed is replaced after three beats that did not come, not before', async () => {
    const home = scratch();
    const holder = contender(apart);
    expect(await holder.ask(home)).toEqual({ held: true, fence: 1 });
    await holder.kill();
    const paths = resolvePaths({ NIGHTSHIFT_HOME: home });
    const last = readHolder(paths, systemClock)?.heartbeat ?? 0;
    expect(acquireLease(paths, manualClock(last + 29_999), () => {})).toMatchObject({ held: false });
    const next = acquireLease(paths, manualClock(last + 30_000), () => {});
    expect(next).toMatchObject({ held: true, lease: { fence: 2 } });
    if (next.held) next.lease.release();
  });

  test('a beat from a time that has not come, of a clock that was set back, does not count', async () => {
    const home = scratch();
    const holder = contender(apart);
    await holder.ask(home);
    await holder.kill();
    expect(readHolder(resolvePaths({ NIGHTSHIFT_HOME: home }), manualClock(Date.now() - 3_600_000))).toBeNull();
  });
});

describe('holding', () => {
  function take() {
    const paths = resolvePaths({ NIGHTSHIFT_HOME: join(scratch(), 'deep', 'data') });
    const clock = manualClock();
    const lost: string[] = [];
    prepareDataDirectory(paths.data);
    const answer = acquireLease(paths, clock, (why) => lost.push(why));
    if (!answer.held) throw new Error('not held');
    return { paths, clock, lost, lease: answer.lease };
  }

  test('a lease of an earlier version keeps its holder, and passes on with its number', async () => {
    const home = scratch();
    const paths = resolvePaths({ NIGHTSHIFT_HOME: home });
    const other = contender();
    await other.ask(join(home, 'elsewhere'));
    const db = new Database(paths.leaseDatabase);
    db.exec(
      'CREATE TABLE lease (id INTEGER PRIMARY KEY CHECK (id = 1), pid INTEGER NOT NULL, start_time TEXT, boot_id TEXT, heartbeat INTEGER NOT NULL, fence INTEGER NOT NULL)',
    );
    const { bootId } = ownIdentity();
    db.prepare('INSERT INTO lease VALUES (1, ?, ?, ?, 0, 7)').run(other.pid, startTimeOf(other.pid), bootId);
    db.close();
    expect(readHolder(paths, systemClock)).toMatchObject({ pid: other.pid, fence: 7 });
    expect(acquireLease(paths, systemClock, () => {})).toMatchObject({ held: false, holder: { fence: 7 } });
    await other.kill();
    const next = acquireLease(paths, systemClock, () => {});
    expect(next).toMatchObject({ held: true, lease: { fence: 8 } });
    expect(readHolder(paths, systemClock)).toMatchObject(ownIdentity());
    if (next.held) next.lease.release();
  });

  test('the directory and the lease belong to one user', () => {
    const { paths, lease } = take();
    expect(statSync(paths.data).mode & 0o777).toBe(0o700);
    expect(statSync(paths.leaseDatabase).mode & 0o777).toBe(0o600);
    lease.release();
  });

  test('its heart beats, and a released lease is free for the next', () => {
    const { paths, clock, lost, lease } = take();
    const before = readHolder(paths, clock)?.heartbeat ?? 0;
    clock.advance(60_000);
    expect(readHolder(paths, clock)?.heartbeat).toBeGreaterThan(before);
    lease.release();
    lease.release();
    expect([readHolder(paths, clock), clock.pending(), lost]).toEqual([null, 0, []]);
    const next = acquireLease(paths, clock, () => {});
    expect(next).toMatchObject({ held: true, lease: { fence: 2 } });
    if (next.held) next.lease.release();
  });

  test('one that the disk did not take back is free for this process, and for nobody else while it lives', () => {
    const { paths, clock, lease } = take();
    const other = new Database(paths.leaseDatabase);
    other.exec("CREATE TRIGGER t BEFORE UPDATE OF pid ON lease BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    lease.release();
    other.exec('DROP TRIGGER t');
    other.close();
    expect(readHolder(paths, clock)).toMatchObject({ pid: process.pid });
    const next = acquireLease(paths, clock, () => {});
    expect(next).toMatchObject({ held: true, lease: { fence: 2 } });
    expect(acquireLease(paths, clock, () => {}).held).toBe(false);
    if (next.held) next.lease.release();
  });

  test('who was replaced hears of it once, and no longer touches the row', () => {
    const { paths, clock, lost, lease } = take();
    const db = new Database(paths.leaseDatabase);
    db.exec('UPDATE lease SET fence = fence + 1, pid = 1, heartbeat = 7');
    clock.advance(60_000);
    lease.release();
    expect(lost).toEqual([expect.stringContaining('another process')]);
    expect(db.prepare('SELECT pid, heartbeat, fence FROM lease').get()).toEqual({ pid: 1, heartbeat: 7, fence: 2 });
    db.close();
  });

  test('who is replaced at the last moment does not free what is no longer its own', () => {
    const { paths, lease } = take();
    const db = new Database(paths.leaseDatabase);
    db.exec('UPDATE lease SET fence = fence + 1');
    lease.release();
    expect(db.prepare('SELECT pid FROM lease').get()).toEqual({ pid: process.pid });
    db.close();
  });

  test('whose directory was deleted hears of it', () => {
    const { paths, clock, lost } = take();
    rmSync(paths.data, { recursive: true });
    clock.advance(60_000);
    expect(lost).toEqual([expect.stringContaining('moved or deleted')]);
  });
});

describe('a disk that does not play along', () => {
  test.skipIf(noBubblewrap)('read-only: a fault with a cure (needs bubblewrap)', async () => {
    const home = scratch();
    const answer = await contender(['bwrap', ...sandboxed, '--ro-bind', home, home]).ask(home);
    expect(answer.fault).toMatchObject({ code: 'data.read_only', cure: expect.stringContaining('NIGHTSHIFT_HOME') });
  });

  test.skipIf(noBubblewrap)('full: a fault with a cure (needs bubblewrap)', async () => {
    const home = scratch();
    const answer = await contender(['bwrap', ...sandboxed, '--size', '4096', '--tmpfs', home]).ask(home);
    expect(answer.fault).toMatchObject({ code: 'data.full', cure: expect.stringContaining('Free some space') });
  });

  test.skipIf(mayWriteAnything)('no rights: a fault with a cure (root may write anywhere)', () => {
    const parent = scratch();
    mkdirSync(join(parent, 'closed'), { mode: 0o500 });
    expect(() => prepareDataDirectory(join(parent, 'closed', 'data'))).toThrow(
      expect.objectContaining({ code: 'data.read_only' }),
    );
  });
});
