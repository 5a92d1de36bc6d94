/** Turns what a session left in its worktree into a proposal, or into the honest statement that there is none. */
import type { Event } from '#contract/events.ts';
import type { FileChange, Proposal } from '#contract/proposals.ts';
import { type CheckRound, isTrial, type Run } from '#contract/runs.ts';
import type { Repositories, RepositoryPlace } from '#core/ports.ts';
import { Proposing } from '#core/tools/propose.ts';
import { mentionsIn, weighClaims } from './claims.ts';
import { doneCalls } from './done-calls.ts';
import { handOffs } from './hand-off.ts';
import { aliasesIn } from './links.ts';

/** The agent's own words, or what can be said without them. */
export function wordsOf(proposing: unknown, lastText: string): Proposing {
  const parsed = Proposing.safeParse(proposing);
  if (parsed.success) return parsed.data;
  const [first = '', ...more] = lastText.split('\n').filter((line) => line.trim() !== '');
  const title = first.replace(/^#+\s*/, '').slice(0, 200) || 'Changes without a description';
  return {
    title,
    explanation: more.join('\n') || lastText || 'The agent did not describe its changes.',
    not_done: [],
  };
}

/**
 * A file that is deleted runs nothing; one that was renamed counts by both its names, and each by every name that a link
 * in the tree gives it.
 */
function withHandOffs(files: FileChange[], aliases: (path: string) => string[]): FileChange[] {
  const left = files.filter(({ status }) => status !== 'deleted');
  const named = new Map(left.map((file) => [file, namesOf(file).flatMap((name) => [name, ...aliases(name)])]));
  const known = handOffs([...named.values()].flat());
  return files.map((file) => {
    const name = named.get(file)?.find((each) => known.has(each));
    if (name === undefined) return file;
    const why = known.get(name) as string;
    return { ...file, runsHere: namesOf(file).includes(name) ? why : `${why}, as ${name}, by a link` };
  });
}

/** Where the host itself knows of gaps, the agent's silence must not look like theirs were all. */
const unsaid = 'What else was not done or not verified, the agent did not say.';

const namesOf = ({ path, from }: FileChange): string[] => (from ? [path, from] : [path]);

export interface Material {
  run: Run;
  repo: RepositoryPlace;
  head: string;
  proposing: unknown;
  lastText: string;
  /** Said first among what was not done: the limit that ended the session early. */
  cutShort: string | null;
  /** Said next: what its goal and its rubric still want. */
  unmet: readonly string[];
  after: CheckRound | null;
  at: string;
  /** Of the run, oldest first: what its claims are weighed against. */
  events: readonly Event[];
}

/** The proposal's content; `previous` keeps its id, comments and opening time. */
export async function compose(
  repositories: Repositories,
  material: Material,
  id: string,
  previous: Proposal | undefined,
): Promise<Proposal> {
  const { run, repo, head } = material;
  const base = run.base ?? head;
  const words = wordsOf(material.proposing, material.lastText);
  const known = [...(material.cutShort ? [material.cutShort] : []), ...material.unmet];
  const silence = words.not_done.length === 0 && known.length > 0 ? [unsaid] : [];
  const notDone = [...known, ...words.not_done, ...silence];
  const calls = doneCalls(material.events);
  return {
    id,
    run: run.id,
    routine: run.routine,
    state: 'open',
    revision: (previous?.revision ?? 0) + 1,
    title: words.title,
    explanation: words.explanation,
    rootCause: words.root_cause || null,
    notDone: notDone.length > 0 ? notDone : null,
    claims: weighClaims(words.claims ?? [], calls),
    mentions: mentionsIn(`${words.explanation}\n${words.root_cause ?? ''}`, calls),
    repository: run.repository ?? repo.root,
    branch: run.branch ?? '',
    baseBranch: run.baseBranch ?? '',
    base,
    head,
    commits: await repositories.commits(repo, base, head),
    files: withHandOffs(
      await repositories.files(repo, base, head),
      aliasesIn(await repositories.links(repo, head), repo.root),
    ),
    before: run.before,
    after: material.after,
    usage: run.usage,
    costMicros: run.costMicros,
    model: run.model ?? '',
    rehearsal: run.rehearsal,
    ...(isTrial(run) ? { trial: true } : {}),
    comments: previous?.comments ?? [],
    openedAt: previous?.openedAt ?? material.at,
    decidedAt: null,
    into: null,
    landedAs: null,
    landedHow: null,
    pruneAt: null,
  };
}
