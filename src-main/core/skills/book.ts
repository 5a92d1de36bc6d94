/** The skills of one go of a run: found once, opened by name, with what of them the sandbox is to show. */
import { posix } from 'node:path';
import type { Effort } from '#contract/routines.ts';
import type { InstructionFiles, MachineSkill, SandboxFile } from '#core/instructions/port.ts';
import type { Repositories, RepositoryPlace } from '#core/ports.ts';
import { type FoundSkills, findSkills, type Skill } from './find.ts';
import { findNearby, openNested } from './nearby.ts';
import { fill, type Part, readTemplate } from './template.ts';
import { skillHead } from './words.ts';

/** A skill as it is to be read, once its commands have been run. */
export interface OpenSkill {
  skill: Skill;
  /** The first one is the head. */
  parts: Part[];
}

export interface SkillBook {
  find(): Promise<FoundSkills>;
  /** Those of folders inside the repository, relative to its top. */
  near(folders: readonly string[]): Promise<FoundSkills>;
  /** Permission rules that one takes away while it is worked by; none for a name that nothing has. */
  disallowed(name: string): Promise<readonly string[]>;
  /** Of the machine's skills, for the sandbox; empty where it cannot show any. Never throws. */
  files(): Promise<SandboxFile[]>;
  /** A sentence for the caller where there is nothing to open. */
  open(by: 'agent' | 'prompt', name: string, args: string): Promise<OpenSkill | { missing: string }>;
}

interface Place {
  repositories: Pick<Repositories, 'read'>;
  machine: InstructionFiles;
  repo: RepositoryPlace;
  /** Full hash of the commit that the run begins with. */
  commit: string;
  run: string;
  effort: Effort;
  /** Path of the worktree inside the sandbox. */
  seenAt: string;
  /** Where files of the machine's skills are seen inside; undefined: nowhere. */
  filesAt: string | undefined;
}

/** What lies beside a skill counts only where a sandbox can show it. */
export async function ofMachineIn(machine: InstructionFiles, filesAt: string | undefined): Promise<MachineSkill[]> {
  const skills = (await machine.skills?.()) ?? [];
  return skills.map((skill) => {
    const some = skill.files !== null && skill.files.length > 0;
    return some && filesAt === undefined ? { ...skill, files: null, why: nowhere } : skill;
  });
}

const nowhere = 'on this system a sandbox cannot show them';

export function createSkillBook({ machine, filesAt, seenAt, run, effort, ...sources }: Place): SkillBook {
  let reading: Promise<MachineSkill[]> | undefined;
  let finding: Promise<FoundSkills> | undefined;

  const ofMachine = () => {
    reading ??= ofMachineIn(machine, filesAt);
    return reading;
  };
  const find = () => {
    finding ??= ofMachine().then((found) => findSkills({ ...sources, ofMachine: found }));
    return finding;
  };
  const folderOf = ({ kind, layer, path, name, files }: Skill): string | null => {
    if (kind === 'command') return null;
    if (layer === 'project') return posix.join(seenAt, posix.dirname(path));
    return filesAt !== undefined && files && files.length > 0 ? posix.join(filesAt, name) : null;
  };

  const named = async (name: string): Promise<Skill | undefined> =>
    (await find()).skills.find((each) => each.name === name) ?? (await openNested(sources, name));

  return {
    find,
    near: (folders) => findNearby(sources, folders),
    disallowed: async (name) => (await named(name))?.document.disallowed ?? [],
    async files() {
      if (filesAt === undefined) return [];
      const taken = new Set<string>();
      return (await ofMachine()).flatMap(({ kind, name, files }) => {
        // The administrator's come first, and one name is one skill.
        if (kind === 'command' || taken.has(name)) return [];
        taken.add(name);
        return (files ?? []).map((file) => ({ ...file, path: posix.join(name, file.path) }));
      });
    },
    async open(by, name, args) {
      const { skills } = await find();
      const callable = skills.filter(({ calledBy }) => calledBy.includes(by));
      const skill = await named(name.replace(/^\//, ''));
      if (!skill?.calledBy.includes(by)) return { missing: missing(by, name, skills, callable) };
      const folder = folderOf(skill);
      const places = {
        CLAUDE_PROJECT_DIR: seenAt,
        CLAUDE_SESSION_ID: run,
        CLAUDE_EFFORT: effort,
        ...(folder === null ? {} : { CLAUDE_SKILL_DIR: folder }),
      };
      const values = { arguments: args, names: skill.document.arguments, places };
      const head: Part = { kind: 'text', text: `${skillHead(skill, folder)}\n\n` };
      return { skill, parts: [head, ...fill(readTemplate(skill.document.body), values)] };
    },
  };
}

function missing(by: 'agent' | 'prompt', name: string, all: readonly Skill[], callable: readonly Skill[]): string {
  if (all.some((each) => each.name === name))
    return `${name} is not for ${by === 'agent' ? 'you to call: only the prompt of a routine may' : 'prompts: only the agent calls it'}.`;
  const names = callable.map((each) => each.name).join(', ');
  return `There is no skill called "${name}".${names ? ` There are: ${names}.` : ''}`;
}
