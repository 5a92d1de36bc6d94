/** A run as spans of time, and where they are sent if anywhere. Names and attributes follow OpenTelemetry's conventions for generative AI; no content is ever among them. */
import { z } from 'zod';
import { Instant } from './instants.ts';
import { RunId } from './ledger.ts';

export const Span = z.object({
  name: z.string(),
  start: Instant,
  /** Of one that never ended by itself, the last that is known of its run. */
  end: Instant,
  /** Place of the span around it in the list; null: it is the whole run. Always smaller than its own. */
  parent: z.int().min(0).nullable(),
  /** What went wrong, as a code; null when nothing did. */
  error: z.string().nullable(),
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
});
export type Span = z.infer<typeof Span>;

/** The whole run first, then the rest by their beginnings. */
export const Trace = z.object({ run: RunId, spans: z.array(Span).min(1) });
export type Trace = z.infer<typeof Trace>;

/** An OTLP collector's base address, such as `http://localhost:4318`. */
export const TelemetryEndpoint = z.url({
  protocol: /^https?$/,
  error: 'give an address such as http://localhost:4318',
});

export const Telemetry = z.object({
  /** Null: nothing is sent to anyone. */
  endpoint: z.string().nullable(),
  /** Ended runs that were not sent yet. */
  waiting: z.int().min(0),
  /** What came of the last attempt; null before one. */
  last: z.object({ at: Instant, ok: z.boolean(), message: z.string() }).nullable(),
});
export type Telemetry = z.infer<typeof Telemetry>;
