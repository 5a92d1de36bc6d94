/** Everything that the settings files say together: for a person who wonders why something is as it is. */
import type { DoctorCheck } from '#contract/host.ts';
import type { EffectiveSettings, LockedSetting } from '#contract/settings.ts';
import { type Fixed, type ManagedSettings, readSettings } from './settings.ts';
import type { ReadSettings, SettingsWhere } from './settings-files.ts';

/** `where.root` null: only what counts in every repository. Never throws. */
export function effectiveSettings(where: SettingsWhere): EffectiveSettings {
  const { files, managed, mode, notes } = readSettings(where);
  return {
    repository: where.root,
    files: files.map(({ layer, file, state, problem, notes: own, value, saved }) => {
      const { allow = [], ask = [], deny = saved } = value?.permissions ?? {};
      return { layer, file, state, problem, rules: allow.length + ask.length + deny.length, notes: own };
    }),
    locked: lockedBy(managed),
    mode,
    problems: notes,
  };
}

function lockedBy(managed: ManagedSettings): LockedSetting[] {
  const each = (what: LockedSetting['what'], fixed: readonly Fixed<string>[]): LockedSetting[] =>
    [...new Map(fixed.map((one) => [`${one.value}\n${one.file}`, one])).values()].map(({ value, file }) => ({
      ...{ what, values: [value], file },
    }));
  const { forbiddenModes, featuresOff, deny, model, models, baseUrl, managedRulesOnly } = managed;
  return [
    ...each('forbiddenMode', forbiddenModes),
    ...each('featureOff', featuresOff),
    ...each('model', model ? [model] : []),
    ...(models ? [{ what: 'models' as const, values: models.value, file: models.file }] : []),
    ...each('baseUrl', baseUrl ? [baseUrl] : []),
    ...each('deny', deny),
    ...(managedRulesOnly ? [{ what: 'managedRulesOnly' as const, values: [], file: managedRulesOnly.file }] : []),
  ];
}

/** One warning for each file that is there and does not count as it was meant; of every repository in `roots`. */
export function examineSettings(where: Omit<SettingsWhere, 'root'>, roots: readonly string[]): DoctorCheck[] {
  const files = [null, ...new Set(roots)].flatMap((root) => readSettings({ ...where, root }).files);
  const amiss = new Map(
    files.filter(({ state }) => state === 'broken' || state === 'refused').map((file) => [file.file, file]),
  );
  return [...amiss.values()].map((file) => ({
    ...{ name: 'Settings', state: 'warning', detail: `${file.file}: ${file.problem}.` },
    cure: cureOf(file),
  }));
}

function cureOf({ file, state, layer }: ReadSettings): string {
  if (state === 'refused')
    return `Let root own it and everything above it: sudo chown root ${file}; sudo chmod go-w ${file}`;
  const mend = 'Mend the file: until then its runs allow nothing by themselves';
  return layer === 'managed' ? `${mend}, and no model is asked.` : `${mend}.`;
}
