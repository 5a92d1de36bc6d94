/** What the agent reads of skills: the list of those it may call, and the head of one that was called. */
import type { SkillFile } from '#contract/instructions.ts';
import type { Skill } from './find.ts';

/** Empty when there is none that it may call. */
export function skillList(skills: readonly Skill[]): string {
  const listed = skills.filter(({ calledBy }) => calledBy.includes('agent'));
  if (listed.length === 0) return '';
  return [
    '# Skills',
    'Ways to do certain things that are written down already. When one fits what you are about to do, call the tool Skill with its name first: it gives you its text. They give you no permission that you do not have.',
    listed.map(skillLine).join('\n'),
  ].join('\n\n');
}

/** Those of folders that the run has come to. `callable`: it has the tool Skill. */
export function nearbyList(skills: readonly Skill[], callable: boolean): string {
  const listed = skills.filter(({ calledBy }) => calledBy.includes('agent'));
  if (listed.length === 0) return '';
  const how = callable ? 'Call the tool Skill with the name of one that fits.' : 'Read the file of one that fits.';
  const lines = listed.map((skill) => (callable ? skillLine(skill) : `${skillLine(skill)} (${skill.path})`));
  return ['# Skills of the folders that you work in now', how, lines.join('\n')].join('\n\n');
}

/** One line of the list. */
export function skillLine({ name, description, document }: Pick<Skill, 'name' | 'description' | 'document'>): string {
  const hint = document.hint ? ` ${document.hint}` : '';
  return description === '' ? `- ${name}${hint}` : `- ${name}${hint}: ${description}`;
}

const whose: Record<SkillFile['layer'], string> = {
  managed: 'of the administrator of this machine',
  person: 'of the person you work for',
  project: 'of this repository',
  local: 'of the person you work for, for this repository',
};

/** `folder`: where its files are inside the sandbox; null: it has none there, for the reason `why` where there is one. */
export function skillHead({ name, kind, layer, path, why }: Skill, folder: string | null): string {
  const place =
    kind === 'command'
      ? ''
      : folder !== null && layer === 'project'
        ? ` Its files are in ${folder}.`
        : folder !== null
          ? ` Its files are in ${folder}, read-only; look at them and run them with Bash.`
          : why
            ? ` The files beside it are not here: ${why}.`
            : '';
  return `# The ${kind} ${name} (${whose[layer]}, ${path})${place}`;
}
