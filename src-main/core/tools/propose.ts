/** How the agent says what it proposes and, just as much, what it did not do. Ends the session's work. */
import { z } from 'zod';
import { defineTool } from './tool.ts';

export const Proposing = z.object({
  title: z.string().trim().min(1).max(200).describe('One line, imperative, as a commit subject'),
  explanation: z
    .string()
    .trim()
    .min(1)
    .max(20_000)
    .describe('What changed and why, in Markdown, for a reviewer who slept'),
  root_cause: z
    .string()
    .trim()
    .max(10_000)
    .optional()
    .describe('Where a fault was fixed: what caused it, with evidence'),
  claims: z
    .array(
      z.object({
        text: z.string().trim().min(1).max(2000).describe('One sentence that a reviewer could doubt'),
        calls: z
          .array(z.string().trim().min(1).max(4000))
          .max(20)
          .optional()
          .describe('What shows it: commands as you ran them, paths that you read or changed, or ids of tool calls'),
      }),
    )
    .max(50)
    .optional()
    // Claims in a wrong form are no reason to lose a proposal.
    .catch(undefined)
    .describe('What you claim, each with the tool calls that show it; they are looked up in the record of this run'),
  /** Left out is empty: the session asks for it, once. */
  not_done: z
    .preprocess((said) => said ?? [], z.array(z.string().trim().min(1).max(2000)).max(50))
    .describe('What you did not do, and what you did not verify; required, one item each'),
});
export type Proposing = z.infer<typeof Proposing>;

export const propose = defineTool({
  name: 'Propose',
  description:
    'Ends your work: hands the changes in your worktree over for review. Call it once, last, also when nothing needed to ' +
    'change (then the explanation says why). The checks are run again by Nightshift afterwards, on a clean checkout.',
  class: 'report',
  schema: Proposing,
  async execute({ title }) {
    const text = 'Recorded. Nightshift commits the changes, runs the checks and opens the proposal; a person decides.';
    return { ok: true, code: null, text, view: { kind: 'text', text: title } };
  },
});
