/** Sixteen processes that all notice the same due instants make one row and one run of each. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createLedger } from '#core/ledger/ledger.ts';
import { openRoutines } from '#core/routines/routines.ts';
import { openStore } from '#core/store/event-log.ts';
import { createIds, systemClock } from '#host/clock.ts';
import type { Paths } from '#host/paths.ts';
import { hostHome } from '../fakes/host-process.ts';
import { spec } from '../fakes/places.ts';
import { verifies } from '../promises.ts';

const processes = 16;
const routines = 200;
const cli = join(import.meta.dirname, '..', '..', 'src-main', 'cli', 'main.ts');

/** 200 routines that were begun a minute ago and have one instant that fell due a moment ago. */
function lay(paths: Paths): string {
  mkdirSync(paths.data, { recursive: true });
  const dueAt = Date.now() - 1000;
  const store = openStore(paths.database, systemClock);
  const all = openRoutines(paths.routines);
  const past = { ...systemClock, now: () => dueAt - 60_000 };
  const ledger = createLedger({ store, routines: all, clock: past, ids: createIds(past) });
  // A repository that is not there: every run ends at once, blocked, and only the claim is at stake.
  for (let i = 0; i < routines; i++) all.add(`routine-${i}`, spec({ schedule: 'manual', repository: '/nowhere' }));
  store.commit((writer) => {
    for (let i = 0; i < routines; i++) {
      ledger.begin(writer, `routine-${i}`);
      writer.records.addOneOff(`routine-${i}`, dueAt);
    }
  });
  store.close();
  return new Date(dueAt).toISOString();
}

function account(paths: Paths) {
  const store = openStore(paths.database, systemClock);
  onTestFinished(() => store.close());
  const events = store.events({ after: 0, limit: 100_000 });
  const of = (type: string) => events.filter((event) => event.type === type).length;
  return {
    rows: store.read.occurrences({ limit: 1000 }),
    runs: store.read.runs({ limit: 1000 }),
    claimed: of('occurrence.claimed'),
    queued: of('run.queued'),
    started: events.filter((event) => event.type === 'run.dispatched' && event.attempt === 1).length,
    seqs: events.map((event) => event.seq),
  };
}

test(
  verifies('one-trigger-one-run', '16 x `nightshift due` on 200 occurrences: one host, 200 rows, 200 runs'),
  async () => {
    const { paths, env, attach } = hostHome({ NIGHTSHIFT_IDLE_MS: '500' });
    const dueAt = lay(paths);
    const exits = Array.from({ length: processes }, async () => {
      const child = spawn(process.execPath, [cli, 'due', '--no-wait', '--json'], {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let [out, err] = ['', ''];
      child.stdout.on('data', (chunk) => (out += chunk));
      child.stderr.on('data', (chunk) => (err += chunk));
      const [code] = await once(child, 'close');
      expect(err, err).toBe('');
      expect(code).toBe(0);
      return JSON.parse(out).accounted.length as number;
    });
    const claims = await Promise.all(exits);

    const { client, closed } = await attach();
    await expect.poll(async () => (await client.host.status()).activeRuns, { timeout: 90_000, interval: 200 }).toBe(0);
    await client.host.stop({ force: false });
    await closed;
    const { rows, runs, claimed, queued, started, seqs } = account(paths);
    expect([rows.length, runs.length, claimed, queued, started]).toEqual(Array(5).fill(routines));
    // The host looks by itself, too, and may have been first.
    const byThem = rows.filter((row) => row.claimedBy === 'cli').length;
    expect(claims.reduce((sum, each) => sum + each, 0)).toBe(byThem);
    expect(new Set(rows.map((row) => row.routine)).size).toBe(routines);
    expect(rows.filter((row) => row.dueAt !== dueAt || row.state !== 'blocked')).toEqual([]);
    expect(new Set(rows.map((row) => row.run)).size).toBe(routines);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  },
);

test('16 processes without any host between them and the database, some of them killed: the transaction alone keeps it to 200', async () => {
  const { paths, env } = hostHome();
  lay(paths);
  const fixture = join(import.meta.dirname, 'race-fixture.ts');
  const racers = Array.from({ length: processes }, () => {
    const child = spawn(process.execPath, [fixture], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  });
  await Promise.all(racers.map((child) => once(child.stdout, 'data')));
  const claims = racers.map(async (child, index) => {
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
      // Every fourth one dies on its way, wherever that is.
      if (index % 4 === 0 && said.split('\n').length > 5 + index) child.kill('SIGKILL');
    });
    const closed = once(child, 'close');
    child.stdin.end('go\n');
    const [code] = await closed;
    expect(code).toBe(index % 4 === 0 ? null : 0);
    return Number(said.trim().split('\n').at(-1));
  });
  const counts = await Promise.all(claims);
  // They did meet: no single one took it all.
  expect(counts.filter((count) => count > 0).length).toBeGreaterThan(processes / 4);
  expect(counts.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(routines);
  const { rows, runs, claimed, queued, seqs } = account(paths);
  expect([rows.length, runs.length, claimed, queued]).toEqual(Array(4).fill(routines));
  expect(new Set(rows.map((row) => row.routine)).size).toBe(routines);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
});
