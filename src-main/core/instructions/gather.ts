/** Finds the instruction files that count for work on a commit, follows their imports, and says which do not count. */
import { posix } from 'node:path';
import type { InstructionFile, InstructionLayer, InstructionProblem } from '#contract/instructions.ts';
import type { Repositories, RepositoryPlace } from '#core/ports.ts';
import { readDocument } from './document.ts';
import type { InstructionFiles, TreeEntry } from './port.ts';

export interface Piece extends InstructionFile {
  body: string;
}

/** A rule that counts once a file is touched that one of its globs matches. */
export interface Waiting {
  path: string;
  globs: string[];
}

export interface Gathered {
  pieces: Piece[];
  waiting: Waiting[];
  problems: InstructionProblem[];
}

export interface Sources {
  repositories: Pick<Repositories, 'read'>;
  machine: InstructionFiles;
  repo: RepositoryPlace;
  /** Full hash: what is read is what the run begins with, whatever is written meanwhile. */
  commit: string;
}

const { dirname, isAbsolute, join } = posix;

/** Hops of imports, as the format's own documentation has it. */
const hops = 4;
/** Bytes of all files of a gathering together; more would crowd the work out of the context. */
const mostBytes = 1_000_000;
const rulesFolder = '.claude/rules';

/** What counts from the beginning. Files that cannot be read become problems; only git itself can make it throw. */
export async function gatherAtStart(sources: Sources): Promise<Gathered> {
  const [found, ofMachine] = await Promise.all([
    sources.repositories.read(sources.repo, sources.commit, [...namesIn(''), rulesFolder]),
    sources.machine.list(sources.repo.root),
  ]);
  const gathering = createGathering(sources);
  for (const { layer, path, text, problem } of ofMachine)
    if (layer !== 'local')
      await gathering.add(layer, path, problem === null ? { kind: 'file', text } : refused(problem));
  for (const [index, path] of namesIn('').entries()) await gathering.add('project', path, found[index]);
  await gathering.addRules(found.at(-1), rulesFolder);
  for (const { layer, path, text, problem } of ofMachine)
    if (layer === 'local')
      await gathering.add(layer, path, problem === null ? { kind: 'file', text } : refused(problem));
  return gathering.gathered;
}

/** What counts below a folder of the repository, beside what counts everywhere, and rules that are waited for no more. */
export async function gatherNearby(
  sources: Sources,
  folders: readonly string[],
  rules: readonly string[],
): Promise<Gathered> {
  const paths = [...folders.flatMap(namesIn), ...rules];
  const found = await sources.repositories.read(sources.repo, sources.commit, paths);
  const gathering = createGathering(sources);
  for (const [index, path] of paths.entries()) await gathering.add('project', path, found[index], { now: true });
  return gathering.gathered;
}

/** AGENTS.md comes first, so that CLAUDE.md of the same folder holds where they differ. */
function namesIn(folder: string): string[] {
  return ['AGENTS.md', 'CLAUDE.md', '.claude/CLAUDE.md'].map((name) => (folder ? `${folder}/${name}` : name));
}

const refused = (why: string): TreeEntry => ({ kind: 'refused', why });

interface How {
  /** Its `paths` have matched already. */
  now?: boolean;
  importedBy?: string;
  /** Hops of imports that led to it. */
  depth?: number;
}

function createGathering({ repositories, machine, repo, commit }: Sources) {
  const gathered: Gathered = { pieces: [], waiting: [], problems: [] };
  const seen = new Set<string>();
  let total = 0;

  const refuse = (path: string, message: string, cure: string) => {
    gathered.problems.push({ path, message, cure });
  };

  async function add(
    layer: InstructionLayer,
    path: string,
    entry: TreeEntry | undefined,
    how: How = {},
  ): Promise<void> {
    if (!entry || entry.kind === 'missing' || seen.has(path)) return;
    seen.add(path);
    if (entry.kind !== 'file')
      return refuse(path, entry.kind === 'folder' ? 'it is a folder' : entry.why, 'Put a text file there.');
    const { body, paths, imports, problem } = readDocument(entry.text);
    if (problem)
      refuse(path, `${problem}, so it counts everywhere`, 'Mend the lines between the two `---` at its top.');
    if (paths && !how.now) {
      gathered.waiting.push({ path, globs: paths });
      return;
    }
    const bytes = Buffer.byteLength(body);
    if (total + bytes > mostBytes)
      return refuse(path, 'with it the instructions come to more than 1 MB', 'Shorten the files.');
    total += bytes;
    const importedBy = how.importedBy ?? null;
    if (bytes > 0) gathered.pieces.push({ layer, path, importedBy, bytes, tokens: Math.ceil(bytes / 4), body });
    await addImports(layer, path, imports, how.depth ?? 0);
  }

  async function addRules(entry: TreeEntry | undefined, folder: string): Promise<void> {
    if (entry?.kind === 'refused') return refuse(folder, entry.why, 'Make it a folder of the repository.');
    if (entry?.kind !== 'folder') return;
    const wanted = entry.names.filter(({ name, folder: inner }) => inner || name.endsWith('.md'));
    const paths = wanted.map(({ name }) => `${folder}/${name}`);
    const found = paths.length > 0 ? await repositories.read(repo, commit, paths) : [];
    for (const [index, path] of paths.entries()) {
      const each = found[index];
      if (each?.kind === 'folder') await addRules(each, path);
      else await add('project', path, each);
    }
  }

  /** The repository's own files import from the repository alone; those of a person also from their machine. */
  async function addImports(layer: InstructionLayer, path: string, imports: string[], depth: number): Promise<void> {
    if (imports.length === 0) return;
    if (depth >= hops)
      return refuse(path, `its imports are more than ${hops} hops away`, 'Import them nearer to the top.');
    for (const name of imports) {
      const place = placeOf(layer, path, name);
      if (place.kind === 'outside') {
        const cure = 'Copy it into the repository, or import it in ~/.claude/CLAUDE.md.';
        refuse(path, `@${name} is outside of the repository and is not read`, cure);
        continue;
      }
      const [entry] =
        place.kind === 'tree' ? await repositories.read(repo, commit, [place.path]) : [await machine.read(place.path)];
      if (entry && entry.kind !== 'missing')
        await add(layer, place.path, entry, { now: true, importedBy: path, depth: depth + 1 });
      // An @ may be anything; only what looks like a document is missed.
      else if (/\.(?:md|txt)$/.test(place.path))
        refuse(path, `there is no ${place.path}`, 'Add the file, or take the @ away.');
    }
  }

  return { gathered, add, addRules };
}

type Place = { kind: 'tree' | 'machine'; path: string } | { kind: 'outside' };

function placeOf(layer: InstructionLayer, from: string, name: string): Place {
  if (name.startsWith('~') || isAbsolute(name))
    return layer === 'project' ? { kind: 'outside' } : { kind: 'machine', path: name };
  const path = join(dirname(from), name);
  if (isAbsolute(from)) return { kind: 'machine', path };
  return path === '..' || path.startsWith('../') ? { kind: 'outside' } : { kind: 'tree', path };
}
