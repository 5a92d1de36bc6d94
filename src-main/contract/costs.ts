/** What was paid, day by day, for which routine and for what; and what a routine will likely cost. */
import { z } from 'zod';
import { Instant } from './instants.ts';
import { RoutineId } from './routines.ts';

/** From a routine's own past runs. All amounts in millionths of a US dollar. */
export const Forecast = z.object({
  /** Runs it rests on: the last ones that asked a model, at most 50. */
  runs: z.int().min(3),
  /** Half of the runs cost no more than this; nine of ten no more than that. Nearest rank. */
  p50RunMicros: z.int().min(0),
  p90RunMicros: z.int().min(0),
  /** Due instants of the coming 30 days; 0 for one that only a person starts. */
  due: z.int().min(0),
  /** For these 30 days together, never above what the caps let through. */
  p50MonthMicros: z.int().min(0),
  p90MonthMicros: z.int().min(0),
  /** The caps let no more through in 30 days. */
  capMonthMicros: z.int().min(0),
});
export type Forecast = z.infer<typeof Forecast>;

export const Share = z.object({ routine: RoutineId, micros: z.int().min(0) });

export const Costs = z.object({
  timeZone: z.string(),
  /** Oldest first, without gaps; the last one is today. `from`: its midnight. Shares: the dearest first. */
  days: z.array(z.object({ from: Instant, micros: z.int().min(0), routines: z.array(Share) })),
  /** What it was paid for: `session`, `classifier`, …; the dearest first. */
  purposes: z.array(z.object({ purpose: z.string(), micros: z.int().min(0) })),
  /** All routines that there are, and those that are gone and were paid for; the dearest first. */
  routines: z.array(
    Share.extend({
      /** Runs that something was paid for. */
      runs: z.int().min(0),
      /** Null: fewer than three runs asked a model, or the routine is gone or broken. */
      forecast: Forecast.nullable(),
    }),
  ),
});
export type Costs = z.infer<typeof Costs>;
