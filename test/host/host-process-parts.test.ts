/** What a host process is made of: when it may leave, what it writes down, what it opens. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { RunId } from '#contract/ledger.ts';
import { createIds, systemClock } from '#host/clock.ts';
import { openLog } from '#host/log.ts';
import { resolvePaths } from '#host/paths.ts';
import { ownIdentity } from '#host/processes.ts';
import { connectSocket } from '#server/connect.ts';
import { hostMethods } from '#server/host-methods.ts';
import { watchIdle } from '#server/life.ts';
import { serve } from '#server/serve.ts';
import { closeAll, openFake, recordingLog, scratch } from '../contract/transports.ts';
import { manualClock } from './manual-clock.ts';

afterEach(closeAll);

describe('leaving', () => {
  function watched(graceMs: number) {
    const clock = manualClock();
    const product = openFake();
    const state = { clients: 0, left: 0, change: () => {} };
    const attached = {
      count: () => state.clients,
      onChange: (fn: () => void) => {
        state.change = fn;
      },
    };
    const clients = (count: number) => {
      state.clients = count;
      state.change();
    };
    const stop = watchIdle(clock, graceMs, attached, product.activity, () => state.left++);
    return { clock, product, clients, stop, left: () => state.left };
  }

  test('once, after the grace, and not before', () => {
    const { clock, clients, left } = watched(10_000);
    clients(1);
    clock.advance(100_000);
    clients(0);
    clock.advance(9999);
    expect(left()).toBe(0);
    clock.advance(1);
    expect(left()).toBe(1);
    clock.advance(100_000);
    expect([left(), clock.pending()]).toEqual([1, 0]);
  });

  test('a client or a piece of work that comes in time starts the grace anew', () => {
    const { clock, clients, product, left } = watched(10_000);
    clock.advance(9999);
    clients(1);
    clock.advance(1);
    clients(0);
    product.setBusy(true);
    clock.advance(10_000);
    clock.advance(50_000);
    expect(left()).toBe(0);
    product.setBusy(false);
    clock.advance(9999);
    expect(left()).toBe(0);
    clock.advance(1);
    expect(left()).toBe(1);
  });

  test('whoever started it gets a moment to come, however short the grace; afterwards the grace counts', () => {
    const { clock, clients, left } = watched(0);
    clock.advance(4999);
    expect(left()).toBe(0);
    clients(1);
    clients(0);
    clock.advance(0);
    expect(left()).toBe(1);
  });

  test('never once it was told to stop watching', () => {
    const { clock, stop, product, left } = watched(0);
    stop();
    product.setBusy(false);
    clock.advance(100_000);
    expect([left(), clock.pending()]).toEqual([0, 0]);
  });
});

describe('the way into a browser', () => {
  async function served(page: string) {
    const paths = resolvePaths({ NIGHTSHIFT_HOME: scratch() });
    const { log, logged } = recordingLog();
    const serving = await serve({
      ...{ paths, page, log, clock: systemClock, identity: ownIdentity(), version: '1.2.3', idleMs: 60_000 },
      async compose(surroundings) {
        const { handlers, activity } = openFake();
        const nothing = () => Promise.reject(new Error('not part of this test'));
        const host = hostMethods({ surroundings, activity, facts: nothing, doctor: nothing });
        return { handlers: { ...handlers, host }, activity, close: async () => {} };
      },
    });
    const connection = await connectSocket(paths.socket);
    const end = async () => {
      connection.close();
      await serving.stop('the test is over');
    };
    return {
      paths,
      logged,
      end,
      client: connection.client,
      endpoint: () => JSON.parse(readFileSync(paths.endpoint, 'utf8')),
    };
  }

  test('stays shut until somebody asks, then stays at one port', async () => {
    const page = scratch();
    writeFileSync(join(page, 'index.html'), '<!doctype html>');
    const { client, endpoint, end, paths } = await served(page);
    expect(endpoint()).toMatchObject({ http: null, version: '1.2.3', pid: process.pid });
    const [one, two] = await Promise.all([client.host.openUrl(), client.host.openUrl()]);
    expect(one.url).not.toBe(two.url);
    expect(new URL(one.url).host).toBe(`127.0.0.1:${endpoint().http.port}`);
    expect(new URL(two.url).host).toBe(new URL(one.url).host);
    expect((await fetch(one.url)).status).toBe(200);
    await end();
    await expect(fetch(one.url)).rejects.toThrow();
    expect([existsSync(paths.endpoint), existsSync(paths.socket)]).toEqual([false, false]);
  });

  test('is refused with a cure when the page was not built, and opens once it is', async () => {
    const page = join(scratch(), 'renderer');
    const { client, end } = await served(page);
    await expect(client.host.openUrl()).rejects.toMatchObject({
      code: 'unsupported',
      cure: expect.stringContaining('build'),
    });
    mkdirSync(page);
    writeFileSync(join(page, 'index.html'), '<!doctype html>');
    expect((await fetch((await client.host.openUrl()).url)).status).toBe(200);
    await end();
  });
});

describe('writing down', () => {
  test('one line of JSON a fact, in two files of bounded size, for one user alone', () => {
    const file = join(scratch(), 'host.log');
    const log = openLog(file, manualClock(0), 2000);
    for (let i = 0; i < 100; i++) log.info('something happened', { i });
    log.error('something broke', new Error('outer', { cause: new Error('inner') }), { pid: 1 });
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line)).at(-1)).toMatchObject({
      ...{ at: '1970-01-01T00:00:00.000Z', level: 'error', what: 'something broke', pid: 1 },
      error: { message: 'outer', cause: { message: 'inner' } },
    });
    for (const each of [file, `${file}.1`]) expect(statSync(each).size).toBeLessThanOrEqual(2000);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('what looks like a key is cut out, wherever in a line it stands', () => {
    const file = join(scratch(), 'host.log');
    const log = openLog(file, manualClock());
    const key = 'sk-ant-FAKE-SECRET-12345';
    const cause = new Error(`Headers.append: "Bearer other-SECRET \n67890" is an invalid header value.`);
    log.error(`run with ${key} ended`, new Error(`bad key '${key}'.`, { cause }), {
      deep: [{ header: `Bearer ${key}` }],
    });
    log.error('thrown as text', `authorization: bearer ${'x'.repeat(20)}SECRET`);
    const text = readFileSync(file, 'utf8');
    expect(text).not.toMatch(/SECRET|67890/);
    expect(JSON.parse(text.split('\n')[0] ?? '').error).toMatchObject({
      message: "bad key '[secret]'.",
      cause: { message: 'Headers.append: "[secret]" is an invalid header value.' },
    });
  });

  test('never fails, whatever it is given and wherever it writes', () => {
    const nowhere = openLog(join(scratch(), 'gone', 'host.log'), manualClock());
    nowhere.info('lost');
    const file = join(scratch(), 'host.log');
    const log = openLog(file, manualClock());
    const round: Record<string, unknown> = {};
    round.self = round;
    log.info('round', { round });
    log.error('odd', undefined, { big: 10n });
    log.info('long', { text: 'x'.repeat(1_000_000) });
    expect(statSync(file).size).toBeLessThan(20_000);
  });
});

describe('ids', () => {
  test('keep to the contract, sort by time, and differ even in the same millisecond', () => {
    const clock = manualClock();
    const ids = createIds(clock);
    const made = Array.from({ length: 500 }, () => ids.next('run'));
    clock.advance(1000);
    made.push(ids.next('run'));
    expect(made.every((id) => RunId.safeParse(id).success)).toBe(true);
    expect(new Set(made).size).toBe(501);
    expect([...made].sort()).toEqual(made);
  });
});

describe('the clock', () => {
  test('fires once, and not when it was cancelled', async () => {
    const fired: string[] = [];
    const cancel = systemClock.after(5, () => fired.push('cancelled'));
    cancel();
    cancel();
    await new Promise<void>((resolve) => systemClock.after(10, resolve));
    expect(fired).toEqual([]);
  });

  test('takes a delay longer than a timer can without firing at once', async () => {
    let fired = false;
    const cancel = systemClock.after(2 ** 31 + 5, () => {
      fired = true;
    });
    await new Promise<void>((resolve) => systemClock.after(10, resolve));
    cancel();
    expect(fired).toBe(false);
  });
});
