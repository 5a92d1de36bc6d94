/** Who may ask an account next: as many as it allows, in order, one first after a refusal, and all of it after a restart. */
import { describe, expect, test } from 'vitest';
import { createGate, type GateState } from '#core/weather/gate.ts';
import { manualClock } from '../fakes/manual-clock.ts';

const minute = 60_000;
const never = new AbortController().signal;

function setUp(from?: GateState) {
  const clock = manualClock('2026-11-21T03:00:00Z');
  const closed = (until: number) => new Error(`closed until ${new Date(until).toISOString()}`);
  const gate = createGate({ clock, longest: 10 * minute, closed, ...(from ? { from } : {}) });
  const places: { leave(): void }[] = [];
  /** Asks `count` times; how many have come in is `places.length`. */
  async function ask(count: number, tokens = 1) {
    for (let i = 0; i < count; i++) void gate.enter(tokens, never).then((place) => places.push(place));
    await settled();
  }
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  async function pass(ms: number) {
    clock.advance(ms);
    await settled();
  }
  const requests = (remaining: number, resetInMs = minute, limit = 5) => [
    { kind: 'requests' as const, limit, remaining, resetInMs },
  ];
  return { clock, gate, places, ask, pass, requests, settled };
}

describe('before the account has said anything', () => {
  test('a few go, and the rest when one has been answered without limits', async () => {
    const { gate, places, ask, settled } = setUp();
    await ask(9);
    expect(places).toHaveLength(4);
    gate.hear([], true);
    await settled();
    expect(places).toHaveLength(9);
  });
});

describe('what the account allows', () => {
  test('is not exceeded by requests that it has not counted yet, and is there again at its instant', async () => {
    const { gate, places, ask, pass, requests } = setUp();
    await ask(1);
    gate.hear(requests(4), true);
    await ask(9);
    expect(places).toHaveLength(5);
    await pass(minute - 1);
    expect(places).toHaveLength(5);
    await pass(1);
    // Those five are counted for the new period before anybody has heard of it.
    expect(places.length).toBeLessThanOrEqual(10);
  });

  test('is read from the newest answer when answers overtake each other', async () => {
    const { gate, places, ask, settled, requests } = setUp();
    await ask(4);
    gate.hear(requests(1), true);
    gate.hear(requests(4), true);
    gate.hear(requests(3), true);
    gate.hear(requests(2), true);
    await ask(5);
    await settled();
    expect(places).toHaveLength(5);
  });

  test('counts tokens of prompts, too; one that exceeds the whole limit goes when all of it is there', async () => {
    const { gate, places, ask, pass } = setUp();
    await ask(1);
    const tokens = { kind: 'input_tokens' as const, limit: 1000, remaining: 600, resetInMs: minute };
    gate.hear([tokens], true);
    await ask(1, 500);
    await ask(1, 5000);
    expect(places).toHaveLength(2);
    for (const place of places) place.leave();
    await pass(minute);
    expect(places).toHaveLength(3);
  });

  test('is waited for in order, and who leaves the queue does not hold it up', async () => {
    const { gate, ask, pass, requests, clock } = setUp();
    await ask(1);
    gate.hear(requests(0), true);
    const order: string[] = [];
    const abort = new AbortController();
    const first = gate.enter(1, abort.signal).catch((error: unknown) => order.push(String(error)));
    void gate.enter(1, never).then(() => order.push('second'));
    void gate.enter(1, never).then(() => order.push('third'));
    abort.abort('stop');
    await first;
    await pass(minute);
    expect(order).toEqual(['stop', 'second', 'third']);
    expect(clock.now()).toBe(Date.parse('2026-11-21T03:01:00Z'));
  });
});

