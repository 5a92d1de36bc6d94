/** What a person may decide about a proposal: approve, reject, ask for changes; and the clearing up afterwards. */
import { join } from 'node:path';
import { Fault } from '#contract/faults.ts';
import type { Comment, Proposal } from '#contract/proposals.ts';
import type { Audit, Clock, Log, Repositories } from '#core/ports.ts';
import { createLoops } from '#core/session/loops.ts';
import { openLoops } from '#core/session/open-loops.ts';
import type { Store } from '#core/store/event-log.ts';
import { auditTrailer } from './trailer.ts';

/** A rejected branch is kept this long, in case the person thinks again. */
export const keepRejectedMs = 14 * 24 * 60 * 60 * 1000;

export interface Proposals {
  /** Throws `not_found`. */
  get(id: string): Proposal;
  patch(id: string): Promise<string>;
  /** `withFilesThatRun`: the person has looked at the files that would run outside the sandbox. */
  approve(id: string, into: string | undefined, withFilesThatRun: boolean): Promise<Proposal>;
  reject(id: string, reason: string | undefined): Promise<Proposal>;
  /** Queues the same session again with the comments; the caller starts it. */
  revise(id: string, comments: Comment[]): Promise<Proposal>;
  /** Deletes branches of proposals rejected long enough ago, and the worktrees of decided ones. Never throws. */
  cleanUp(): Promise<void>;
}

interface Parts {
  store: Store;
  repositories: Repositories;
  clock: Clock;
  log: Log;
  worktrees: string;
  audit?: Audit;
}

export function createProposals({ store, repositories, clock, log, worktrees, audit }: Parts): Proposals {
  const oneAtATime = serial();

  function get(id: string): Proposal {
    const proposal = store.read.proposal(id);
    if (proposal) return proposal;
    const cure = 'See `nightshift proposals list`.';
    throw new Fault('not_found', `There is no proposal "${id}".`, { field: 'proposal', cure });
  }

  function open(id: string): Proposal {
    const proposal = get(id);
    if (proposal.state === 'open') return proposal;
    const because = {
      revising: 'is being revised; wait for the new revision',
      approved: `was approved into ${proposal.into}`,
      rejected: 'was rejected',
      pruned: 'was rejected and its branch is gone',
    }[proposal.state];
    throw new Fault('conflict', `The proposal ${id} ${because}.`, { field: 'proposal' });
  }

  return {
    get,
    async patch(id) {
      const proposal = get(id);
      if (proposal.state === 'pruned')
        throw new Fault(
          'conflict',
          `The branch of ${id} was deleted after its rejection, so there is no diff to show.`,
        );
      return repositories.patch(await repositories.locate(proposal.repository), proposal.base, proposal.head);
    },
    approve: (id, wanted, withFilesThatRun) =>
      oneAtATime(async () => {
        const proposal = open(id);
        if (proposal.trial)
          throw new Fault('conflict', `The proposal ${id} comes from a trial run, of which nothing lands.`, {
            field: 'proposal',
            cure: `Reject it; \`nightshift routines run ${proposal.routine}\` starts a run whose proposal can land.`,
          });
        if (!withFilesThatRun) refuseFilesThatRun(proposal);
        const into = wanted ?? proposal.baseBranch;
        const repo = await repositories.locate(proposal.repository);
        // What was reviewed is what lands: this exact commit, wherever the branch may point by now.
        // Only a commit that landing makes can carry the trailer; in a fast-forward the run's own commit does.
        const words = [`Merge "${proposal.title}"`, `Proposal ${id}, reviewed and approved by a person.`];
        const message = [...words, ...(await auditTrailer(audit, proposal.run))].join('\n\n');
        const landing = await repositories.land(repo, { base: proposal.base, head: proposal.head, into, message });
        store.commit((writer) => {
          writer.append({ type: 'proposal.approved', run: proposal.run, proposal: id, into, ...landing });
          writer.outbox.add('cleanup', id);
        });
        return get(id);
      }),
    reject: (id, reason) =>
      oneAtATime(async () => {
        const { run } = open(id);
        const pruneAt = new Date(clock.now() + keepRejectedMs).toISOString();
        store.commit((writer) => {
          writer.append({ type: 'proposal.rejected', run, proposal: id, reason: reason ?? null, pruneAt });
          writer.outbox.add('cleanup', id);
        });
        return get(id);
      }),
    revise: (id, comments) =>
      oneAtATime(async () => {
        const proposal = open(id);
        const { run } = proposal;
        requireHere(store, run);
        const { told, loops } = opened(run, comments);
        store.commit((writer) => {
          writer.append({ type: 'proposal.revision_requested', run, proposal: id, comments });
          for (const loop of loops) writer.append(loop);
          writer.append({ type: 'message.added', run, text: asMessage(proposal, told), from: 'person' });
          writer.append({ type: 'run.resumed', run, why: 'revision' });
          writer.outbox.add('run', run);
        });
        return get(id);
      }),
    cleanUp: () =>
      oneAtATime(async () => {
        for (const proposal of store.read.prunable(new Date(clock.now()).toISOString())) await prune(proposal);
        for (const id of store.outbox.pending('cleanup')) await removeWorktree(id);
      }),
  };

  /** Comments that ask for a loop set it up; the others are told as they are. */
  function opened(run: string, comments: Comment[]) {
    const { loops: had, apply } = createLoops();
    for (const event of store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER })) apply(event);
    const timeZone = store.records.spec(run)?.timeZone ?? 'UTC';
    const { texts, loops } = openLoops(
      comments.map(({ text }) => text),
      { run, created: had.created, timeZone, now: clock.now() },
    );
    return { told: comments.map((comment, at) => ({ ...comment, text: texts[at] ?? comment.text })), loops };
  }

  /** What cannot be done now, because the repository is away for example, is tried again the next time. */
  async function prune(proposal: Proposal): Promise<void> {
    const { id, run, branch, head, repository } = proposal;
    try {
      const repo = await repositories.locate(repository);
      await repositories.removeWorktree(repo, join(worktrees, run));
      if (!(await repositories.deleteBranch(repo, branch, head)))
        log.info('a rejected branch was left to the person: it has moved on or is checked out', { run, branch });
      store.commit((writer) => writer.append({ type: 'proposal.pruned', run, proposal: id }));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      log.error('pruning a rejected proposal', error, { run, proposal: id });
    }
  }

  async function removeWorktree(id: string): Promise<void> {
    const proposal = store.read.proposal(id);
    try {
      if (proposal) {
        const repo = await repositories.locate(proposal.repository);
        await repositories.removeWorktree(repo, join(worktrees, proposal.run));
      }
      store.commit((writer) => writer.outbox.done('cleanup', id));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      log.error('removing the worktree of a decided proposal', error, { run: proposal?.run, proposal: id });
    }
  }
}

