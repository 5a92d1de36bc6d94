/** What an agent says of its work in a proposal, and what on record of its run stands behind each sentence. */
import { z } from 'zod';

/** A tool call as evidence, in short; the transcript has the whole of it. */
export const ShownCall = z.object({
  /** Id of the call. */
  call: z.string(),
  tool: z.string(),
  /** What it was aimed at: the command, the path, the pattern; at most 300 characters. */
  target: z.string(),
  ok: z.boolean(),
  /** Null: no command, or it did not end by itself. */
  exitCode: z.int().nullable(),
  /** The end of what it brought back, at most 300 characters. */
  excerpt: z.string(),
  /** Files were changed after it, so it may not hold of the result. */
  changedSince: z.boolean(),
  /** Who said that it belongs here: the agent, or the host by the words of the sentence. */
  by: z.enum(['agent', 'host']),
});
export type ShownCall = z.infer<typeof ShownCall>;

export const Claim = z.object({
  text: z.string(),
  /**
   * `backed`: every call that it rests on is on record and went well. `not_backed`: one is not, or failed and did not go
   * well later. `said_only`: it rests on none.
   */
  standing: z.enum(['backed', 'not_backed', 'said_only']),
  calls: z.array(ShownCall),
  /** What the agent named as evidence and nothing on record answers to. */
  missing: z.array(z.string()),
});
export type Claim = z.infer<typeof Claim>;

/** Words of the description that name a call. */
export const Mention = z.object({ words: z.string(), call: ShownCall });
export type Mention = z.infer<typeof Mention>;

export const claimWords: Record<Claim['standing'], string> = {
  backed: 'Backed',
  not_backed: 'Not backed',
  said_only: 'Said only',
};
