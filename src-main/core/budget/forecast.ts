/** What a routine will likely cost, from what its runs have cost: no more than quantiles and a sum, so that anyone can check it. */
import type { Forecast } from '#contract/costs.ts';

/** Below this many runs a quantile would be a guess. */
export const fewestRuns = 3;
export const days = 30;

/**
 * `costs`: of past runs, in any order; `due`: how often it comes in the 30 days; `dayCap`, `runCap`: what they may cost at
 * most. All in millionths of a dollar. The sum of `due` runs is taken as normally distributed, with the runs' own mean and
 * deviation. Null with fewer than three runs.
 */
export function forecast(costs: readonly number[], due: number, caps: { run: number; day: number }): Forecast | null {
  if (costs.length < fewestRuns) return null;
  const sorted = costs.toSorted((a, b) => a - b);
  const mean = sorted.reduce((sum, cost) => sum + cost, 0) / sorted.length;
  const variance = sorted.reduce((sum, cost) => sum + (cost - mean) ** 2, 0) / (sorted.length - 1);
  const capMonthMicros = Math.min(due * caps.run, days * caps.day);
  const month = (deviations: number) =>
    Math.round(Math.min(capMonthMicros, due * mean + deviations * Math.sqrt(due * variance)));
  return {
    ...{ runs: sorted.length, due, capMonthMicros },
    p50RunMicros: rank(sorted, 0.5),
    p90RunMicros: rank(sorted, 0.9),
    p50MonthMicros: month(0),
    // The 0.9 quantile of the standard normal distribution.
    p90MonthMicros: month(1.2816),
  };
}

/** Nearest rank: the smallest value that at least `part` of all are no larger than. */
function rank(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
}
