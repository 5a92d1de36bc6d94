/** The host looks at the clock often enough, at once after a sleep, and whatever goes wrong in between. */
import { expect, test } from 'vitest';
import { startTicking } from '#core/ledger/tick.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { silent } from '../fakes/places.ts';

function ticking(beat: () => boolean = () => false, look: () => void = () => {}) {
  const clock = manualClock('2026-11-20T22:00:00.000Z');
  const looks: number[] = [];
  const begin = clock.now();
  const stop = startTicking({
    ...{ clock, log: silent, beat },
    look() {
      looks.push((clock.now() - begin) / 1000);
      look();
    },
  });
  return { clock, looks, stop };
}

test('every half minute, and no more once it was stopped', () => {
  const { clock, looks, stop } = ticking();
  clock.advance(100_000);
  expect(looks).toEqual([10, 40, 70, 100]);
  stop();
  clock.advance(100_000);
  expect(looks).toHaveLength(4);
});

test('at once when time jumped', () => {
  let jumped = false;
  const { clock, looks } = ticking(() => jumped);
  clock.advance(40_000);
  jumped = true;
  clock.advance(10_000);
  jumped = false;
  expect(looks).toEqual([10, 40, 50]);
  clock.advance(30_000);
  expect(looks).toEqual([10, 40, 50, 80]);
});

test('a beat or a look that throws does not end it', () => {
  let n = 0;
  const { clock, looks } = ticking(
    () => {
      if (n++ % 2 === 0) throw new Error('full');
      return false;
    },
    () => {
      throw new Error('full, too');
    },
  );
  clock.advance(200_000);
  expect(looks.length).toBeGreaterThan(3);
});
