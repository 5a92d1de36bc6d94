/** A proposal: a reviewable change with its evidence. A person decides. */
import { z } from 'zod';
import { Claim, Mention } from './claims.ts';
import { Instant } from './instants.ts';
import { RunId } from './ledger.ts';
import { RoutineId } from './routines.ts';
import { CheckRound, Usage } from './runs.ts';

export const ProposalId = z.string().regex(/^prop-[0-9a-z]{8,24}$/);
export type ProposalId = z.infer<typeof ProposalId>;

/** `revising`: comments went back to the session, a new revision is on its way. `pruned`: rejected, branch deleted. */
export const ProposalState = z.enum(['open', 'revising', 'approved', 'rejected', 'pruned']);
export type ProposalState = z.infer<typeof ProposalState>;

export const FileChange = z.object({
  path: z.string(),
  /** Set for renames. */
  from: z.string().optional(),
  status: z.enum(['added', 'modified', 'deleted', 'renamed', 'typechange']),
  /** Lines; 0 for binary files. */
  additions: z.int().min(0),
  deletions: z.int().min(0),
  binary: z.boolean(),
  /** Why it would run on the person's machine by being there, outside the sandbox; null or absent: nothing is known that would. */
  runsHere: z.string().nullable().optional(),
});
export type FileChange = z.infer<typeof FileChange>;

export const Commit = z.object({ hash: z.string(), subject: z.string(), at: Instant });
export type Commit = z.infer<typeof Commit>;

export const Comment = z.object({
  text: z.string().trim().min(1, 'say what should be different').max(10_000, 'use at most 10,000 characters'),
  path: z.string().optional(),
  /** 1-based line in the new file. */
  line: z.int().positive().optional(),
});
export type Comment = z.infer<typeof Comment>;

export const Proposal = z.object({
  id: ProposalId,
  run: RunId,
  routine: RoutineId,
  state: ProposalState,
  /** 1 for the first; each round of comments adds one. */
  revision: z.int().min(1),
  title: z.string(),
  explanation: z.string(),
  rootCause: z.string().nullable(),
  /** What the agent says it did not do or did not verify; `null` when it did not say. */
  notDone: z.array(z.string()).nullable(),
  /** What it claims, each weighed against what is on record. Empty: it claimed nothing one by one. Absent: of an earlier version. */
  claims: z.array(Claim).optional(),
  /** Commands and files that explanation and root cause name, and that the run really had to do with. Absent: of an earlier version. */
  mentions: z.array(Mention).optional(),
  repository: z.string(),
  branch: z.string(),
  baseBranch: z.string(),
  base: z.string(),
  head: z.string(),
  commits: z.array(Commit),
  files: z.array(FileChange),
  before: CheckRound.nullable(),
  after: CheckRound.nullable(),
  usage: Usage,
  costMicros: z.int().min(0),
  model: z.string(),
  rehearsal: z.boolean(),
  /** Of a trial run: it shows what would come out, and never lands. Absent: of an ordinary run. */
  trial: z.boolean().optional(),
  comments: z.array(Comment),
  openedAt: Instant,
  decidedAt: Instant.nullable(),
  /** Where it landed, and as what. */
  into: z.string().nullable(),
  landedAs: z.string().nullable(),
  /** `cherry_picked`: as one new commit with the reviewed change alone, on a branch that lacks the commit it started from. */
  landedHow: z.enum(['fast_forward', 'merge_commit', 'cherry_picked', 'already_contained']).nullable(),
  /** When a rejected branch is deleted: 14 days after the rejection. */
  pruneAt: Instant.nullable(),
});
export type Proposal = z.infer<typeof Proposal>;
