/** Caps hold also when the host is killed in the middle of dear calls: what a call may have cost is never forgotten. */
import { expect, onTestFinished, test } from 'vitest';
import { costMicros, type Rates, ratesOf } from '#core/budget/prices.ts';
import type { Attachment } from '#server/attach.ts';
import { hostHome } from '../fakes/host-process.ts';
import { call, hang, type Received, reply, type Step, startMessagesServer } from '../fakes/messages-server.ts';
import { spec } from '../fakes/places.ts';
import { limits } from '../fakes/records.ts';
import { testRepository } from '../fakes/repository.ts';

const model = 'claude-haiku-4-5';
const input = 4000;

/** The server takes its money for every request that has reached it, answered or not. */
const bill = ({ body }: Received) =>
  costMicros(ratesOf(model) as Rates, { input, output: body.max_tokens, cacheRead: 0, cacheWrite: 0 });

interface Plan {
  runs: number;
  dollars: number;
  dayDollars: number | null;
  /** Number of the request at which each host is killed, while that one and the ones beside it are under way. */
  killAt: number[];
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

async function killed({ runs, dollars, dayDollars, killAt }: Plan) {
  let host: Attachment | undefined;
  let ready = false;
  let sent = 0;
  const deaths = [...killAt];
  const dear: Step = ({ body }) => {
    if (!ready) return hang();
    if (++sent >= (deaths[0] ?? Number.POSITIVE_INFINITY)) {
      // Requests that were on their way already arrive after its death.
      if (host) kill(host.hostPid);
      return hang();
    }
    return reply([call('Bash', { command: 'true' })], {
      usage: { input_tokens: input, output_tokens: body.max_tokens },
    });
  };
  const server = await startMessagesServer(Array(500).fill(dear));
  onTestFinished(() => server.close());
  const home = hostHome({ ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url });
  host = await home.attach();
  if (dayDollars !== null) await host.client.budgets.set({ dollarsPerDay: dayDollars });
  const common = { schedule: 'manual', model, checks: [], whenAsked: 'deny' as const };
  for (let n = 0; n < runs; n++) {
    const repository = testRepository().root;
    const own = { repository, limits: limits({ dollars, dollarsPerDay: 100, turns: 500 }) };
    await host.client.routines.add({ id: `r${n}`, spec: spec({ ...common, ...own }) });
    await host.client.routines.run({ routine: `r${n}` });
  }
  // All of them are queued before the first is answered.
  await server.arrived(1);
  ready = true;
  for (let held = server.requests.length; held > 0; held--) server.release();
  while (deaths.length > 0) {
    await host.closed;
    deaths.shift();
    sent = 0;
    host = await home.attach();
  }
  const { client } = host;
  await expect
    .poll(async () => (await client.runs.list({ limit: 100 })).filter(({ state }) => state !== 'ended'), {
      timeout: 40_000,
    })
    .toEqual([]);
  const ended = await client.runs.list({ limit: 100 });
  const billed = server.requests.reduce((sum, request) => sum + bill(request), 0);
  const presumed = ended.reduce((sum, { costMicros: cost }) => sum + cost, 0);
  await client.host.stop({ force: true });
  return { billed, presumed, ended };
}

test.skipIf(process.platform !== 'linux')(
  'sixteen runs under one $2 of a day, the host killed twice in the middle: never more, counted at the server [money-reserved] (bubblewrap, Linux only)',
  async () => {
    const { billed, presumed, ended } = await killed({
      ...{ runs: 16, dollars: 2, dayDollars: 2, killAt: [4, 2] },
    });
    expect(billed).toBeGreaterThan(800_000);
    expect(billed).toBeLessThanOrEqual(2_000_000);
    // What the product says is never less than what was taken.
    expect(presumed).toBeGreaterThanOrEqual(billed);
    expect(new Set(ended.map(({ reason }) => reason?.code))).toEqual(new Set(['limit.day']));
  },
  60_000,
);

test.skipIf(process.platform !== 'linux')(
  'a run with a cap of $0.50 whose host is killed in its calls never exceeds it, counted at the server [money-reserved] (bubblewrap, Linux only)',
  async () => {
    const { billed, presumed, ended } = await killed({ runs: 1, dollars: 0.5, dayDollars: null, killAt: [1] });
    expect(billed).toBeGreaterThan(0);
    expect(billed).toBeLessThanOrEqual(500_000);
    expect(presumed).toBeGreaterThanOrEqual(billed);
    expect(ended).toMatchObject([{ outcome: 'failed', reason: { code: 'limit.dollars' } }]);
  },
  60_000,
);
