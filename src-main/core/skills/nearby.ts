/** Skills of a folder inside the repository: listed once the run touches files there, called by the folder's name and their own. */
import type { InstructionProblem } from '#contract/instructions.ts';
import { type FoundSkills, readCandidate, type Skill, type SkillSources, skillsFolder } from './find.ts';

/** Of one folder. */
const most = 100;

/** `packages/web` and `lint` are `packages:web:lint`. */
const nameOf = (folder: string, name: string) => `${folder.replaceAll('/', ':')}:${name}`;

/** `folders`: relative to the top. Only git itself can make it throw. */
export async function findNearby(sources: SkillSources, folders: readonly string[]): Promise<FoundSkills> {
  const { repositories, repo, commit } = sources;
  const inside = folders.filter((folder) => folder !== '.claude' && !folder.includes('.claude/'));
  const tops =
    inside.length > 0
      ? await repositories.read(
          repo,
          commit,
          inside.map((folder) => `${folder}/${skillsFolder}`),
        )
      : [];
  const wanted = tops.flatMap((top, at) =>
    top.kind === 'folder'
      ? top.names.slice(0, most).map(({ name, folder }) => ({ of: inside[at] ?? '', name, folder }))
      : [],
  );
  const paths = wanted.map(({ of, name }) => `${of}/${skillsFolder}/${name}/SKILL.md`);
  const entries = paths.length > 0 ? await repositories.read(repo, commit, paths) : [];
  const skills: Skill[] = [];
  const problems: InstructionProblem[] = [];
  for (const [at, { of, name, folder }] of wanted.entries()) {
    const entry = entries[at] ?? { kind: 'missing' };
    const path = paths[at] ?? '';
    // A plain file in the folder is no skill, nor meant to be one.
    if (entry.kind === 'missing' && !folder) continue;
    const read = readCandidate({ ...place, name: nameOf(of, name), path, entry });
    if ('problem' in read) problems.push({ path, message: read.problem, cure: read.cure });
    else skills.push(read);
  }
  return { skills, problems };
}

/** By the whole name; undefined where there is none that can be used. */
export async function openNested(
  { repositories, repo, commit }: SkillSources,
  name: string,
): Promise<Skill | undefined> {
  const parts = name.split(':');
  const last = parts.pop();
  if (parts.length === 0 || !last || parts.some((part) => part === '' || part === '..' || part === '.'))
    return undefined;
  const path = `${parts.join('/')}/${skillsFolder}/${last}/SKILL.md`;
  const [entry] = await repositories.read(repo, commit, [path]);
  if (entry?.kind !== 'file') return undefined;
  const read = readCandidate({ ...place, name, path, entry });
  return 'problem' in read ? undefined : read;
}

const place = { kind: 'skill', layer: 'project', files: null, why: null } as const;
