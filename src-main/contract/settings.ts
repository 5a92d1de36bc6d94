/** The settings files in force, and what in them nobody below an administrator can change. */
import { z } from 'zod';
import { PermissionMode } from './routines.ts';

/** Parts of the product that an administrator can switch off. */
export const features = ['drill', 'demo', 'loops', 'network', 'auto'] as const;
export const Feature = z.enum(features);
export type Feature = z.infer<typeof Feature>;

/** One thing that is fixed, and the file that fixes it. */
export const LockedSetting = z.object({
  /**
   * `forbiddenMode`: a permission mode nobody may choose. `featureOff`: a part that is switched off. `model`: what `auto`
   * means, and the only model. `models`: the only models. `baseUrl`: the only address of a model. `deny`: a rule.
   * `managedRulesOnly`: allow rules of routines, repositories and persons do not count.
   */
  what: z.enum(['forbiddenMode', 'featureOff', 'model', 'models', 'baseUrl', 'deny', 'managedRulesOnly']),
  values: z.array(z.string()),
  file: z.string(),
});
export type LockedSetting = z.infer<typeof LockedSetting>;

export const SettingsFileState = z.object({
  /** `managed`, `local`, `project` or `person`; from the strongest to the weakest. */
  layer: z.string(),
  file: z.string(),
  /** `broken`: it cannot be read, so nothing is allowed by itself. `refused`: it is not an administrator's, and does not count. */
  state: z.enum(['absent', 'read', 'broken', 'refused']),
  /** Why it is broken or refused. */
  problem: z.string().nullable(),
  /** Permission rules in it. */
  rules: z.int().min(0),
  /** What in it means nothing here. */
  notes: z.array(z.string()),
});
export type SettingsFileState = z.infer<typeof SettingsFileState>;

export const EffectiveSettings = z.object({
  /** Null: the files of a repository were not asked for. */
  repository: z.string().nullable(),
  files: z.array(SettingsFileState),
  locked: z.array(LockedSetting),
  /** What the files say the permission mode is where nobody chooses one, and which of them. */
  mode: z.object({ value: PermissionMode, file: z.string() }),
  /** Everything amiss, in words. */
  problems: z.array(z.string()),
});
export type EffectiveSettings = z.infer<typeof EffectiveSettings>;
