/** Finds the skills and commands that count for work on a commit, one for each name, and says which do not count. */
import type { InstructionProblem, SkillFile } from '#contract/instructions.ts';
import type { MachineSkill, SandboxFile, TreeEntry } from '#core/instructions/port.ts';
import type { Repositories, RepositoryPlace } from '#core/ports.ts';
import { readSkill, type SkillDocument } from './document.ts';
import { skillLine } from './words.ts';

export interface Skill extends SkillFile {
  document: SkillDocument;
  /** What lies beside it on this machine; null: nothing that can be shown, and `why` where there would be something. */
  files: SandboxFile[] | null;
  why: string | null;
}

export interface FoundSkills {
  /** By name. */
  skills: Skill[];
  problems: InstructionProblem[];
}

/** What of it is for people and for the record. */
export function shown({ document: _, files: __, why: ___, ...file }: Skill): SkillFile {
  return file;
}

export interface SkillSources {
  repositories: Pick<Repositories, 'read'>;
  repo: RepositoryPlace;
  /** Full hash. */
  commit: string;
}

interface Sources extends SkillSources {
  ofMachine: readonly MachineSkill[];
}

/** A file that may be a skill, wherever it lies. */
type Candidate = Pick<Skill, 'kind' | 'name' | 'path' | 'layer' | 'files' | 'why'> & { entry: TreeEntry };

export const skillsFolder = '.claude/skills';
const commandsFolder = '.claude/commands';
/** Folders of commands below each other. */
const deepest = 5;
/** Bytes of all descriptions together: what more there is, is listed by name alone. */
const longestList = 40_000;
/** Bytes of one text: it stays in the context once it is called. */
const longestBody = 200_000;
/** More of them would crowd the work out of the context. */
const mostSkills = 500;

/** Only git itself can make it throw. */
export async function findSkills(sources: Sources): Promise<FoundSkills> {
  const problems: InstructionProblem[] = [];
  const refuse = (path: string, message: string, cure: string) => problems.push({ path, message, cure });
  const { ofMachine } = sources;
  const project = await ofRepository(sources, refuse);
  const layers = ['managed', 'person', 'project'];
  // A skill before a command; the administrator's before the person's before the repository's.
  const candidates = [...ofMachine, ...project].sort(
    (a, b) =>
      (a.kind === b.kind ? 0 : a.kind === 'skill' ? -1 : 1) || layers.indexOf(a.layer) - layers.indexOf(b.layer),
  );
  const skills = new Map<string, Skill>();
  for (const candidate of candidates) {
    const { name, path } = candidate;
    const known = skills.get(name);
    const read = readCandidate(candidate);
    if ('problem' in read) refuse(path, read.problem, read.cure);
    else if (known)
      refuse(path, `${known.path} has the same name and takes its place`, 'Give one of the two another name.');
    else if (skills.size === mostSkills) refuse(path, `there are more than ${mostSkills} skills`, 'Take some away.');
    else skills.set(name, read);
  }
  const sorted = [...skills.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { path, files, why } of sorted)
    if (files === null && why)
      refuse(path, `its other files are not shown to runs: ${why}`, 'Take out what it does not need.');
  return { skills: withinList(sorted, refuse), problems };
}

type Refuse = (path: string, message: string, cure: string) => void;

async function ofRepository({ repositories, repo, commit }: Sources, refuse: Refuse): Promise<Candidate[]> {
  const read = (paths: string[]) => (paths.length > 0 ? repositories.read(repo, commit, paths) : []);
  const [skills, commands] = await read([skillsFolder, commandsFolder]);
  for (const [path, entry] of [
    [skillsFolder, skills],
    [commandsFolder, commands],
  ] as const)
    if (entry?.kind === 'refused' || entry?.kind === 'file')
      refuse(path, entry.kind === 'file' ? 'it is no folder' : entry.why, 'Make it a folder of the repository.');
  // A link to a folder does not look like one.
  const names = namesIn(skills);
  const entries = await read(names.map(({ name }) => `${skillsFolder}/${name}/SKILL.md`));
  const found = names.flatMap(({ name, folder }, index): Candidate[] => {
    const entry = entries[index] ?? { kind: 'missing' };
    const path = `${skillsFolder}/${name}/SKILL.md`;
    return entry.kind === 'missing' && !folder
      ? []
      : [{ kind: 'skill', layer: 'project', name, path, entry, files: null, why: null }];
  });
  const below = async (folder: string, entry: TreeEntry | undefined, depth: number): Promise<Candidate[]> => {
    const wanted = namesIn(entry).filter((each) => each.folder || each.name.endsWith('.md'));
    const paths = wanted.map(({ name }) => `${folder}/${name}`);
    const inner = await read(paths);
    const each = paths.map(async (path, index): Promise<Candidate[]> => {
      const entry = inner[index] ?? { kind: 'missing' };
      if (entry.kind === 'folder' && depth < deepest) return below(path, entry, depth + 1);
      const name = path.slice(commandsFolder.length + 1, -'.md'.length).replaceAll('/', ':');
      return [{ kind: 'command', layer: 'project', name, path, entry, files: null, why: null }];
    });
    return (await Promise.all(each)).flat();
  };
  return [...found, ...(await below(commandsFolder, commands, 1))];
}

function namesIn(entry: TreeEntry | undefined): { name: string; folder: boolean }[] {
  return entry?.kind === 'folder' ? entry.names : [];
}

const mend = 'Mend it; until then it cannot be called.';

export function readCandidate({ entry, ...at }: Candidate): Skill | { problem: string; cure: string } {
  const { kind, name } = at;
  if (entry.kind === 'missing') return { problem: 'there is no such file in its folder', cure: 'Add it, in capitals.' };
  if (entry.kind === 'folder') return { problem: 'it is a folder', cure: 'Put a text file there.' };
  if (entry.kind === 'refused') return { problem: entry.why, cure: 'Put a text file there.' };
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._:-]{0,99}$/u.test(name))
    return { problem: 'by its name it cannot be called', cure: 'Name it with letters, digits and hyphens.' };
  const read = readSkill(entry.text);
  if ('problem' in read) return { problem: read.problem, cure: mend };
  const { description, calledBy, ignored, body } = read.skill;
  if (Buffer.byteLength(body) > longestBody)
    return { problem: 'it is longer than 200 kB', cure: 'Move parts of it into files beside it.' };
  const skill = { ...at, kind, description, calledBy, ignored, document: read.skill };
  return { ...skill, tokens: costOf(skill), bodyTokens: Math.ceil(Buffer.byteLength(body) / 4) };
}

function costOf(skill: Pick<Skill, 'name' | 'description' | 'calledBy' | 'document'>): number {
  return skill.calledBy.includes('agent') ? Math.ceil(Buffer.byteLength(skillLine(skill)) / 4) : 0;
}

function withinList(skills: Skill[], refuse: Refuse): Skill[] {
  let left = longestList;
  return skills.map((skill) => {
    if (!skill.calledBy.includes('agent')) return skill;
    left -= Buffer.byteLength(skill.description);
    if (left >= 0) return skill;
    refuse(skill.path, 'its description is left out: together they are too long', 'Shorten the descriptions.');
    const short = { ...skill, description: '' };
    return { ...short, tokens: costOf(short) };
  });
}
