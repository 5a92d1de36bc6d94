/** The part of the ecosystem's settings files that speaks of permissions and limits; everything else is left to others. */
import { z } from 'zod';

const rules = z.array(z.string().max(10_000)).max(50_000).optional();
const names = z.array(z.string().max(200)).max(1000).optional();

const Permissions = z.looseObject({
  allow: rules,
  ask: rules,
  deny: rules,
  defaultMode: z.string().optional(),
  disableBypassPermissionsMode: z.literal('disable').optional(),
  disableAutoMode: z.literal('disable').optional(),
  additionalDirectories: names,
});

/** Our own part, in any file; limits count in managed files only. */
const Nightshift = z.strictObject({
  /** Permission modes that nobody may choose. */
  forbiddenModes: names,
  /** Parts of the product that are switched off. */
  featuresOff: names,
  /** The only models that may answer. */
  models: names,
  /** The only address of a model. */
  baseUrl: z.url().optional(),
});

export const SettingsFile = z.looseObject({
  permissions: Permissions.optional(),
  allowManagedPermissionRulesOnly: z.boolean().optional(),
  disableAutoMode: z.literal('disable').optional(),
  model: z.string().optional(),
  availableModels: names,
  env: z.record(z.string(), z.string()).optional(),
  /** Looked at where hooks are found; one that cannot be used breaks no rules. */
  hooks: z.unknown().optional(),
  autoMemoryEnabled: z.boolean().optional(),
  disableAllHooks: z.boolean().optional(),
  allowManagedHooksOnly: z.boolean().optional(),
  nightshift: Nightshift.optional(),
});
export type SettingsFile = z.infer<typeof SettingsFile>;

export const permissionKeys: readonly string[] = Object.keys(Permissions.shape);
