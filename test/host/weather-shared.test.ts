/** Many runs, one account, a real server that counts: what it allows is never exceeded, and nobody comes twice for nothing. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createPurse } from '#core/budget/purse.ts';
import { modeJudge } from '#core/permissions/gate.ts';
import type { Models } from '#core/ports.ts';
import { runSession } from '#core/session/session.ts';
import { openStore, type Store } from '#core/store/event-log.ts';
import { createWeather } from '#core/weather/weather.ts';
import { createIds } from '#host/clock.ts';
import { createModels } from '#host/model/models.ts';
import { resolvePaths } from '#host/paths.ts';
import { type ManualClock, manualClock } from '../fakes/manual-clock.ts';
import { fail, type Step, say, startMessagesServer, use } from '../fakes/messages-server.ts';
import { scratch, silent } from '../fakes/places.ts';
import { recordingHands } from '../fakes/recording-hands.ts';
import { spec } from '../fakes/records.ts';

const model = 'claude-opus-5-5';
const minute = 60_000;
const everything = { after: 0, limit: 100_000 };

/** Five requests in each minute of `clock`; one more is refused, and noted. */
function limiter(clock: ManualClock, limit = 5) {
  const allowed: number[] = [];
  const refused: number[] = [];
  let [from, used] = [Number.NEGATIVE_INFINITY, 0];
  const headers = () => ({
    date: new Date(clock.now()).toUTCString(),
    'anthropic-ratelimit-requests-limit': String(limit),
    'anthropic-ratelimit-requests-remaining': String(Math.max(0, limit - used)),
    'anthropic-ratelimit-requests-reset': new Date(from + minute).toISOString(),
  });
  const step =
    (answer: () => ReturnType<typeof say>): Step =>
    () => {
      const now = clock.now();
      if (now >= from + minute) [from, used] = [now, 0];
      used += 1;
      if (used > limit) {
        refused.push(now);
        const wait = String(Math.ceil((from + minute - now) / 1000));
        return fail(429, { headers: { ...headers(), 'retry-after': wait } });
      }
      allowed.push(now);
      return { ...answer(), headers: headers() };
    };
  return { step, allowed, refused };
}

async function setUp(script: (clock: ManualClock) => Step[], home = scratch()) {
  const clock = manualClock('2026-11-21T03:00:00Z');
  const server = await startMessagesServer(script(clock));
  const vault = { get: async () => null, set: async () => {}, delete: async () => {} };
  const env = { ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url };
  const store = openStore(join(home, 'a.db'), clock);
  const weather = createWeather({ store, clock, log: silent });
  const paths = resolvePaths({ NIGHTSHIFT_HOME: scratch() });
  const models = weather.over(createModels({ env, paths, vault, log: silent }));
  onTestFinished(async () => {
    store.close();
    await models.close();
    await server.close();
  });
  const purse = createPurse({ store, clock, startOfDay: (at) => at - (at % 86_400_000) });
  const begin = (count: number, again = false) =>
    Array.from({ length: count }, (_, at) => session(store, purse, clock, models, at, again));
  return { clock, server, store, weather, models, begin };
}

/** `again`: the run is there, and goes on. */
async function session(
  store: Store,
  purse: ReturnType<typeof createPurse>,
  clock: ManualClock,
  models: Models,
  at: number,
  again = false,
) {
  const run = `run-${String(at).padStart(8, '0')}`;
  if (again) store.commit((writer) => writer.append({ type: 'run.resumed', run, why: 'limit_lifted' }));
  else
    store.commit((writer) => {
      writer.append({ type: 'run.queued', run, routine: `routine-${run}`, trigger: { kind: 'person' } });
      writer.append({ type: 'message.added', run, text: 'Do the work.', from: 'routine' });
    });
  return runSession({
    ...{ store, clock, purse, run, hands: recordingHands(), signal: new AbortController().signal },
    ...{ ids: createIds(clock), judge: modeJudge('acceptEdits'), model: await models.resolve(model, run) },
    // Less than they wait for their turns: no such wait counts.
    spec: spec({ whenAsked: 'deny', limits: { ...spec({}).limits, minutes: 2 } }),
  });
}

/** Turns that were begun and have neither an answer nor a refusal that is asked again. */
function underWay(store: Store): number {
  const of = (type: string) => store.events(everything).filter((event) => event.type === type).length;
  return of('turn.started') - of('message.finished') - of('model.retrying');
}

/** Lets time pass in small steps; before each, everything that was sent has been answered. */
async function live<T>(clock: ManualClock, store: Store, all: Promise<T>, stepMs = 2_000, before = 0): Promise<T> {
  let over = false;
  const done = all.finally(() => {
    over = true;
  });
  const counted = () => underWay(store) - before;
  for (let step = 0; !over; step++) {
    if (step > 600) throw new Error('they do not come to an end');
    await expect.poll(() => over || counted() === 0, { interval: 1, timeout: 10_000 }).toBe(true);
    // What was answered last asks for its next turn now.
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    if (counted() === 0) clock.advance(stepMs);
  }
  return done;
}

