/** The audit log has one writer at a time, and whatever instant a writer is killed at, the next one goes on with a whole chain. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { AuditRecord } from '#contract/audit.ts';
import { openStore, type Store } from '#core/store/event-log.ts';
import { openAuditDesk } from '#host/audit/methods.ts';
import { systemClock } from '#host/clock.ts';
import { resolvePaths } from '#host/paths.ts';
import { createSecrets } from '#host/secrets.ts';
import { scratch, silent } from '../fakes/places.ts';
import { memoryVault } from '../fakes/real-runtime.ts';
import { verifies } from '../promises.ts';

const run = 'run-00000001';

function place() {
  const home = scratch();
  const paths = resolvePaths({ NIGHTSHIFT_HOME: home });
  mkdirSync(paths.data, { recursive: true });
  const file = join(paths.audit, `${run}.jsonl`);
  const size = () => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  function writer(fence: number) {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'audit-writer-fixture.ts'), home, run, String(fence)],
      {
        stdio: 'ignore',
      },
    );
    const gone = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await gone;
    });
    return { child, gone, database: paths.database };
  }
  function open(fence: number, seenBy: (store: Store) => Store = (store) => store) {
    const store = seenBy(openStore(paths.database, systemClock, fence));
    const parts = { store, clock: systemClock, log: silent, paths, version: '0.0.0', secrets: createSecrets() };
    const desk = openAuditDesk({ ...parts, vault: memoryVault() });
    const close = async () => {
      await desk.log.close();
      store.close();
    };
    return { store, desk, close };
  }
  return { home, file, size, writer, open };
}

/** Stops the process where `work` can be done: one that was stopped in the middle of a commit goes on a little. */
async function standStill<T>(
  { child, database }: { child: ChildProcess; database: string },
  work: () => T,
): Promise<T> {
  for (;;) {
    child.kill('SIGSTOP');
    try {
      // Asked without patience first: the store itself waits for seconds before it says so.
      if (!isHeld(database)) return work();
    } catch (error) {
      expect(error).toMatchObject({ code: 'host.busy', cure: expect.any(String) });
    }
    child.kill('SIGCONT');
    await setImmediate();
  }
}

/** Is somebody in the middle of a commit? */
function isHeld(database: string): boolean {
  const asking = new Database(database, { timeout: 0 });
  try {
    asking.exec('BEGIN IMMEDIATE; ROLLBACK');
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringContaining('SQLITE_BUSY') });
    return true;
  } finally {
    asking.close();
  }
}

test(verifies(
  'survives-kill',
  'kill -9 of the writer in the middle of its work, again and again: the chain stays whole',
), async () => {
  const { file, size, writer, open } = place();
  for (let round = 1; round <= 6; round++) {
    const before = size();
    const { child, gone } = writer(round);
    // Anywhere within the next appends: the file grows while it is looked at.
    await expect.poll(() => size(), { interval: 1, timeout: 30_000 }).toBeGreaterThan(before + round * 9_000);
    child.kill('SIGKILL');
    await gone;
  }
  const { store, desk, close } = open(7);
  await desk.log.settled();
  expect(await desk.methods.verify({ run })).toMatchObject({ ok: true, first: null });
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const told = lines.flatMap((line) => (JSON.parse(line) as AuditRecord).event ?? []);
  expect(told).toEqual(store.events({ after: 0, run, limit: 100_000 }).map(({ seq }) => seq));
  await close();
}, 60_000);

test(verifies(
  'audit-chain',
  'an owner of the past that wakes up writes nothing more, in no way that breaks the chain',
), async () => {
  const { size, writer, open } = place();
  for (let round = 1; round <= 3; round += 2) {
    const before = size();
    const { child, gone, database } = writer(round);
    await expect.poll(() => size(), { interval: 1, timeout: 30_000 }).toBeGreaterThan(before + round * 5_000);
    const { store, desk, close } = await standStill({ child, database }, () => open(round + 1));
    const say = () =>
      store.commit((w) => w.append({ type: 'message.added', run, text: `new ${round}`, from: 'person' }));
    say();
    await desk.log.settled();
    child.kill('SIGCONT');
    // It fails at its next commit and ends.
    await gone;
    say();
    await desk.log.settled();
    expect([round, await desk.methods.verify({ run })]).toMatchObject([round, { ok: true, first: null }]);
    await close();
  }
}, 60_000);

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'another host that takes over right after the commit with number %i breaks no chain [audit-chain]',
  async (last) => {
    const { home, open } = place();
    const heir = [join(import.meta.dirname, 'audit-heir-fixture.ts'), home, '2'];
    let commits = 0;
    const { store, desk, close } = open(1, (real) => ({
      ...real,
      commit(work, lasting) {
        const result = real.commit(work, lasting);
        if (++commits === last) expect(spawnSync(process.execPath, heir, { encoding: 'utf8' }).stderr).toBe('');
        return result;
      },
    }));
    const say = (text: string) =>
      store.commit((writer) => {
        if (!store.read.run(run)) {
          writer.append({ type: 'run.queued', run, routine: 'triage', trigger: { kind: 'person' } });
          writer.append({ type: 'sandbox.ready', run, enforced: [] });
        }
        writer.append({ type: 'message.added', run, text, from: 'person' });
      });
    // Whatever it does once it is no owner any more is refused.
    const asOwner = async (work: () => unknown) => {
      try {
        await work();
      } catch (error) {
        expect(error).toMatchObject({ code: 'run.interrupted' });
      }
    };
    for (const text of ['one', 'two', 'three']) {
      await asOwner(() => say(text));
      await asOwner(() => desk.log.settled());
    }
    expect(commits).toBeGreaterThanOrEqual(last);
    await close();
    const after = open(3);
    await after.desk.log.settled();
    expect(await after.desk.methods.verify({ run })).toMatchObject({ ok: true, first: null });
    await after.close();
  },
  60_000,
);

test('a process that stands still in the middle of a write is named as the cause, with the cure [errors-cure]', () => {
  const file = join(scratch(), 'a.db');
  openStore(file, systemClock).close();
  const other = new Database(file);
  onTestFinished(() => void other.close());
  other.exec('BEGIN IMMEDIATE');
  const blocked = () => openStore(file, systemClock, 2);
  expect(blocked).toThrow(expect.objectContaining({ code: 'host.busy', cure: expect.stringContaining('end it') }));
  other.exec('ROLLBACK');
  expect(() => blocked().close()).not.toThrow();
}, 30_000);
