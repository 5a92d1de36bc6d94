export function aptInstall(
  packages: string[],
  means?: { run?: (args: string[]) => { ok: boolean; problem: string }; listsThere?: () => boolean },
): { failed: string[]; problem: string };
