/** Alerts in the terminal: listed where one looks after the host, told with their run, put away by number. */
import { expect, test } from 'vitest';
import type { Alert } from '#contract/alerts.ts';
import type { Event } from '#contract/events.ts';
import { cli } from '../fakes/cli-shell.ts';
import { run, runId, runLog } from '../fakes/records.ts';

const at = '2026-11-20T22:00:00.000Z';
const alert = (seq: number, more: Partial<Alert> = {}): Alert => ({
  ...{ seq, at, about: null, routine: null, text: 'The clock\u001b[2J was wrong.', dismissedAt: null },
  ...more,
});

test('each has its number, time and subject, and no control character of its text', async () => {
  const alerts = { list: async () => [alert(7, { routine: 'triage', about: runId }), alert(3, { dismissedAt: at })] };
  const { code, out } = await cli(['alerts', 'list', '--all'], { alerts });
  expect(code).toBe(0);
  expect(out).toContain(`alert 7  2026-11-20 23:00:00  triage, ${runId}\n`);
  expect(out).toContain('alert 3  2026-11-20 23:00:00  this machine  put away 2026-11-20 23:00:00\n');
  expect(out).not.toContain('\u001b[2J');
  expect(JSON.parse((await cli(['alerts', 'list', '--json'], { alerts })).out)).toHaveLength(2);
});

test('none is said as such', async () => {
  const alerts = { list: async () => [] };
  expect((await cli(['alerts', 'list'], { alerts })).out).toBe('No alert waits to be put away.\n');
  expect((await cli(['alerts', 'list', '--all'], { alerts })).out).toBe('There was no alert yet.\n');
  expect((await cli(['alerts', 'dismiss', '--all'], { alerts })).out).toBe('No alert waits to be put away.\n');
});

test('they are put away one by one, or all that there were', async () => {
  const asked: unknown[] = [];
  const alerts = {
    list: async () => [alert(9)],
    dismiss: async (input: { seq: number }) => {
      asked.push(input);
      return alert(input.seq, { dismissedAt: at });
    },
    dismissAll: async (input: object) => {
      asked.push(input);
      return [alert(9, { dismissedAt: at }), alert(4, { dismissedAt: at })];
    },
  };
  expect((await cli(['alerts', 'dismiss', '4', '9'], { alerts })).out.match(/put away/g)).toHaveLength(2);
  expect((await cli(['alerts', 'dismiss', '--all'], { alerts })).out.match(/put away/g)).toHaveLength(2);
  expect(asked).toEqual([
    { seq: 4, door: 'terminal' },
    { seq: 9, door: 'terminal' },
    { through: 9, door: 'terminal' },
  ]);
});

test.each([[['alerts', 'dismiss']], [['alerts', 'dismiss', '4', '--all']], [['alerts', 'dismiss', 'four']]])(
  '%j is refused',
  async (argv) => {
    const { code, err } = await cli(argv, {});
    expect(code).toBe(2);
    expect(err).toMatch(/alert/);
  },
);

test('the status of the host lists the newest', async () => {
  const model = { auto: 'rehearsal', rehearsal: true, key: 'none' as const, detail: '', baseUrl: null };
  const status = {
    ...{ version: '1', pid: 1, startedAt: at, dataDirectory: '/data', activeRuns: 0, clients: 1 },
    ...{ openProposals: 0, model, seq: 9 },
  };
  const all = [9, 8, 7, 6, 5, 4].map((seq) => alert(seq));
  const host = { status: async () => status };
  const { out } = await cli(['host', 'status'], { host, alerts: { list: async () => all } });
  expect(out).toContain('6 not put away');
  expect(out.match(/^alert \d/gm)).toHaveLength(5);
  expect(out).toContain('nightshift alerts list');
  const quiet = await cli(['host', 'status', '--json'], { host, alerts: { list: async () => [] } });
  expect(JSON.parse(quiet.out)).toEqual({ ...status, alerts: [] });
});

test('a run that is followed tells what was raised about it', async () => {
  const raised = { type: 'alert.raised', about: runId, routine: 'log-triage', text: 'Nobody knows its price.' };
  const log = [...runLog().slice(0, 3), { ...raised, at }, ...runLog().slice(3)];
  const told = log.map((event, index) => ({ ...event, seq: index + 1 }) as Event);
  async function* follow() {
    for (const event of told) yield { kind: 'event' as const, event };
    yield { kind: 'caught_up' as const, seq: told.length };
  }
  const { out } = await cli(['runs', 'follow', runId], {
    runs: { get: async () => run() },
    events: { follow: async () => follow() },
  });
  expect(out).toContain('Alert: Nobody knows its price.');
});
