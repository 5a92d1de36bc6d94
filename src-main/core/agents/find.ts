/** Finds the kinds of subagents that a run on a commit can start, one for each name, and says which files do not count. */
import type { AgentFile, InstructionProblem } from '#contract/instructions.ts';
import type { MachineAgent, TreeEntry } from '#core/instructions/port.ts';
import type { Repositories, RepositoryPlace } from '#core/ports.ts';
import { builtIn } from './built-in.ts';
import { type Kind, readKind } from './kind.ts';
import { kindLine } from './words.ts';

/** One that can be started. */
export interface FoundKind extends AgentFile {
  kind: Kind;
}

export interface FoundKinds {
  /** By name. */
  kinds: FoundKind[];
  problems: InstructionProblem[];
}

/** What of it is for people and for the record. */
export function shownKind({ kind: _, ...file }: FoundKind): AgentFile {
  return file;
}

export interface KindSources {
  repositories: Pick<Repositories, 'read'>;
  repo: RepositoryPlace;
  /** Full hash. */
  commit: string;
  ofMachine: readonly MachineAgent[];
}

interface Candidate {
  layer: FoundKind['layer'];
  path: string;
  entry: TreeEntry;
}

const folder = '.claude/agents';
/** Folders of them below each other. */
const deepest = 5;
/** More of them would crowd the work out of the context. */
const mostKinds = 200;
/** Bytes of all descriptions together: what more there is, is listed by name alone. */
const longestList = 20_000;

/** Only git itself can make it throw. */
export async function findKinds(sources: KindSources): Promise<FoundKinds> {
  const problems: InstructionProblem[] = [];
  const refuse = (path: string, message: string, cure: string) => problems.push({ path, message, cure });
  const project = await ofRepository(sources, refuse);
  const layers = ['managed', 'project', 'person'];
  // The administrator's before the repository's before the person's, as the format's own documentation has it.
  const candidates = [...sources.ofMachine, ...project].sort(
    (a, b) => layers.indexOf(a.layer) - layers.indexOf(b.layer) || (a.path < b.path ? -1 : 1),
  );
  const found = new Map<string, FoundKind>();
  for (const { layer, path, entry } of candidates) {
    const read = entry.kind === 'file' ? readKind(entry.text) : { problem: why(entry) };
    if ('problem' in read) {
      refuse(path, read.problem, 'Mend it; until then it cannot be started.');
      continue;
    }
    const name = read.kind.name ?? fileName(path);
    const before = found.get(name);
    if (!/^[a-z0-9][a-z0-9-]{0,99}$/.test(name))
      refuse(path, `its name ${JSON.stringify(name)} cannot be used`, 'Use lower-case letters, digits and hyphens.');
    else if (before) refuse(path, `${before.path} has the same name and takes its place`, 'Give one another name.');
    else if (found.size === mostKinds) refuse(path, `there are more than ${mostKinds} of them`, 'Take some away.');
    else found.set(name, fileOf(name, read.kind, layer, path));
  }
  // A file may take the place of what is built in.
  for (const kind of builtIn)
    if (!found.has(kind.name)) found.set(kind.name, fileOf(kind.name, kind, 'built_in', null));
  const sorted = [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { kinds: withinList(sorted, refuse), problems };
}

type Refuse = (path: string, message: string, cure: string) => void;

function fileOf(name: string, kind: Kind, layer: FoundKind['layer'], path: string | null): FoundKind {
  const { description, tools, model, ignored } = kind;
  const listed = layer === 'built_in' ? 0 : Math.ceil(Buffer.byteLength(kindLine({ name, description })) / 4);
  const bodyTokens = Math.ceil(Buffer.byteLength(kind.body) / 4);
  return { name, layer, path, description, tools, model, ignored, tokens: listed, bodyTokens, kind };
}

async function ofRepository({ repositories, repo, commit }: KindSources, refuse: Refuse): Promise<Candidate[]> {
  const [top] = await repositories.read(repo, commit, [folder]);
  if (top?.kind === 'refused' || top?.kind === 'file')
    refuse(folder, top.kind === 'file' ? 'it is no folder' : top.why, 'Make it a folder of the repository.');
  const below = async (at: string, entry: TreeEntry | undefined, depth: number): Promise<Candidate[]> => {
    if (entry?.kind !== 'folder') return [];
    const wanted = entry.names.filter((each) => each.folder || each.name.endsWith('.md'));
    const paths = wanted.map(({ name }) => `${at}/${name}`);
    const inner = paths.length > 0 ? await repositories.read(repo, commit, paths) : [];
    const each = paths.map(async (path, index): Promise<Candidate[]> => {
      const one = inner[index] ?? { kind: 'missing' };
      if (one.kind === 'folder') return depth < deepest ? below(path, one, depth + 1) : [];
      return path.endsWith('.md') ? [{ layer: 'project', path, entry: one }] : [];
    });
    return (await Promise.all(each)).flat();
  };
  return await below(folder, top, 1);
}

function why(entry: TreeEntry): string {
  if (entry.kind === 'refused') return entry.why;
  return entry.kind === 'folder' ? 'it is a folder' : 'it cannot be read';
}

const fileName = (path: string) => path.replace(/^.*[/\\]/, '').replace(/\.md$/, '');

function withinList(kinds: FoundKind[], refuse: Refuse): FoundKind[] {
  let left = longestList;
  return kinds.map((each) => {
    if (each.path === null) return each;
    left -= Buffer.byteLength(each.description);
    if (left >= 0) return each;
    refuse(each.path, 'its description is left out: together they are too long', 'Shorten the descriptions.');
    return {
      ...each,
      description: '',
      tokens: Math.ceil(Buffer.byteLength(kindLine({ ...each, description: '' })) / 4),
    };
  });
}
