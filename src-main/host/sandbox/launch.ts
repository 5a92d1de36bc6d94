/** Gives a run its hands inside the sandbox of this system, or says why not; nothing ever runs outside one. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { Fault } from '#contract/faults.ts';
import type { Hands, Log, Sandbox } from '#core/ports.ts';
import { type Group, openGroup } from './cgroup-linux.ts';
import { examine } from './doctor.ts';
import { type HandsLink, linkHands, type Probe } from './hands-link.ts';
import { seatbeltWall } from './launch-darwin.ts';
import { defaultLimits, type Limits, processPhrase, totalMemoryPhrase } from './limits.ts';
import { policy } from './policy-linux.ts';
import { type SandboxProcess, startSandbox } from './process-linux.ts';
import { notInstalled, readSwitches, refusal, wrongPlatform } from './refusal-linux.ts';
import { lookAround } from './view-linux.ts';
import type { WallSpec } from './wall.ts';

export interface SandboxOptions {
  log: Log;
  platform?: NodeJS.Platform;
  /** Path of bubblewrap. */
  bwrap?: string;
  /** Other figures than the usual ones, for tests. */
  limits?: Partial<Limits>;
  /** Path of macOS's own launcher. */
  sandboxExec?: string;
}

/** A launch without a repository is a trial of the machine; only doctor makes one. */
export type LaunchSpec = WallSpec;

export function createSandbox(options: SandboxOptions): Sandbox {
  const platform = options.platform ?? process.platform;
  const bwrap = options.bwrap ?? (existsSync('/usr/bin/bwrap') ? '/usr/bin/bwrap' : 'bwrap');
  const limits = { ...defaultLimits(), ...options.limits };
  const { log, sandboxExec } = options;
  const other = platform === 'darwin' ? seatbeltWall({ log, limits, ...(sandboxExec ? { sandboxExec } : {}) }) : null;
  const start = async (spec: LaunchSpec): Promise<Hands> => {
    if (other) return other.launch(spec);
    if (platform !== 'linux') throw wrongPlatform(platform);
    return launch(spec, { log: options.log, bwrap, limits, root: process.getuid?.() === 0 });
  };
  return { launch: start, doctor: () => examine({ platform, bwrap, start, wall: other }) };
}

interface Ground {
  log: Log;
  bwrap: string;
  limits: Limits;
  root: boolean;
}

async function launch(spec: LaunchSpec, { log, bwrap, limits, root }: Ground): Promise<Hands> {
  const began = performance.now();
  const view = await lookAround(spec, limits, root);
  const name = `${spec.run.replace(/[^a-z0-9-]/g, '')}-${randomBytes(3).toString('hex')}`;
  const group = await openGroup(name, limits);
  const sandbox = startSandbox(bwrap, policy(view, limits), group?.doors ?? []);
  const link = linkHands(sandbox, sandbox.kill);
  void sandbox.gone.then((how) => {
    link.end(`The sandbox ended in the middle of the run: ${how}. ${sandbox.said().trim().slice(-300)}`.trim());
    // Also when the hands die by themselves: nobody may ever call close.
    return group?.remove();
  });
  try {
    const probes = await firstWord(sandbox, link, { bwrap, limits, root });
    const enforced = [...probes, ...groupPhrases(group, limits)];
    log.info('sandbox ready', { run: spec.run, milliseconds: Math.round(performance.now() - began), enforced });
    return { enforced, call: link.call, close: () => close(sandbox, link, group) };
  } catch (error) {
    await close(sandbox, link, group);
    throw error;
  }
}

/** Waits for the probes and judges them; a sandbox in which one does not hold is no sandbox. */
async function firstWord(sandbox: SandboxProcess, link: HandsLink, ground: Omit<Ground, 'log'>): Promise<string[]> {
  await sandbox.started.catch(() => {
    throw notInstalled(ground.bwrap);
  });
  const deadline = new AbortController();
  const late = wait(ground.limits.readyWithin, null, { signal: deadline.signal }).catch(() => null);
  const probes: Probe[] | null = await Promise.race([link.ready, late])
    .catch(async () => {
      await sandbox.gone;
      throw refusal(sandbox.said(), ground.bwrap, readSwitches(), ground.root);
    })
    .finally(() => deadline.abort());
  if (!probes) {
    throw new Fault(
      'sandbox.unavailable',
      `The sandbox was not ready within ${ground.limits.readyWithin / 1000} seconds.`,
      {
        cure: 'Look at what keeps this machine busy, and start the run again.',
      },
    );
  }
  const broken = probes.filter(({ held }) => !held).map(({ name }) => name);
  if (broken.length > 0 || probes.length === 0) {
    throw new Fault(
      'sandbox.unavailable',
      `The sandbox does not hold: ${broken.join(', ') || 'it reported nothing'}.`,
      {
        cure: 'Run nightshift doctor; nothing was run.',
      },
    );
  }
  return probes.map(({ name }) => name);
}

function groupPhrases(group: Group | null, limits: Limits): string[] {
  return [
    ...(group?.bounds.processes ? [processPhrase(limits)] : []),
    ...(group?.bounds.memory ? [totalMemoryPhrase(limits)] : []),
  ];
}

async function close(sandbox: SandboxProcess, link: HandsLink, group: Group | null): Promise<void> {
  link.end('The sandbox is closed.');
  sandbox.kill();
  await sandbox.gone;
  await group?.remove();
}