test('twenty runs share an account of five requests a minute: none is over, and each gets its answers', async () => {
  let limits: ReturnType<typeof limiter> | undefined;
  const { clock, store, begin, server } = await setUp((clock) => {
    limits = limiter(clock);
    const { step } = limits;
    const works = Array.from({ length: 20 }, () => step(() => use('Bash', { command: 'true' })));
    return [...works, ...Array.from({ length: 20 }, () => step(() => say('Done.')))];
  });
  const ends = await live(clock, store, Promise.all(begin(20)));
  expect(ends).toEqual(Array(20).fill(expect.objectContaining({ kind: 'finished' })));
  expect(limits?.refused).toEqual([]);
  expect(server.requests).toHaveLength(40);
  expect(store.events(everything).filter(({ type }) => type === 'model.retrying')).toEqual([]);
  // Eight minutes' worth, not one after the other.
  expect(clock.now() - Date.parse('2026-11-21T03:00:00Z')).toBeLessThan(10 * minute);
  expect(store.events(everything).some(({ type }) => type === 'turn.waiting')).toBe(true);
}, 60_000);

test('a refusal closes the account for all of them: one comes first when it is over, the others spaced', async () => {
  const seen: number[] = [];
  const open = Date.parse('2026-11-21T03:00:40Z');
  const { clock, store, begin, server } = await setUp((clock) =>
    Array.from(
      { length: 40 },
      (): Step => () => {
        seen.push(clock.now());
        return clock.now() < open ? fail(429, { headers: { 'retry-after': '40' } }) : say('Done.');
      },
    ),
  );
  await live(clock, store, Promise.all(begin(12)), 500);
  const after = seen.filter((at) => at >= open);
  // Those that were under way before the first refusal was heard, and nobody else.
  expect(seen.length - after.length).toBeLessThanOrEqual(4);
  expect(after).toHaveLength(12);
  const gaps = after.slice(1).map((at, i) => at - (after[i] as number));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500);
  expect(server.requests.length).toBe(seen.length);
}, 60_000);

test('twenty runs that wait for one limit go on when it has lifted: none over what is allowed, and nobody refused again', async () => {
  let limits: ReturnType<typeof limiter> | undefined;
  const { clock, store, begin, server } = await setUp((clock) => {
    const { step, allowed, refused } = limiter(clock);
    limits = { step, allowed, refused };
    const opens = clock.now() + 7_200_000;
    const closed = fail(429, { headers: { 'retry-after': '7200' } });
    const open = step(() => say('Done.'));
    return Array.from(
      { length: 40 },
      (): Step => (request) => {
        const answer = clock.now() < opens ? closed : open;
        return typeof answer === 'function' ? answer(request) : answer;
      },
    );
  });
  const held = await live(clock, store, Promise.all(begin(20)));
  expect(held).toEqual(Array(20).fill(expect.objectContaining({ kind: 'held' })));
  const asked = server.requests.length;
  expect(asked).toBeLessThanOrEqual(4);
  const instants = held.map((end) => (end.kind === 'held' ? Date.parse(end.until) : 0));
  expect(Math.max(...instants) - Math.min(...instants)).toBeLessThan(5_000);
  clock.advance(Math.max(...instants) - clock.now());
  const before = underWay(store);
  const ends = await live(clock, store, Promise.all(begin(20, true)), 2_000, before);
  expect(ends).toEqual(Array(20).fill(expect.objectContaining({ kind: 'finished' })));
  expect(limits?.refused).toEqual([]);
  expect(limits?.allowed).toHaveLength(20);
  const inAnyMinute = limits?.allowed.map((at, i, all) => all.slice(i).filter((other) => other < at + minute).length);
  expect(Math.max(...(inAnyMinute ?? []))).toBeLessThanOrEqual(10);
}, 60_000);

test('what the account said is told with the state of the model, never with its key, and outlives the host', async () => {
  const home = scratch();
  const { clock, store, begin, models, weather, server } = await setUp((clock) => {
    const { step } = limiter(clock, 50);
    return [step(() => say('Done.'))];
  }, home);
  await Promise.all(begin(1));
  const { limits = [], account } = await models.status();
  expect(limits).toMatchObject([
    {
      ...{ account, address: server.url, model, closedUntil: null, waiting: 0 },
      rates: [{ kind: 'requests', limit: 50, remaining: 49, resetAt: '2026-11-21T03:01:00.000Z' }],
    },
  ]);
  expect(JSON.stringify(await models.status())).not.toContain('sk-test-key');
  weather.close();
  const fact = store.records.fact('rate_limits') ?? '';
  expect(fact).not.toContain('sk-test-key');
  const next = createWeather({ store, clock, log: silent }).over({
    ...models,
    status: async () => ({ ...(await models.status()) }),
  });
  expect((await next.status()).limits).toEqual(limits);
});
