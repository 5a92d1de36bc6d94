/**
 * What the host and the sandboxed hands say to each other: one JSON value a line over the child's stdin and stdout.
 * The host parses every line the child writes with these schemas: the child is not trusted.
 */
import { z } from 'zod';

export const handsTools = ['Bash', 'Read', 'Edit', 'Write', 'Glob', 'Grep'] as const;
export type HandsTool = (typeof handsTools)[number];

/** Host → child. */
export type HandsRequest =
  /** `follow`: what Bash prints is also sent as it comes, its two streams apart. */
  | { kind: 'call'; id: number; tool: HandsTool; input: Record<string, unknown>; follow?: boolean }
  | { kind: 'cancel'; id: number }
  /** Every call and every process of the sandbox ends, the hands themselves go on. */
  | { kind: 'end_all'; code: string };

const Text = z.string().max(4_000_000);

/** As models take it. */
export const HandsImage = z.object({
  mediaType: z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp']),
  base64: z.base64().max(1_400_000),
});
export type HandsImage = z.infer<typeof HandsImage>;

/** What came of a call. `text` goes to the model; the rest is for the record. */
export const HandsResult = z.object({
  ok: z.boolean(),
  /** Machine-readable why-not, e.g. `tool.not_found`, `tool.timeout`; null when it went well. */
  code: z.string().max(60).nullable(),
  text: Text,
  exitCode: z.int().nullable().optional(),
  /** The signal that ended the command, e.g. `SIGKILL`; absent or null when none did. */
  signal: z.string().max(20).nullable().optional(),
  milliseconds: z.int().min(0),
  /** What Read found to be an image. */
  image: HandsImage.optional(),
  /** Unified diff of what Edit or Write changed. */
  patch: Text.optional(),
  /** Of a call with `preview`: SHA-256 of the file as it is, null when there is none. */
  contentHash: z.string().max(64).nullable().optional(),
});
export type HandsResult = z.infer<typeof HandsResult>;

/** One thing tried from the inside. */
export const Probe = z.object({
  name: z.string().max(300),
  held: z.boolean(),
  /** What was done and seen, in words. */
  seen: z.string().max(500).optional(),
});
export type Probe = z.infer<typeof Probe>;

/** Child → host. */
export const HandsMessage = z.discriminatedUnion('kind', [
  /** Sent once, before anything else: the probes the child made from the inside, each with its verdict. */
  z.object({ kind: z.literal('ready'), probes: z.array(Probe) }),
  z.object({ kind: z.literal('result'), id: z.int().min(0), result: HandsResult }),
  z.object({ kind: z.literal('output'), id: z.int().min(0), stream: z.enum(['out', 'err']), base64: Text }),
]);
export type HandsMessage = z.infer<typeof HandsMessage>;

/** Characters of one tool result that reach the model; the middle is cut first. Same figure as for a check's output. */
export const resultLimit = 30_000;
