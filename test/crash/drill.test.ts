/** The fault drill as people run it, and proof that it would notice: lies planted in the account it looks at. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DrillFault, type DrillResult } from '#contract/drill.ts';
import { type DrillOptions, runDrill } from '#host/drill/drill.ts';
import { processesOf } from '#host/drill/leftovers.ts';
import { resolvePaths } from '#host/paths.ts';
import { entry } from '#host/self.ts';
import { attach } from '#server/attach.ts';
import { drillHosts } from '#server/drill.ts';
import { isolatedEnv } from '../fakes/host-process.ts';
import { silent } from '../fakes/places.ts';
import { verifies } from '../promises.ts';

interface Report {
  held: number;
  failed: number;
  skipped: number;
  results: DrillResult[];
}

const place = join(tmpdir(), `nightshift-drill-`);
const foldersOf = (pid: number) => readdirSync(tmpdir()).filter((name) => name.startsWith(`nightshift-drill-${pid}-`));

async function outcome(options: Partial<DrillOptions>): Promise<DrillResult[]> {
  const results: DrillResult[] = [];
  const { signal } = new AbortController();
  for await (const item of runDrill({ hosts: drillHosts, log: silent, signal, ...options }))
    if (item.kind === 'result') results.push(item.result);
  return results;
}

describe('nightshift drill --json', () => {
  let report: Report;
  let code: unknown = 0;
  let hostPid = 0;
  const home = mkdtempSync(join(tmpdir(), 'nightshift-home-'));

  beforeAll(async () => {
    const env = isolatedEnv(home);
    const host = await attach({ paths: resolvePaths(env), env });
    hostPid = host.hostPid;
    const drill = promisify(execFile)(process.execPath, [entry('cli'), 'drill', '--json'], { env });
    const { stdout } = await drill.catch((error: { code: unknown; stdout: string }) => {
      code = error.code;
      return error;
    });
    report = JSON.parse(stdout);
    await host.client.host.stop({ force: true });
    await host.closed;
  });
  afterAll(() => {
    try {
      if (hostPid) process.kill(hostPid, 'SIGKILL');
    } catch {}
    rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  });

  test.for(DrillFault.options)(
    verifies('every-occurrence-accounted', '%s: the account stays true'),
    (fault, { skip }) => {
      const result = report.results.find((each) => each.fault === fault);
      if (result?.state === 'skipped') skip(`${fault}: ${result.happened}`);
      expect(result).toMatchObject({ state: 'held', problems: [] });
      expect(result?.evidence.join('\n')).toMatch(/0 processes left running|does not tell/);
    },
  );
  test('its exit code and its counts say the same, and nothing of it stays', () => {
    expect(report.results.map(({ fault }) => fault)).toEqual(DrillFault.options);
    expect(report.held + report.failed + report.skipped).toBe(DrillFault.options.length);
    expect(code).toBe(report.failed === 0 && report.held > 0 ? 0 : 1);
    expect(foldersOf(hostPid)).toEqual([]);
    expect(processesOf(`${place}${hostPid}-`) ?? []).toEqual([]);
  });
});

const newest = '(SELECT max(due_at) FROM occurrences)';
const lies: [string, string, RegExp][] = [
  ['a row taken out', `DELETE FROM occurrences WHERE due_at = ${newest}`, /was due at .* and has 0 rows/],
  [
    'a row taken out together with its events',
    `DELETE FROM events WHERE type LIKE 'occurrence.%'; DELETE FROM occurrences`,
    /was due at .* and has 0 rows/,
  ],
  [
    'a reason taken away',
    `UPDATE occurrences SET body = json_set(body, '$.reason', NULL) WHERE due_at = ${newest}`,
    /without a reason/,
  ],
  [
    'a skipped range said to have run',
    `UPDATE occurrences SET body = json_set(body, '$.state', 'ran') WHERE due_at < ${newest}`,
    /ran without a run/,
  ],
  [
    'a range that counts one too many',
    `UPDATE occurrences SET body = json_set(body, '$.count', json_extract(body, '$.count') + 1) WHERE due_at < ${newest}`,
    /its rows say/,
  ],
  [
    'a row for an instant that never was',
    `INSERT INTO occurrences SELECT routine, '2001-01-01T00:00:00.000Z', state, NULL,
     json_set(body, '$.dueAt', '2001-01-01T00:00:00.000Z') FROM occurrences WHERE due_at = ${newest}`,
    /has no event/,
  ],
  [
    'an event rewritten',
    `UPDATE events SET body = json_set(body, '$.version', 'x') WHERE type = 'routine.changed'`,
    /was told/,
  ],
  [
    'the last event cut off',
    'DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)',
    /was told and is not in the log/,
  ],
  ['a run left open', `UPDATE runs SET body = json_set(body, '$.state', 'running')`, /the run of .* is running/],
];

describe('a planted lie makes the drill fail', () => {
  test.each(lies)('%s', async (_name, sql, words) => {
    const beforeAudit = (_fault: string, database: string) => {
      const db = new Database(database);
      // The database refuses such changes by itself; whoever lies has taken that away.
      const guards = db.prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'trigger'").pluck().all();
      for (const name of guards) db.exec(`DROP TRIGGER ${name}`);
      db.exec(sql);
      expect(db.prepare('SELECT total_changes()').pluck().get()).toBeGreaterThan(0);
      db.close();
    };
    const [result] = await outcome({ only: ['clock_forwards'], beforeAudit });
    expect(result?.state).toBe('failed');
    expect(result?.problems.join('\n')).toMatch(words);
  });
  test('a database that is no database', async () => {
    const beforeAudit = (_fault: string, database: string) => writeFileSync(database, 'x'.repeat(5000));
    const [result] = await outcome({ only: ['clock_back'], beforeAudit });
    expect(result).toMatchObject({ state: 'failed', problems: [expect.stringContaining('cannot be read')] });
  });
  test('a touched checkout', async () => {
    const beforeAudit = (_fault: string, database: string) =>
      writeFileSync(join(dirname(database), '..', '..', 'repository', 'README.md'), 'touched');
    const [result] = await outcome({ only: ['clock_forwards'], beforeAudit });
    expect(result).toMatchObject({ state: 'failed', problems: ['the checkout was touched'] });
  });
  test('and without one the same fault holds', async () => {
    expect(await outcome({ only: ['clock_forwards'] })).toMatchObject([{ state: 'held', problems: [] }]);
  });
});

test('left in the middle, it ends its hosts and removes its folder', async () => {
  const leaving = new AbortController();
  const drill = runDrill({ hosts: drillHosts, log: silent, signal: leaving.signal, only: ['runner_killed'] });
  expect((await drill.next()).value).toMatchObject({ kind: 'began', fault: 'runner_killed' });
  const rest = drill.next();
  rest.catch(() => {});
  await expect.poll(() => foldersOf(process.pid).length, { timeout: 30_000 }).toBe(1);
  if (process.platform === 'linux')
    await expect.poll(() => processesOf(`${place}${process.pid}-`)?.length, { timeout: 30_000 }).toBeGreaterThan(0);
  leaving.abort();
  await expect(rest).rejects.toThrow();
  expect(foldersOf(process.pid)).toEqual([]);
  expect(processesOf(`${place}${process.pid}-`) ?? []).toEqual([]);
});
