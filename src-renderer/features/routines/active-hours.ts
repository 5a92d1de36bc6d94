/** Whether a routine may start at a clock time of its own zone. */
import type { Policies } from '#contract/policies.ts';

/** @param hour `07:30`; hours of which `from` is after `to` span midnight, null are all hours */
export function inHours(hour: string, hours: Policies['activeHours']): boolean {
  if (!hours) return true;
  const { from, to } = hours;
  return from <= to ? hour >= from && hour < to : hour >= from || hour < to;
}