describe('after a refusal', () => {
  test('one goes first, and the others follow spaced once it was answered', async () => {
    const { gate, places, ask, pass, settled, requests } = setUp();
    await ask(1);
    gate.refused([], 20_000, true);
    places.pop()?.leave();
    await ask(4);
    await pass(19_999);
    expect(places).toHaveLength(0);
    await pass(1);
    expect(places).toHaveLength(1);
    await pass(5 * minute);
    expect(places).toHaveLength(1);
    gate.hear(requests(10, minute, 12), true);
    await settled();
    expect(places).toHaveLength(2);
    await pass(4_999);
    expect(places).toHaveLength(2);
    await pass(1);
    expect(places).toHaveLength(3);
  });

  test('a first one that broke off is followed by another first one', async () => {
    const { gate, places, ask, pass, settled } = setUp();
    await ask(1);
    gate.refused([], 1_000, true);
    places.pop()?.leave();
    await ask(2);
    await pass(1_000);
    expect(places).toHaveLength(1);
    places.pop()?.leave();
    await settled();
    expect(places).toHaveLength(1);
  });

  test('without an instant the wait grows', async () => {
    const { gate, places, ask, pass } = setUp();
    const waits: number[] = [];
    for (let round = 0; round < 3; round++) {
      await ask(1);
      for (let ms = 0; places.length === 0; ms += 500) {
        waits[round] = ms + 500;
        await pass(500);
      }
      gate.refused([], null, true);
      places.pop()?.leave();
    }
    expect(waits.filter(Boolean)).toEqual([1000, 2000]);
  });

  test('for hours nobody waits here: who waits and who comes is told until when', async () => {
    const { gate, ask, settled } = setUp();
    await ask(1);
    gate.refused([], 1_000, true);
    const waits = gate.enter(1, never).catch(String);
    gate.refused([], 2 * 60 * minute, false);
    await settled();
    expect(await waits).toBe('Error: closed until 2026-11-21T05:00:00.000Z');
    await expect(gate.enter(1, never)).rejects.toThrow('closed until 2026-11-21T05:00:00.000Z');
  });
});

describe('what a server says is not believed for ever', () => {
  test('an hour after a refusal for years one request finds out, and opens the account for all', async () => {
    const { gate, places, ask, pass, settled, requests } = setUp();
    await ask(1);
    gate.refused([], 1e18, true);
    places.pop()?.leave();
    await expect(gate.enter(1, never)).rejects.toThrow('closed until 2027-');
    await pass(60 * minute - 1);
    await ask(3);
    expect(places).toHaveLength(0);
    await pass(1);
    expect(places).toHaveLength(1);
    gate.hear(requests(40, minute, 50), true);
    await settled();
    await pass(10_000);
    expect(places).toHaveLength(3);
    expect(gate.state().closedUntil).toBeLessThanOrEqual(Date.parse('2026-11-21T04:00:00Z'));
  });

  test('what is used up for hours is told to who comes and who waits, as a limit is', async () => {
    const { gate, ask, settled, requests } = setUp();
    await ask(4);
    const waits = gate.enter(1, never).catch(String);
    gate.hear(requests(0, 5 * 60 * minute), true);
    await settled();
    expect(await waits).toBe('Error: closed until 2026-11-21T08:00:00.000Z');
    await expect(gate.enter(1, never)).rejects.toThrow('closed until 2026-11-21T08:00:00.000Z');
  });

  test('a clock that is set back opens it', async () => {
    const { gate, places, ask, clock } = setUp();
    await ask(1);
    gate.refused([], 5 * minute, true);
    places.pop()?.leave();
    clock.jump('2026-11-20T03:00:00Z');
    await ask(1);
    expect(places).toHaveLength(1);
  });
});

test('the next host knows what the last one heard, and sends one first where that was refused', async () => {
  const first = setUp();
  await first.ask(1);
  first.gate.refused(first.requests(0), 30_000, true);
  const second = setUp(JSON.parse(JSON.stringify(first.gate.state())) as GateState);
  await second.ask(3);
  expect(second.places).toHaveLength(0);
  await second.pass(30_000);
  expect(second.places).toHaveLength(1);
});
