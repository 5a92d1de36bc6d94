/** Runs sent to a real HTTP collector: spans and counts and nothing that was said; nothing at all unless it is switched on. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openTelemetry } from '#host/telemetry/telemetry.ts';
import { call, reply } from '../fakes/messages-server.ts';
import { silent } from '../fakes/places.ts';
import { realRuntime } from '../fakes/real-runtime.ts';

/** Answers `status()`; keeps what it was sent. */
async function collector(status = () => 200) {
  const got: { path: string; body: string }[] = [];
  const bell = new EventTarget();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const code = status();
      if (code === 200) got.push({ path: request.url ?? '', body: Buffer.concat(chunks).toString() });
      response.writeHead(code, { 'content-type': 'application/json' }).end('{}');
      bell.dispatchEvent(new Event('got'));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const until = (enough: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => enough() && resolve();
      bell.addEventListener('got', look);
      look();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got, until };
}

interface Point {
  sum: number;
  count: number | string;
  explicitBounds: number[];
  attributes: { key: string; value: { stringValue?: string } }[];
}
const attribute = (point: Point | undefined, name: string) =>
  point?.attributes.find(({ key }) => key === name)?.value.stringValue;

const script = [
  reply([call('Bash', { command: 'echo private-command' })]),
  reply([call('Propose', { title: 'Private title', explanation: 'Private words.', not_done: ['Nothing else.'] })]),
];

async function product(times = 1) {
  const made = await realRuntime({ script: Array(times).fill(script).flat() });
  const parts = { store: made.runtime.store, clock: made.clock, log: silent, version: '1.2.3' };
  const open = () => {
    const desk = openTelemetry(parts);
    onTestFinished(() => desk.close());
    return desk;
  };
  const runAgain = async () => made.ended((await made.handlers.routines.run({ routine: 'triage' })).run);
  return { ...made, open, runAgain };
}

describe('telemetry', () => {
  test('is off; switched on it sends runs that end from then on, with tokens and codes and no content', async () => {
    const { runOnce, runAgain, open, routine } = await product(2);
    const { url, got, until } = await collector();
    const desk = open();
    expect(await desk.methods.get(undefined)).toEqual({ endpoint: null, waiting: 0, last: null });
    await runOnce();
    expect(await desk.methods.set({ endpoint: `${url}/` })).toMatchObject({ endpoint: `${url}/`, waiting: 0 });
    const { id } = await runAgain();
    await until(() => got.some(({ path }) => path === '/v1/metrics'));
    expect(got.map(({ path }) => path)).toEqual(['/v1/traces', '/v1/metrics']);
    const spans = JSON.parse(got[0]?.body ?? '').resourceSpans[0].scopeSpans[0].spans;
    expect(spans.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['invoke_agent triage', 'chat claude-opus-5-5', 'execute_tool Bash']),
    );
    const root = spans.find(({ name }: { name: string }) => name === 'invoke_agent triage');
    for (const span of spans) {
      expect(span.traceId).toBe(root.traceId);
      if (span !== root) expect(span.parentSpanId).toBe(root.spanId);
    }
    expect(got[0]?.body).toContain(id);
    const { metrics } = JSON.parse(got[1]?.body ?? '').resourceMetrics[0].scopeMetrics[0];
    const measured = (name: string) => metrics.find((metric: { name: string }) => metric.name === name);
    const points = (name: string) => measured(name).histogram.dataPoints as Point[];
    // Two answers, each with 10 tokens in and 20 out.
    const tokens = points('gen_ai.client.token.usage').map((point) => [
      attribute(point, 'gen_ai.token.type'),
      point.sum,
    ]);
    expect(tokens.sort()).toEqual([
      ['input', 20],
      ['output', 40],
    ]);
    expect(measured('gen_ai.client.token.usage').unit).toBe('{token}');
    const [took] = points('gen_ai.client.operation.duration');
    expect(measured('gen_ai.client.operation.duration').unit).toBe('s');
    expect(Number(took?.count)).toBe(2);
    expect(took?.explicitBounds.slice(0, 3)).toEqual([0.01, 0.02, 0.04]);
    for (const point of [took, ...points('gen_ai.client.token.usage')])
      expect([attribute(point, 'gen_ai.operation.name'), attribute(point, 'gen_ai.request.model')]).toEqual([
        'chat',
        'claude-opus-5-5',
      ]);
    for (const { body } of got)
      for (const words of ['private-command', 'Private', routine.prompt, 'sk-test-key'])
        expect(body).not.toContain(words);
    await desk.methods.set({ endpoint: null });
    expect(await desk.methods.get(undefined)).toMatchObject({ endpoint: null, waiting: 0 });
  });

  test('a collector that is away is asked again by the next host, with the same ids, and holds no run up', async () => {
    const { runOnce, open } = await product();
    let status = 400;
    const { url, got, until } = await collector(() => status);
    const first = open();
    await first.methods.set({ endpoint: url });
    expect((await runOnce()).outcome).not.toBeNull();
    await expect.poll(async () => (await first.methods.get(undefined)).last?.ok).toBe(false);
    expect(await first.methods.get(undefined)).toMatchObject({
      waiting: 1,
      last: { message: expect.stringContaining('could not be reached') },
    });
    first.close();
    status = 200;
    const second = open();
    await until(() => got.length === 2);
    await expect.poll(async () => (await second.methods.get(undefined)).waiting).toBe(0);
    second.close();
    const third = open();
    expect(await third.methods.get(undefined)).toMatchObject({ waiting: 0, last: { ok: true } });
  });

  test('an address with a password is refused, naming the cure', async () => {
    const { open } = await product();
    const desk = open();
    await expect(desk.methods.set({ endpoint: 'http://me:pass@localhost:4318' })).rejects.toMatchObject({
      ...{ code: 'input', field: 'endpoint' },
    });
    expect((await desk.methods.get(undefined)).endpoint).toBeNull();
  });
});
