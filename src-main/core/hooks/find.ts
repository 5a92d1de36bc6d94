/** Finds the hooks that count for work on a commit, and what of them a person has to say yes to. */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Hook, HookPreview, HookTrust } from '#contract/hooks.ts';
import type { InstructionProblem } from '#contract/instructions.ts';
import type { HookFile, InstructionFiles } from '#core/instructions/port.ts';
import type { Repositories, RepositoryPlace } from '#core/ports.ts';
import { canonical } from '#core/questions/bind.ts';
import { type HookDefinition, readHooks } from './definition.ts';
import type { TrustedScript } from './run-hook.ts';

export interface FoundHooks {
  hooks: (HookDefinition & Pick<Hook, 'state'>)[];
  /** Null: the repository has none. */
  trust: HookTrust | null;
  scripts: TrustedScript[];
  problems: InstructionProblem[];
}

export interface HookSources {
  repositories: Pick<Repositories, 'read'>;
  machine: InstructionFiles;
  repo: RepositoryPlace;
  /** Full hash. */
  commit: string;
  /** When a person said yes to hooks of that hash; null: nobody did. */
  trustedAt(root: string, hash: string): string | null;
}

export const projectFile = '.claude/settings.json';
const mostScripts = 100;

/** Only git itself can make it throw. */
export async function findHooks(sources: HookSources): Promise<FoundHooks> {
  const { repo, machine, trustedAt } = sources;
  const problems: InstructionProblem[] = [];
  const [ofMachine, project] = await Promise.all([machine.hooks?.(repo.root) ?? [], ofRepository(sources, problems)]);
  const files: (Omit<HookFile, 'layer'> & { layer: HookDefinition['layer'] })[] = [...ofMachine, ...project];
  const off = switchedOff(files);
  const all: FoundHooks['hooks'] = [];
  for (const { layer, file, hooks, problem } of files) {
    const cure = 'Mend the file; until then none of its hooks is run.';
    if (problem !== null) problems.push({ path: file, message: problem, cure });
    const read = readHooks(problem === null ? hooks : undefined, layer, file);
    problems.push(...read.problems);
    all.push(...read.hooks.map((hook) => ({ ...hook, state: off(layer) ? ('off' as const) : ('runs' as const) })));
  }
  const own = all.filter(({ layer }) => layer === 'project' || layer === 'local');
  if (own.length === 0) return { hooks: all, trust: null, scripts: [], problems };
  const scripts = await namedBy(sources, own);
  const content = own.map(({ state: _, ...hook }) => hook);
  const hash = createHash('sha256')
    .update(canonical([repo.root, content, scripts]))
    .digest('hex');
  const trust = { hash, scripts: scripts.map(({ path }) => path), trustedAt: trustedAt(repo.root, hash) };
  const hooks = all.map((hook) =>
    hook.state === 'runs' && own.includes(hook) && trust.trustedAt === null
      ? { ...hook, state: 'untrusted' as const }
      : hook,
  );
  return { hooks, trust, scripts, problems };
}

/** What of it is for people and for the record. */
export function shownHook({ condition: _, blocksOnFailure: __, ...hook }: FoundHooks['hooks'][number]): Hook {
  return hook;
}

export function asPreview(repository: string, commit: string, { hooks, trust, problems }: FoundHooks): HookPreview {
  return { repository, commit, hooks: hooks.map(shownHook), trust, problems };
}

/** Whoever switches off reaches those below: a repository cannot take away what a person or an administrator wants run. */
function switchedOff(files: readonly Pick<FileOf, 'layer' | 'disableAllHooks' | 'allowManagedHooksOnly'>[]) {
  const says = (...layers: string[]) => files.some((file) => layers.includes(file.layer) && file.disableAllHooks);
  const managedOnly = files.some(({ layer, allowManagedHooksOnly }) => layer === 'managed' && allowManagedHooksOnly);
  return (layer: HookDefinition['layer']): boolean => {
    if (says('managed')) return true;
    if (layer === 'managed') return false;
    if (managedOnly || says('person', 'local')) return true;
    return layer === 'project' && says('project');
  };
}

type FileOf = Omit<HookFile, 'layer'> & { layer: HookDefinition['layer'] };

async function ofRepository(
  { repositories, repo, commit }: HookSources,
  problems: InstructionProblem[],
): Promise<FileOf[]> {
  const [entry] = await repositories.read(repo, commit, [projectFile]);
  if (!entry || entry.kind === 'missing') return [];
  const found = (more: Partial<FileOf>): FileOf[] => [
    {
      ...{ layer: 'project', file: projectFile, hooks: undefined, problem: null },
      ...{ disableAllHooks: false, allowManagedHooksOnly: false, ...more },
    },
  ];
  if (entry.kind !== 'file') return found({ problem: entry.kind === 'folder' ? 'it is a folder' : entry.why });
  try {
    const value: unknown = JSON.parse(entry.text.replace(/^\ufeff/, ''));
    const { hooks, disableAllHooks } = (value ?? {}) as Record<string, unknown>;
    return found({ hooks, disableAllHooks: disableAllHooks === true });
  } catch {
    problems.push({
      path: projectFile,
      message: 'it is not JSON, so none of its hooks is run',
      cure: 'Mend the file.',
    });
    return [];
  }
}

/** Files of the commit that the commands name: what they hold is part of what is trusted. */
async function namedBy(
  { repositories, repo, commit }: HookSources,
  hooks: readonly HookDefinition[],
): Promise<TrustedScript[]> {
  const words = hooks.flatMap(({ command }) =>
    command
      .replace(/["']/g, '')
      .replace(/\$\{?CLAUDE_PROJECT_DIR\}?\//g, '')
      .split(/[\s;|&()<>=]+/),
  );
  const paths = [...new Set(words.map((word) => posix.normalize(word)))]
    .filter((path) => /^[\w@][\w./@+-]*$/.test(path) || /^\.[\w@][\w./@+-]*$/.test(path))
    .slice(0, mostScripts)
    .sort();
  const entries = paths.length > 0 ? await repositories.read(repo, commit, paths) : [];
  return paths.flatMap((path, index) => {
    const entry = entries[index];
    return entry?.kind === 'file' ? [{ path, sha256: createHash('sha256').update(entry.text).digest('hex') }] : [];
  });
}
