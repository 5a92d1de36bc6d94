/** Waits for the hands' probes and judges them: a sandbox in which one does not hold is no sandbox. */
import { setTimeout as wait } from 'node:timers/promises';
import { Fault } from '#contract/faults.ts';
import type { Probe } from '#contract/hands.ts';
import type { HandsLink } from './hands-link.ts';
import type { SandboxProcess } from './process-linux.ts';
import { notInstalled, readSwitches, refusal } from './refusal-linux.ts';

export interface Ground {
  bwrap: string;
  root: boolean;
  /** Milliseconds. */
  readyWithin: number;
}

/** Throws `sandbox.unavailable` with the cure. */
export async function firstWord(
  sandbox: SandboxProcess,
  link: HandsLink,
  { bwrap, root, readyWithin }: Ground,
): Promise<Probe[]> {
  await sandbox.started.catch(() => {
    throw notInstalled(bwrap);
  });
  const deadline = new AbortController();
  const late = wait(readyWithin, null, { signal: deadline.signal }).catch(() => null);
  const probes: Probe[] | null = await Promise.race([link.ready, late])
    .catch(async () => {
      await sandbox.gone;
      throw refusal(sandbox.said(), readSwitches(), root);
    })
    .finally(() => deadline.abort());
  if (!probes)
    throw unavailable(
      `was not ready within ${readyWithin / 1000} seconds`,
      'Look at what keeps this machine busy, and start the run again.',
    );
  const broken = probes.filter(({ held }) => !held);
  if (broken.length === 0 && probes.length > 0) return probes;
  const names = broken.map(({ name, seen }) => (seen ? `${name} (${seen})` : name)).join(', ');
  throw unavailable(
    `does not hold: ${names || 'it reported nothing'}`,
    'Run nightshift doctor --sandbox; nothing was run.',
  );
}

function unavailable(what: string, cure: string): Fault {
  return new Fault('sandbox.unavailable', `The sandbox ${what}.`, { cure });
}
