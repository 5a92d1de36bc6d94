/** The same promises over every transport, kept by the same suite. */
import { afterEach, describe, expect, test } from 'vitest';
import type { ApiClient } from '#contract/api.ts';
import type { StreamItem } from '#contract/events.ts';
import { brokenRun, runId, secret } from './fake-product.ts';
import { closeAll, openFake, transports } from './transports.ts';
import { until } from './until.ts';

afterEach(closeAll);

const spec = {
  ...{ name: 'Triage', prompt: 'Look.', schedule: 'nightly', timeZone: 'Europe/Zurich', repository: '/tmp/repo' },
};

/** Reads until `enough`; gives the sequence numbers in the order of arrival. */
async function read(stream: AsyncIterable<StreamItem>, enough: (item: StreamItem) => boolean): Promise<number[]> {
  const seen: number[] = [];
  for await (const item of stream) {
    if (item.kind === 'event') seen.push(item.event.seq);
    if (enough(item)) break;
  }
  return seen;
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const reached = (seq: number) => (item: StreamItem) => item.kind === 'event' && item.event.seq >= seq;
const fault = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (error: unknown) => error,
  );

describe.each(transports)('over $name', ({ open }) => {
  test('answers, with defaults filled in', async () => {
    const { client } = await open(openFake());
    const preview = await client.routines.preview({ schedule: 'nightly', timeZone: 'UTC' });
    expect(preview).toMatchObject({ words: 'nightly x 5', next: [] });
  });

  test('refuses bad input and names the field', async () => {
    const { client } = await open(openFake());
    const wrong = client.routines.add({ spec: { ...spec, schedule: '' } });
    await expect(wrong).rejects.toMatchObject({ name: 'Fault', code: 'input', field: 'spec.schedule' });
    const unknown = client.routines.add({ spec: { ...spec, colour: 'red' } as typeof spec });
    await expect(unknown).rejects.toMatchObject({ code: 'input', field: 'spec.colour' });
    const missing = client.runs.get({} as { run: string });
    await expect(missing).rejects.toMatchObject({ code: 'input', field: 'run' });
  });

  test('carries a fault whole', async () => {
    const { client } = await open(openFake());
    await expect(client.routines.get({ routine: 'gone' })).rejects.toMatchObject({
      ...{
        name: 'Fault',
        code: 'not_found',
        message: 'There is no routine gone.',
        field: 'routine',
        cure: 'List them.',
      },
    });
  });

  test('hides an unplanned error and logs it once', async () => {
    const { client, logged } = await open(openFake());
    const error = await fault(client.runs.stop({ run: runId }));
    expect(error).toMatchObject({ code: 'internal' });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(secret);
    expect(logged).toMatchObject([{ error: { message: expect.stringContaining(secret) } }]);
  });

  test('hides an answer that breaks the contract', async () => {
    const { client, logged } = await open(openFake());
    const error = await fault(client.runs.list({}));
    expect(error).toMatchObject({ code: 'internal' });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(secret);
    expect(logged).toHaveLength(1);
  });

  test('refuses a method that does not exist', async () => {
    const { client } = await open(openFake());
    const odd = client as unknown as {
      constructor: { prototype: () => Promise<void> };
      runs: { burn: () => Promise<void> };
    };
    await expect(odd.runs.burn()).rejects.toMatchObject({ code: 'unsupported' });
    await expect(odd.constructor.prototype()).rejects.toMatchObject({ code: 'unsupported' });
  });

  test('cancels: the abort reaches the handler and the caller gets its own reason', async () => {
    const product = openFake();
    const { client, logged } = await open(product);
    const stop = new AbortController();
    const call = fault(client.proposals.diff({ proposal: 'prop-0000test' }, { signal: stop.signal }));
    await client.routines.preview({ schedule: 'nightly', timeZone: 'UTC' });
    stop.abort(new Error('enough'));
    expect(await call).toMatchObject({ message: 'enough' });
    await until('the handler to hear of it', () => product.cancelled() === 1);
    expect(logged).toEqual([]);
  });

  test('settles what is pending, and all that follows, when the host closes', async () => {
    const product = openFake();
    const { client, stopServer } = await open(product);
    const call = fault(client.proposals.diff({ proposal: 'prop-0000test' }));
    const stream = await client.events.follow({ after: 0 });
    const next = fault(read(stream, () => false));
    await until('the follower', () => product.followers() === 1);
    await stopServer();
    expect(await call).toMatchObject({ code: 'host.unreachable' });
    expect(await next).toMatchObject({ code: 'host.unreachable' });
    const later = client.routines.preview({ schedule: 'nightly', timeZone: 'UTC' });
    await expect(later).rejects.toMatchObject({ code: 'host.unreachable' });
  });

  test('lets go of streams and calls when the client hangs up', async () => {
    const product = openFake();
    const { client, hangUp } = await open(product);
    const call = fault(client.proposals.diff({ proposal: 'prop-0000test' }));
    const stream = await client.events.follow({ after: 0 });
    const next = fault(read(stream, () => false));
    await until('the follower', () => product.followers() === 1);
    hangUp();
    await Promise.all([call, next]);
    await until('the host to let go', () => product.followers() === 0 && product.cancelled() === 1);
  });

  test('ends a stream that its reader leaves', async () => {
    const product = openFake();
    product.append(3);
    const { client } = await open(product);
    expect(await read(await client.events.follow({ after: 0 }), reached(2))).toEqual([1, 2]);
    await until('the follower to go', () => product.followers() === 0);
  });

  test('carries a fault in the middle of a stream', async () => {
    const product = openFake();
    product.append(2);
    const { client } = await open(product);
    const stream = await client.events.follow({ after: 0, run: brokenRun });
    await expect(read(stream, () => false)).rejects.toMatchObject({ code: 'data.full', cure: 'Free some space.' });
  });

  test('resumes an event stream without gap or repeat, through old and new events and a new server [stream-resumes]', async () => {
    const product = openFake();
    product.append(250);
    const first = await open(product);
    const seen = await read(await first.client.events.follow({ after: 0 }), reached(120));
    expect(seen).toEqual(numbers(1, 120));
    const follow = async (client: ApiClient, last: number) => {
      const stream = await client.events.follow({ after: seen.at(-1) ?? 0 });
      seen.push(...(await read(stream, reached(last))));
    };
    const live = follow(first.client, 300);
    await until('the follower', () => product.followers() > 0);
    product.append(50);
    await live;
    await first.stopServer();
    product.append(100);
    const second = await open(product);
    await follow(second.client, 400);
    expect(seen).toEqual(numbers(1, 400));
  });

  test('says once when all that was committed has been sent', async () => {
    const product = openFake();
    product.append(101);
    const { client } = await open(product);
    const marks: StreamItem[] = [];
    const stream = await client.events.follow({ after: 0 });
    const reading = read(stream, (item) => {
      if (item.kind === 'caught_up') marks.push(item);
      if (item.kind === 'caught_up') product.append(2);
      return reached(103)(item);
    });
    expect(await reading).toEqual(numbers(1, 103));
    expect(marks).toEqual([{ kind: 'caught_up', seq: 101 }]);
  });
});
