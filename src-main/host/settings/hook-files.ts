/** What the settings files of this machine say of hooks; the repository's own are read from the commit of a run instead. */
import type { HookFile } from '#core/instructions/port.ts';
import { readSettingsFile, type SettingsWhere, settingsPlaces } from './settings-files.ts';

/** The administrator's first. Files that are not there are left out. Never throws. */
export function readHookFiles(where: SettingsWhere): HookFile[] {
  return settingsPlaces(where).flatMap((place): HookFile[] => {
    const { layer, file } = place;
    if (layer !== 'managed' && layer !== 'person' && layer !== 'local') return [];
    const { state, value, problem } = readSettingsFile(place, where);
    if (state === 'absent') return [];
    const { hooks, disableAllHooks = false, allowManagedHooksOnly = false } = value ?? {};
    return [{ layer, file, hooks, disableAllHooks, allowManagedHooksOnly, problem }];
  });
}
