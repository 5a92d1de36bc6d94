/** What tells an agent how to work beside its prompt: instruction files, skills and kinds of subagents of a project's folder. */
import { homedir } from 'node:os';
import { posix, relative, sep } from 'node:path';
import { createKindBook, type KindBook } from '#core/agents/book.ts';
import type { Sources } from '#core/instructions/gather.ts';
import { createHandOver, type HandOver, handOverAtStart } from '#core/instructions/hand-over.ts';
import { noneOfMachine } from '#core/instructions/methods.ts';
import type { InstructionFiles } from '#core/instructions/port.ts';
import { createSkillBook, type SkillBook } from '#core/skills/book.ts';
import { folderTree } from '#host/instructions/folder-tree.ts';
import { createInstructionFiles } from '#host/instructions/machine-files.ts';
import { readMachineSkills } from '#host/instructions/machine-skills.ts';
import type { Ground } from './ground.ts';
import type { Wanted } from './options.ts';
import { kindsFor } from './subagents.ts';
import type { Toolset } from './toolset.ts';

export interface Guide {
  sources: Sources;
  /** Null: the agent works alone. */
  kinds: KindBook | null;
  /** Null: it has no project, and so no skills. */
  skills: SkillBook | null;
  /** Commits what counts from the beginning, for a session that has not begun. */
  begin(): Promise<void>;
  /** Of instruction files that count once files near them are touched; null: there are none. */
  handOver: HandOver | null;
}

const skillFolders = ['.claude/skills', '.claude/commands'];

export function createGuide(ground: Ground, wanted: Wanted, { tools }: Toolset, run: string): Guide {
  const { store, seenAt, sandbox } = ground;
  const { project, directory, spec, options } = wanted;
  const place = placeInside(wanted, seenAt);
  const machine = machineOf(wanted, place === null);
  const sources: Sources = {
    // Skills outside of what the sandbox shows are shown to it as those of a machine are.
    repositories: project === null ? nothing : folderTree(project, place === null ? skillFolders : []),
    ...{ machine, repo: { root: project ?? directory ?? '/', gitDirectory: '' }, commit: '' },
  };
  const skills =
    project === null
      ? null
      : createSkillBook({
          ...{ ...sources, run, effort: spec.effort, seenAt: place ?? seenAt },
          filesAt: directory === null ? undefined : sandbox.filesAt,
        });
  const own = options.agents;
  const kinds =
    own === undefined || own === false ? null : kindsFor(createKindBook(sources), own === true ? {} : own, tools.all);
  const events = store.events({ after: 0, run, limit: 1000 });
  return {
    ...{ sources, kinds, skills },
    async begin() {
      if (!skills && !kinds) return;
      if (events.some(({ type }) => type === 'instructions.loaded' || type === 'message.added')) return;
      const hired = kinds ? { kinds, advisor: null } : undefined;
      await handOverAtStart(store, run, sources, skills ?? noSkills, hired);
    },
    handOver: skills && project === directory ? createHandOver(store, run, sources, null, skills) : null,
  };
}

const nothing: Sources['repositories'] = {
  read: async (_repo, _commit, paths) => paths.map(() => ({ kind: 'missing' })),
};
const noSkills = { find: async () => ({ skills: [], problems: [] }) };

/** Where the project is seen inside the sandbox; null: nowhere. */
function placeInside({ project, directory }: Wanted, seenAt: string): string | null {
  if (project === null || directory === null) return null;
  const path = relative(directory, project);
  return path.startsWith('..') ? null : posix.join(seenAt, path.split(sep).join('/'));
}

/** `outside`: the sandbox does not show the project's folder. */
function machineOf({ project, options }: Wanted, outside: boolean): InstructionFiles {
  if (project === null) return noneOfMachine;
  const { platform } = process;
  const machine = options.settings ? createInstructionFiles({ home: homedir(), platform }) : noneOfMachine;
  if (!outside) return machine;
  return {
    ...machine,
    async skills() {
      const ofProject = await readMachineSkills({ home: project, platform });
      return [...ofProject.filter(({ layer }) => layer === 'person'), ...((await machine.skills?.()) ?? [])];
    },
  };
}
