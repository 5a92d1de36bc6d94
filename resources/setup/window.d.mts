export function electronProgram(root: string, env: NodeJS.ProcessEnv): string | null;
export function againstWindow(facts: {
  platform: string;
  root: boolean;
  env: NodeJS.ProcessEnv;
  flags: string[];
}): string | null;
export function fetchElectron(
  root: string,
  env: NodeJS.ProcessEnv,
  limits?: { silence?: number; limit?: number; node?: string },
): Promise<string | null>;
