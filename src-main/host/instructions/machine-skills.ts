/** Skills and commands of this machine: of the administrator and of the person, each with the files beside it. */
import { realpathSync } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { MachineSkill, SandboxFile } from '#core/instructions/port.ts';
import { type Trust, whyNotAdministrators } from '#host/settings/administrator.ts';
import { type ManagedWhere, managedPlaces } from '#host/settings/settings-files.ts';
import { readText } from './read-text.ts';

export interface Where extends ManagedWhere {
  /** Absolute: of the person. */
  home: string;
}

type Place = Pick<MachineSkill, 'layer'> & { folder: string };

/** Files beside all skills together, and their bytes: each is handed to every sandbox. */
const [mostFiles, mostBytes] = [200, 5_000_000];
const deepest = 5;

/** Never throws. */
export async function readMachineSkills({ home, ...managed }: Where): Promise<MachineSkill[]> {
  const places = placesOf({ home, ...managed });
  const room = { files: mostFiles, bytes: mostBytes };
  const found: MachineSkill[] = [];
  for (const { layer, folder } of places) {
    const trust: Trust | null = layer === 'managed' ? trustIn(managed) : null;
    for (const name of await namesIn(join(folder, 'skills'))) {
      const path = join(folder, 'skills', name, 'SKILL.md');
      const entry = await entryOf(path, trust);
      if (entry.kind === 'missing' && !(await isFolder(join(folder, 'skills', name)))) continue;
      const beside = entry.kind === 'file' ? await filesBeside(join(path, '..'), home, room) : { files: [], why: null };
      found.push({ kind: 'skill', layer, name, path, entry, ...beside });
    }
    for (const path of await markdownIn(join(folder, 'commands'), 1)) {
      const name = relative(join(folder, 'commands'), path).slice(0, -'.md'.length).split(sep).join(':');
      found.push({ kind: 'command', layer, name, path, entry: await entryOf(path, trust), files: [], why: null });
    }
  }
  return found;
}

/** Folders of the administrator and of the person, in which both keep what runs are told. */
export function placesOf({ home, ...managed }: Where): Place[] {
  return [
    ...managedPlaces(managed).map(({ file }): Place => ({ layer: 'managed', folder: join(file, '..', '.claude') })),
    { layer: 'person', folder: join(home, '.claude') },
  ];
}

/** What only an administrator may have written. */
export function trustIn({ platform, system, owner }: ManagedWhere): Trust {
  return { platform, ...(system ? { from: system } : {}), ...(owner === undefined ? {} : { owner }) };
}

/** `trust` null: anybody may have written it. */
export async function entryOf(path: string, trust: Trust | null): Promise<MachineSkill['entry']> {
  const entry = await readText(path);
  if (!trust || entry.kind === 'missing') return entry;
  try {
    const problem = whyNotAdministrators(path, trust);
    return problem ? { kind: 'refused', why: `it does not count: ${problem}` } : entry;
  } catch (error) {
    return { kind: 'refused', why: `nobody can tell whose it is (${(error as NodeJS.ErrnoException).code})` };
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

async function isFolder(path: string): Promise<boolean> {
  return lstat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}

/** Absolute, of files that end in `.md`. */
export async function markdownIn(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth < deepest) found.push(...(await markdownIn(path, depth + 1)));
    else if (!entry.isDirectory() && entry.name.endsWith('.md')) found.push(path);
  }
  return found;
}

interface Beside {
  files: SandboxFile[] | null;
  why: string | null;
}

/** The folder itself may be a link, as those who keep skills elsewhere have it; what links inside of it lead to is left out. */
async function filesBeside(folder: string, home: string, room: { files: number; bytes: number }): Promise<Beside> {
  try {
    const top = realpathSync(folder);
    if (!relative(top, realpathSync(home)).startsWith('..'))
      return { files: null, why: 'the folder holds your whole home directory' };
    const files: SandboxFile[] = [];
    for (const path of await filesBelow(top, '', 1, room.files + 2)) {
      const facts = await lstat(join(top, path));
      if (!facts.isFile() || path === 'SKILL.md') continue;
      if (files.length === room.files || facts.size > room.bytes) return tooMuch;
      const content = await readFile(join(top, path));
      room.bytes -= content.length;
      files.push({ path: path.split(sep).join('/'), content, executable: (facts.mode & 0o100) !== 0 });
    }
    room.files -= files.length;
    return { files, why: null };
  } catch (error) {
    return { files: null, why: `they cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}

const tooMuch: Beside = {
  files: null,
  why: `with them there are more than ${mostFiles} files, or ${mostBytes / 1e6} MB, beside all skills`,
};

/** At most `most`, relative; git's own folders are nobody's skill. */
async function filesBelow(top: string, folder: string, depth: number, most: number): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(join(top, folder), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (found.length >= most) break;
    const path = join(folder, entry.name);
    if (entry.isFile()) found.push(path);
    else if (entry.isDirectory() && entry.name !== '.git' && depth < deepest)
      found.push(...(await filesBelow(top, path, depth + 1, most - found.length)));
  }
  return found;
}
