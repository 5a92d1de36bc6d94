/** Permission modes as the ecosystem writes them; one that lifts all limits is not offered. */
import type { Mode } from '#core/permissions/policy.ts';

const modes: readonly string[] = ['default', 'acceptEdits', 'plan', 'dontAsk', 'auto'];

/** Whatever is not offered counts as `default`, which asks. */
export function readMode(written: string): Mode {
  return modes.includes(written) ? (written as Mode) : 'default';
}
