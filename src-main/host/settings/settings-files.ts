/** Which settings files there can be, and what each of them says or why it cannot be read. */
import { lstatSync, readFileSync, statSync } from 'node:fs';
import { posix, win32 } from 'node:path';
import { features } from '#contract/settings.ts';
import type { LayerName } from '#core/permissions/policy.ts';
import { type Trust, whyNotAdministrators } from './administrator.ts';
import { permissionKeys, SettingsFile } from './settings-schema.ts';

export interface SettingsPlace {
  layer: LayerName;
  file: string;
}

export interface ReadSettings extends SettingsPlace {
  /** `refused`: meant for an administrator, but not one's own; nothing in it counts. */
  state: 'absent' | 'read' | 'broken' | 'refused';
  /** Null unless read. */
  value: SettingsFile | null;
  /** Deny rules that could be saved from a broken file. */
  saved: string[];
  /** Why it is broken or refused. */
  problem: string | null;
  /** What in it means nothing here. */
  notes: string[];
}

/** Where an administrator's files are. */
export interface ManagedWhere {
  platform: NodeJS.Platform;
  /** In front of every managed place, for tests. */
  system?: string;
  /** Id of the user whose managed files count, for tests; root unless given. */
  owner?: number;
}

export interface SettingsWhere extends ManagedWhere {
  /** Absolute: top of the repository. Null: the files of no repository. */
  root: string | null;
  /** Absolute. */
  home: string;
}

/** From the strongest layer to the weakest. */
export function settingsPlaces(where: SettingsWhere): SettingsPlace[] {
  const { platform, root, home } = where;
  const { join } = platform === 'win32' ? win32 : posix;
  return [
    ...managedPlaces(where),
    ...(root === null
      ? []
      : [
          { layer: 'local' as const, file: join(root, '.claude', 'settings.local.json') },
          { layer: 'project' as const, file: join(root, '.claude', 'settings.json') },
        ]),
    { layer: 'person', file: join(home, '.claude', 'settings.json') },
  ];
}

export function managedPlaces({ platform, system = '' }: ManagedWhere): SettingsPlace[] {
  const { join } = platform === 'win32' ? win32 : posix;
  const managed: Partial<Record<NodeJS.Platform, string[]>> = {
    darwin: ['/Library/Application Support/ClaudeCode', '/Library/Application Support/Nightshift'],
    win32: ['C:\\Program Files\\ClaudeCode', 'C:\\Program Files\\Nightshift'],
  };
  const folders = managed[platform] ?? ['/etc/claude-code', '/etc/nightshift'];
  return folders.map((folder) => ({ layer: 'managed', file: join(system + folder, 'managed-settings.json') }));
}

const largest = 20_000_000;

/** Never throws. */
export function readSettingsFile(place: SettingsPlace, { platform, system, owner }: ManagedWhere): ReadSettings {
  const found = (state: ReadSettings['state'], more: Partial<ReadSettings> = {}): ReadSettings => ({
    ...place,
    ...{ state, value: null, saved: [], problem: null, notes: [] },
    ...more,
  });
  const trust: Trust = { platform, ...(system ? { from: system } : {}), ...(owner === undefined ? {} : { owner }) };
  let text: string;
  try {
    // Looked for before every tool call, and seldom there: an exception would cost more than the look.
    if (!existsAt(place.file)) return found('absent');
    const problem = place.layer === 'managed' ? whyNotAdministrators(place.file, trust) : null;
    if (problem) return found('refused', { problem: `it does not count: ${problem}` });
    if (statSync(place.file).size > largest) return found('broken', { problem: 'it is larger than 20 MB' });
    text = readFileSync(place.file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? found('absent')
      : found('broken', { problem: `it cannot be read (${code})` });
  }
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return found('broken', { problem: 'it is not JSON' });
  }
  const read = SettingsFile.safeParse(json);
  if (read.success) return found('read', { value: read.data, notes: notesOn(read.data) });
  const issue = read.error.issues[0];
  const problem = `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'not understood'}`;
  return found('broken', { problem, saved: deniesIn(json) });
}

/** There is nothing to read at any of them. False where that cannot be told. */
export function areAbsent(places: readonly SettingsPlace[]): boolean {
  try {
    return !places.some(({ file }) => existsAt(file));
  } catch {
    return false;
  }
}

/** Throws where that cannot be told: a file that may be there must not count as absent. */
function existsAt(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

function deniesIn(json: unknown): string[] {
  const deny = (json as { permissions?: { deny?: unknown } } | null)?.permissions?.deny;
  return Array.isArray(deny) ? deny.filter((rule) => typeof rule === 'string') : [];
}

function notesOn({ permissions = {}, nightshift }: SettingsFile): string[] {
  const unknown = Object.keys(permissions).filter((key) => !permissionKeys.includes(key));
  const notes = unknown.map((key) => `permissions.${key} is not known and does nothing.`);
  for (const name of nightshift?.featuresOff ?? [])
    if (!(features as readonly string[]).includes(name))
      notes.push(`nightshift.featuresOff: nothing is called ${name}; there are ${features.join(', ')}.`);
  if (permissions.additionalDirectories?.length)
    notes.push('permissions.additionalDirectories does nothing: a run sees its own worktree only.');
  for (const [stronger, weaker] of [
    ['deny', 'allow'],
    ['deny', 'ask'],
    ['ask', 'allow'],
  ] as const) {
    const strong = new Set(permissions[stronger]);
    for (const rule of permissions[weaker] ?? [])
      if (strong.has(rule)) notes.push(`${rule} stands under ${stronger} and under ${weaker}; ${stronger} counts.`);
  }
  return notes;
}
