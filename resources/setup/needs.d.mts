export interface Machine {
  platform: string;
  path: string[];
  libraries: string[];
}
export interface Need {
  name: string;
  for: 'run' | 'manager' | 'tests';
  without: string;
  found(machine: Machine): boolean;
  packages: Record<string, string>;
}
export const needs: Need[];
export function missingNeeds(wanted: string[], machine: Machine): Need[];
export function installerOf(machine: Machine): string | null;
export function installCommand(missing: Need[], installer: string | null): string[] | null;
export function thisMachine(env?: NodeJS.ProcessEnv): Machine;
