/** What one run cost, request by request, and the same added up in each way that a person asks for. */
import { z } from 'zod';
import { Instant } from './instants.ts';
import { RunId } from './ledger.ts';
import { Pass, Usage } from './runs.ts';

/** Millionths of a US dollar. */
const micros = z.int().min(0);

export const RequestCost = z.object({
  /** Sequence number of the event that says so. */
  seq: z.int().min(1),
  at: Instant,
  /** The latest turn of the run's own agent by then; 0 before the first. */
  turn: z.int().min(0),
  /** `conversation`, `compaction`, `judge`, `grader`, `classifier`, `probe`, … */
  purpose: z.string(),
  /** Null: the run's own. */
  agent: z.string().nullable(),
  model: z.string(),
  /** Of an answer that took several, each with its model; their sum is `micros`. */
  passes: z.array(Pass).optional(),
  usage: Usage,
  micros,
  /** Nobody knows what it came to, so it counts at its most. */
  presumed: z.boolean(),
});
export type RequestCost = z.infer<typeof RequestCost>;

export const RunCosts = z.object({
  run: RunId,
  /** The sum of all requests, to the last millionth and token what the run itself says. */
  micros,
  usage: Usage,
  /** Oldest first. */
  requests: z.array(RequestCost),
  turns: z.array(z.object({ turn: z.int().min(0), micros })),
  /** The dearest first, both. */
  purposes: z.array(z.object({ purpose: z.string(), micros })),
  agents: z.array(z.object({ agent: z.string().nullable(), micros })),
});
export type RunCosts = z.infer<typeof RunCosts>;
