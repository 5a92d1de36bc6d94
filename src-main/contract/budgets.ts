/** What may be spent in a day, and what was. */
import { z } from 'zod';
import { RoutineId } from './routines.ts';

const someDollars = 'use a number from 0.01 to 10000';
export const DollarsPerDay = z.number(someDollars).min(0.01, someDollars).max(10_000, someDollars);

/** Millionths of a US dollar, since midnight in the zone of the host's machine. */
export const DayAccount = z.object({
  /** Until a person changes it; without what was added for today. */
  capMicros: z.int().min(0),
  addedMicros: z.int().min(0),
  spentMicros: z.int().min(0),
  /** Held back for calls that are under way, each at its worst. */
  reservedMicros: z.int().min(0),
});
export type DayAccount = z.infer<typeof DayAccount>;

export const Budgets = z.object({
  timeZone: z.string(),
  all: DayAccount,
  /** Routines that can be read, in the order of their names. */
  routines: z.array(DayAccount.extend({ routine: RoutineId, runCapMicros: z.int().min(0) })),
  /** Caps that another one makes void, in words. Absent: none. */
  warnings: z.array(z.string()).optional(),
});
export type Budgets = z.infer<typeof Budgets>;
