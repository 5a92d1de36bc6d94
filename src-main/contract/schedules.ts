/** When something is due, as a neutral value: what a person wrote, read once, the same on every operating system. */
import { z } from 'zod';
import { Instant } from './instants.ts';

/** A clock time of a local day. */
export const ClockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write hours and minutes, e.g. 07:30');
/** A local calendar day. */
export const LocalDate = z.iso.date();

export const Schedule = z.discriminatedUnion('kind', [
  /** Never by itself. */
  z.object({ kind: z.literal('manual') }),
  /**
   * Five fields: names, lists, ranges, steps, `L`, `L-n`, `nW`, `LW`, `d#n`, `dL`. Two restricted day fields: either.
   * A time that a change of clocks skips comes at the first instant after the gap; one that comes twice is due once;
   * with a wildcard or step in minute or hour, real time counts.
   */
  z.object({ kind: z.literal('cron'), expression: z.string() }),
  /** anchor + k × every, in real time: changes of clocks mean nothing to it. At least one minute. */
  z.object({ kind: z.literal('interval'), everyMs: z.int().min(60_000), anchor: Instant }),
  /** Every n days, weeks or months at a clock time, counted from the anchor day. A month without that day: its last day. */
  z.object({
    kind: z.literal('calendar'),
    every: z.int().min(1).max(1000),
    unit: z.enum(['day', 'week', 'month']),
    at: ClockTime,
    anchor: LocalDate,
  }),
  z.object({ kind: z.literal('once'), at: Instant }),
]);
export type Schedule = z.infer<typeof Schedule>;

/** A due instant with the routine's local time then, e.g. `2026-11-20T03:00:00+01:00`. */
export const DueTime = z.object({ at: Instant, local: z.string() });
export type DueTime = z.infer<typeof DueTime>;

/** How an operating system's scheduler can say a schedule: the same instants, or those and others. */
export const Exactness = z.enum(['exact', 'superset']);
export type Exactness = z.infer<typeof Exactness>;
