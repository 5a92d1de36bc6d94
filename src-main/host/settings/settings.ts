/** All settings files of a project taken together: the rules of each layer, the mode, and what an administrator has fixed. */
import type { Mode, PolicyLayer } from '#core/permissions/policy.ts';
import {
  type ManagedWhere,
  managedPlaces,
  type ReadSettings,
  readSettingsFile,
  type SettingsWhere,
  settingsPlaces,
} from './settings-files.ts';
import type { SettingsFile } from './settings-schema.ts';

/** A value and the file that fixes it. */
export interface Fixed<T> {
  value: T;
  file: string;
}

/** What nobody below an administrator can change. Null: not fixed. */
export interface ManagedSettings {
  forbiddenModes: Fixed<string>[];
  featuresOff: Fixed<string>[];
  managedRulesOnly: Fixed<true> | null;
  models: Fixed<string[]> | null;
  model: Fixed<string> | null;
  baseUrl: Fixed<string> | null;
  deny: Fixed<string>[];
  /** Files that an administrator wrote and nobody can read: what they forbid is not known. The value says why. */
  unreadable: Fixed<string>[];
}

export interface Settings {
  files: ReadSettings[];
  layers: PolicyLayer[];
  managed: ManagedSettings;
  mode: Fixed<Mode>;
  /** Why nothing may be allowed by itself; absent when every file could be read. */
  closed?: string;
  notes: string[];
}

const modes: readonly string[] = ['default', 'acceptEdits', 'plan', 'dontAsk', 'auto'];

/** Reads the files anew. `mode`: asked for by the person, before what the files say. Never throws. */
export function readSettings(where: SettingsWhere, mode?: string): Settings {
  const files = settingsPlaces(where).map((place) => readSettingsFile(place, where));
  const managed = fixedBy(files.filter(({ layer }) => layer === 'managed'));
  const notes = files.flatMap(({ file, notes: own }) => own.map((note) => `${file}: ${note}`));
  const inWords = (which: ReadSettings['state']) =>
    files.filter(({ state }) => state === which).map(({ file, problem }) => `${file}: ${problem}`);
  const broken = inWords('broken');
  return {
    files,
    managed,
    layers: files.filter(({ state }) => state === 'read' || state === 'broken').map(layerOf),
    mode: chooseMode(files, managed, mode, notes),
    ...(broken.length > 0 && { closed: broken.join('; ') }),
    notes: [...broken, ...inWords('refused'), ...notes],
  };
}

/** What an administrator has fixed, read anew. Never throws. */
export function readManaged(where: ManagedWhere): ManagedSettings {
  return fixedBy(managedPlaces(where).map((place) => readSettingsFile(place, where)));
}

function layerOf({ layer, file, value, saved }: ReadSettings): PolicyLayer {
  const { allow = [], ask = [], deny = saved } = value?.permissions ?? {};
  return { name: layer, file, allow, ask, deny };
}

/** Of two managed files the later is our own, and fixes what both fix; prohibitions add up. */
function fixedBy(files: readonly ReadSettings[]): ManagedSettings {
  const fixed: ManagedSettings = {
    ...{ forbiddenModes: [], featuresOff: [], deny: [], unreadable: [] },
    ...{ managedRulesOnly: null, models: null, model: null, baseUrl: null },
  };
  for (const { file, value, saved, state, problem } of files) {
    const put = <T>(one: T): Fixed<T> => ({ value: one, file });
    if (state === 'broken') fixed.unreadable.push(put(problem ?? 'it cannot be read'));
    const { permissions, nightshift, env, availableModels, model } = value ?? {};
    fixed.forbiddenModes.push(...forbiddenBy(value).map(put));
    fixed.featuresOff.push(...(nightshift?.featuresOff ?? []).map(put));
    fixed.deny.push(...(permissions?.deny ?? saved).map(put));
    if (value?.allowManagedPermissionRulesOnly) fixed.managedRulesOnly = put(true as const);
    const models = nightshift?.models ?? availableModels;
    if (models) fixed.models = put(models);
    if (model) fixed.model = put(model);
    const baseUrl = nightshift?.baseUrl ?? env?.ANTHROPIC_BASE_URL;
    if (baseUrl) fixed.baseUrl = put(baseUrl);
  }
  return fixed;
}

/** Auto mode may be switched off in the ecosystem's words or in ours. */
function forbiddenBy(value: SettingsFile | null): string[] {
  const { forbiddenModes = [], featuresOff = [] } = value?.nightshift ?? {};
  const noAuto = value?.permissions?.disableAutoMode || value?.disableAutoMode || featuresOff.includes('auto');
  return noAuto ? [...forbiddenModes, 'auto'] : forbiddenModes;
}

function chooseMode(
  files: readonly ReadSettings[],
  managed: ManagedSettings,
  asked: string | undefined,
  notes: string[],
): Fixed<Mode> {
  const wish = (file: string, value: string | undefined) => (value === undefined ? [] : [{ file, value }]);
  const said = (layer: (name: string) => boolean) =>
    files.filter((file) => layer(file.layer)).flatMap(({ file, value }) => wish(file, value?.permissions?.defaultMode));
  // A later managed file is our own, and counts first.
  const fixed = said((layer) => layer === 'managed').toReversed();
  const wishes = [...fixed, ...wish('the command line', asked), ...said((layer) => layer !== 'managed')];
  for (const { file, value } of wishes) {
    const ban = managed.forbiddenModes.find((one) => one.value === value);
    if (!modes.includes(value)) notes.push(`${file}: the mode ${value} is not offered.`);
    else if (ban) notes.push(`${file}: the mode ${value} is forbidden by ${ban.file}.`);
    else return { value: value as Mode, file };
  }
  const file = 'nothing else was said';
  if (!managed.forbiddenModes.some(({ value }) => value === 'default')) return { value: 'default', file };
  return { value: 'dontAsk', file };
}
