/** Policies, the ledger's filters and `doctor --fix` as they are typed and read. */
import { expect, test } from 'vitest';
import { Policies } from '#contract/policies.ts';
import { cli } from '../fakes/cli-shell.ts';
import { occurrence, routine, spec } from '../fakes/records.ts';

/** What an edit with these flags asks of the host; the clock says 2026-11-20T22:00Z. */
async function edited(...flags: string[]) {
  const seen: { change: { policies?: unknown } }[] = [];
  const edit = async (input: (typeof seen)[number]) => {
    seen.push(input);
    return routine();
  };
  const { code, err } = await cli(['routines', 'edit', 'log-triage', ...flags], { routines: { edit } });
  return { code, err, policies: seen[0]?.change.policies };
}

test.each([
  ['--catch-up each', { catchUp: { mode: 'each' } }],
  ['--catch-up-within 90', { catchUp: { within: 90 } }],
  ['--catch-up-within 7d', { catchUp: { within: 10_080 } }],
  ['--catch-up skip --same-day', { catchUp: { mode: 'skip', sameDay: true } }],
  ['--no-same-day', { catchUp: { sameDay: false } }],
  ['--overlap cancel_old', { overlap: 'cancel_old' }],
  ['--jitter 15', { jitter: 15 }],
  ['--min-distance 120', { minimumDistance: 120 }],
  ['--active-hours 22:00-06:00', { activeHours: { from: '22:00', to: '06:00' } }],
  ['--active-hours off', { activeHours: null }],
  ['--on-mains --unmetered --wake', { onMains: true, unmetered: true, wake: true }],
  ['--no-on-mains --no-unmetered --no-wake', { onMains: false, unmetered: false, wake: false }],
  ['--keep-awake', { keepAwake: true }],
  ['--no-keep-awake', { keepAwake: false }],
  ['--pause-until +2d', { pausedUntil: '2026-11-22T22:00:00.000Z' }],
  ['--pause-until 2026-12-24T00:00:00+01:00', { pausedUntil: '2026-12-23T23:00:00.000Z' }],
  ['--pause-until off', { pausedUntil: null }],
  ['--priority -3', { priority: -3 }],
])('%s', async (flags, policies) => {
  expect(await edited(...flags.split(' '))).toMatchObject({ code: 0, policies });
  expect((await edited(...flags.split(' '))).policies).toEqual(policies);
});

test('other edits leave the policies alone', async () => {
  expect(await edited('--turns', '5')).toMatchObject({ code: 0, policies: undefined });
});

test('a new routine gets the defaults for what was not named', async () => {
  const seen: { spec: { policies: unknown } }[] = [];
  const add = async (input: (typeof seen)[number]) => {
    seen.push(input);
    return routine();
  };
  const argv = 'routines add Triage --prompt p --repo r --schedule nightly --catch-up each --wake --no-keep-awake';
  expect((await cli(argv.split(' '), { routines: { add } })).code).toBe(0);
  const catchUp = { mode: 'each', within: 10_080, sameDay: false };
  expect(seen[0]?.spec.policies).toEqual({ ...Policies.parse({}), catchUp, wake: true, keepAwake: false });
});

test.each([
  ['--catch-up-within soon', '--catch-up-within'],
  ['--catch-up-within 30s', '--catch-up-within'],
  ['--catch-up-within 0', '--catch-up-within'],
  ['--catch-up-within 32d', '--catch-up-within'],
  ['--catch-up maybe', '--catch-up'],
  ['--overlap maybe', '--overlap'],
  ['--active-hours 22-6', '--active-hours'],
  ['--active-hours 22:00-25:00', '--active-hours'],
  ['--jitter 721', '--jitter'],
  ['--pause-until tomorrow', '--pause-until'],
  ['--priority high', '--priority'],
  ['--priority 11', '--priority'],
])('%s is refused, naming %s', async (flags, named) => {
  const { code, err } = await edited(...flags.split(' '));
  expect(code).toBe(2);
  expect(err).toContain(named);
});

test('show says every policy in words', async () => {
  const policies = Policies.parse({
    catchUp: { mode: 'each', within: 90, sameDay: true },
    overlap: 'queue_one',
    jitter: 15,
    minimumDistance: 120,
    activeHours: { from: '22:00', to: '06:00' },
    onMains: true,
    unmetered: true,
    wake: true,
    keepAwake: false,
    pausedUntil: '2026-12-23T23:00:00.000Z',
    priority: 5,
  });
  const get = async () => routine({ spec: spec({ policies }) });
  const { out } = await cli(['routines', 'show', 'log-triage'], {
    routines: { get },
    grants: { list: async () => [] },
  });
  for (const words of [
    'missed: each one is run, oldest first, up to 90 minutes late and only on the same day',
    'due while it still runs: one waits',
    'starts only between 22:00 and 06:00, on mains power, on an unmetered network',
    'starts up to 15 minutes later, always by as much',
    'at least 2 hours between two starts',
    'is to wake the sleeping machine',
    'the machine may go to sleep while it runs',
    'paused until 2026-12-24 00:00:00',
    'priority 5',
  ])
    expect(out).toContain(words);
  const plain = await cli(['routines', 'show', 'log-triage'], {
    grants: { list: async () => [] },
    routines: { get: async () => routine() },
  });
  expect(plain.out).toContain('missed: the newest one is run, once, up to 7 days late');
  expect(plain.out).not.toMatch(/starts only|priority|is to wake/);
});

test('ledger: narrowed by state and age, with the cause beside the reason', async () => {
  const seen: unknown[] = [];
  const ledger = async (input: unknown) => {
    seen.push(input);
    return [occurrence({ state: 'skipped', run: null, cause: 'on_battery', reason: 'On battery.' })];
  };
  const argv = ['routines', 'ledger', 'log-triage', '--state', 'skipped', '--since'];
  const { code, out } = await cli([...argv, '7d'], { routines: { ledger } });
  expect(code).toBe(0);
  expect(out).toMatch(/skipped .*on battery +On battery\./);
  await cli([...argv, '2026-11-20T00:00:00Z'], { routines: { ledger } });
  expect(seen).toEqual([
    { routine: 'log-triage', state: 'skipped', since: '2026-11-13T22:00:00.000Z', limit: 100 },
    { routine: 'log-triage', state: 'skipped', since: '2026-11-20T00:00:00.000Z', limit: 100 },
  ]);
  const none = await cli([...argv, '1h'], { routines: { ledger: async () => [], get: async () => routine() } });
  expect(none.out).toBe('No row of the ledger is like that.\n');
  const refused = await cli([...argv, 'lately'], { routines: { ledger } });
  expect(refused.code).toBe(2);
  expect(refused.err).toContain('--since');
  expect((await cli(['routines', 'ledger', '--state', 'odd'], { routines: { ledger } })).code).toBe(2);
});

test('doctor --fix asks the host to mend, doctor alone does not', async () => {
  const seen: unknown[] = [];
  const doctor = async (input: unknown) => {
    seen.push(input);
    return [{ name: 'OS timers', state: 'ok' as const, detail: 'held: a' }];
  };
  expect((await cli(['doctor'], { host: { doctor } })).code).toBe(0);
  expect((await cli(['doctor', '--fix'], { host: { doctor } })).code).toBe(0);
  expect(seen).toEqual([
    { fix: false, sandbox: false },
    { fix: true, sandbox: false },
  ]);
});
