/** Chance that can be had again: the same seed gives the same numbers. */

/** From the environment (`NIGHTSHIFT_SEED`), else another one each time. From 1 to 2^31 - 2. */
export function anySeed(): number {
  const asked = Number(process.env.NIGHTSHIFT_SEED);
  return Number.isSafeInteger(asked) && asked > 0 ? asked % 2_147_483_647 || 1 : 1 + (Date.now() % 2_147_483_645);
}

/** Whole numbers from 0 to below `below` (minimal standard generator). */
export function chance(seed: number): (below: number) => number {
  let state = seed;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state;
  };
  // Neighbouring seeds begin alike.
  for (let i = 0; i < 5; i++) next();
  return (below) => next() % below;
}