/** A session that was handed over goes on elsewhere, and nowhere else. */
function requireHere(store: Store, run: string): void {
  if (!store.read.run(run)?.handedOver) return;
  throw new Fault('conflict', `The session of ${run} was handed over and goes on elsewhere.`, {
    field: 'proposal',
    cure: 'Ask for changes there; what it proposed here can still be approved or rejected.',
  });
}

function refuseFilesThatRun({ id, files }: Proposal): void {
  const quarantined = files.filter(({ runsHere }) => runsHere);
  if (quarantined.length === 0) return;
  const names = quarantined.slice(0, 5).map(({ path, runsHere }) => `${path} (${runsHere})`);
  const more = quarantined.length > 5 ? ` and ${quarantined.length - 5} more` : '';
  throw new Fault(
    'conflict',
    `Files of ${id} would run on this machine, outside the sandbox: ${names.join(', ')}${more}.`,
    {
      field: 'withFilesThatRun',
      cure: `Look at them, then approve with them: \`nightshift proposals approve ${id} --with-files-that-run\`.`,
    },
  );
}

function asMessage(proposal: Proposal, comments: Comment[]): string {
  const lines = comments.map(({ path, line, text }) => {
    const place = path ? `${path}${line ? `:${line}` : ''}: ` : '';
    return `- ${place}${text}`;
  });
  return [
    `A person reviewed revision ${proposal.revision} of your proposal and asks for changes:`,
    lines.join('\n'),
    'Your earlier changes are committed and still in your worktree. Make the changes asked for, then call Propose again for the whole of it.',
  ].join('\n\n');
}

/** Decisions about proposals wait for one another: two approvals at once land once. */
function serial(): <T>(work: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = tail.then(work);
    tail = result.catch(() => undefined);
    return result;
  };
}
