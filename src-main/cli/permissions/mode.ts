/** Permission modes as the ecosystem writes them; one that lifts all limits is not offered. */
import type { Mode } from '#core/permissions/policy.ts';

const modes: readonly string[] = ['default', 'acceptEdits', 'plan', 'dontAsk', 'auto'];

/** An unknown mode, and one that bypasses everything, is the most careful that still asks: `default`, and a note says so. */
export function readMode(written: string): { mode: Mode; note: string | null } {
  if (modes.includes(written)) return { mode: written as Mode, note: null };
  return { mode: 'default', note: `The mode ${written} is not offered; default is used.` };
}
