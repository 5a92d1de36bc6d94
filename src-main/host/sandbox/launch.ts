/** Gives a run its hands inside the sandbox of this system, or says why not; nothing ever runs outside one. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import type { HandsResult } from '#contract/hands.ts';
import type { Hands, Log, Sandbox } from '#core/ports.ts';
import { type Budget, createBudget } from '#host/egress/budget.ts';
import { denial } from '#host/egress/denials.ts';
import { type Egress, type EgressOptions, openEgress } from '#host/egress/open.ts';
import { openBounds } from './bounds-linux.ts';
import type { Group } from './cgroup-linux.ts';
import { descendantsNow } from './descendants-linux.ts';
import { watchDisk } from './disk-watch.ts';
import { examine } from './doctor.ts';
import { firstWord } from './first-word.ts';
import { type ReadSettings, rememberSettings } from './git-settings.ts';
import { type HandsLink, linkHands } from './hands-link.ts';
import { findHostSockets } from './host-sockets-linux.ts';
import { seatbeltWall } from './launch-darwin.ts';
import { defaultLimits, type Limits, processPhrase, size, totalMemoryPhrase } from './limits.ts';
import { watchKills, watchMemory } from './memory-watch-linux.ts';
import { policy } from './policy-linux.ts';
import { createStarter, type SandboxProcess, type Starter } from './process-linux.ts';
import { oldestBubblewrap, wrongPlatform } from './refusal-linux.ts';
import { filesAt, lookAround } from './view-linux.ts';
import { type Need, type Wall, type WallSpec, whose } from './wall.ts';

export interface SandboxOptions {
  log: Log;
  platform?: NodeJS.Platform;
  /** Path of bubblewrap. */
  bwrap?: string;
  /** Other figures than the usual ones, for tests. */
  limits?: Partial<Limits>;
  /** Path of macOS's own launcher. */
  sandboxExec?: string;
  /** For a process that lives on: what its next sandbox starts with is made ready after each, so that it starts sooner. */
  ahead?: boolean;
  /** Another wall than this system's own. */
  wall?: Wall;
  /** Another internet than the real one, for tests. */
  network?: Omit<EgressOptions, 'budget'>;
}

/** A launch without a repository is a trial of the machine, or one command in a plain folder. */
export type LaunchSpec = WallSpec;

export interface LinuxSandbox extends Sandbox {
  launch(spec: LaunchSpec): Promise<Hands>;
}

export function createSandbox(options: SandboxOptions): LinuxSandbox {
  const platform = options.platform ?? process.platform;
  const bwrap = options.bwrap ?? (existsSync('/usr/bin/bwrap') ? '/usr/bin/bwrap' : 'bwrap');
  const limits = { ...defaultLimits(), ...options.limits };
  const { log, sandboxExec, ahead = false } = options;
  const wall =
    options.wall ??
    (platform === 'linux'
      ? bubblewrapWall({ log, bwrap, limits, ahead, ...(options.network ? { network: options.network } : {}) })
      : platform === 'darwin'
        ? seatbeltWall({ log, limits, ...(sandboxExec ? { sandboxExec } : {}) })
        : null);
  const start = async (spec: LaunchSpec): Promise<Hands> => {
    if (!wall) throw wrongPlatform(platform);
    return wall.launch(spec);
  };
  return {
    launch: start,
    ...(wall?.seenAt ? { seenAt: (worktree: string) => wall.seenAt?.(worktree) ?? worktree } : {}),
    ...(wall?.filesAt ? { filesAt: wall.filesAt } : {}),
    doctor: (detail) => examine({ platform, start, wall }, detail ?? false),
  };
}

type BubblewrapOptions = Pick<SandboxOptions, 'log' | 'network'> & { bwrap: string; limits: Limits; ahead: boolean };

function bubblewrapWall({ log, bwrap, limits, ahead, network: outside }: BubblewrapOptions): Wall {
  // A run's sandbox may be started anew; what it has used of the network stays used.
  const budgets = new Map<string, Budget>();
  const settings = rememberSettings();
  const starter = createStarter(bwrap, ahead);
  const begin = async (spec: LaunchSpec): Promise<Hands> => {
    const { network } = spec;
    const usual = { bytes: limits.networkBytes, requests: limits.networkRequests };
    const budget = budgets.get(spec.run) ?? createBudget({ ...usual, ...network });
    if (network) budgets.set(spec.run, budget);
    const egress = network ? openEgress(network, { budget, ...outside }) : Promise.resolve(null);
    const ground = { log, bwrap, limits, root: process.getuid?.() === 0, egress, settings, starter };
    return launch(spec, ground).catch(async (error) => {
      await (await egress.catch(() => null))?.close();
      throw error;
    });
  };
  const start = (spec: LaunchSpec): Promise<Hands> =>
    begin(spec).catch((error: unknown) => {
      if (error instanceof EndedWaiting) return begin(spec);
      throw error;
    });
  return { name: 'bubblewrap', verified: true, needs: needs(bwrap), filesAt, launch: start };
}

const needs = (bwrap: string): Need[] => [
  { name: 'bubblewrap', program: bwrap, oldest: oldestBubblewrap, install: 'sudo apt install bubblewrap' },
  { name: 'git', program: 'git', oldest: '2.20.0', install: 'sudo apt install git' },
];

interface Ground {
  log: Log;
  bwrap: string;
  limits: Limits;
  root: boolean;
  egress: Promise<Egress | null>;
  settings: ReadSettings;
  starter: Starter;
}

async function launch(
  spec: LaunchSpec,
  { log, bwrap, limits, root, egress: opening, settings, starter }: Ground,
): Promise<Hands> {
  const began = performance.now();
  const bare = spec.gitDirectory === null && !existsSync(join(spec.worktree, '.git'));
  const looking = findHostSockets(spec.worktree);
  const view = await lookAround(spec, limits, root, opening, settings, looking);
  const sockets = await looking;
  const egress = await opening;
  const name = `${spec.run.replace(/[^a-z0-9-]/g, '')}-${randomBytes(3).toString('hex')}`;
  const rules = policy(view, limits);
  const sandbox = starter.start(rules);
  // While it is being set up: making a group and joining it takes the kernel as long as that.
  const making = openBounds(name, limits);
  const entered = Promise.all([sandbox.first, making]).then(async ([first, group]) => {
    await group?.enter([first]);
    // Who was started meanwhile: right after the first the kernel takes others in at once, later it lets them wait again.
    await group?.enter(descendantsNow(first));
  });
  const link = linkHands(sandbox, sandbox.kill);
  const letGo = async () => Promise.all([(await making)?.remove(), egress?.close()]);
  void sandbox.gone.then((how) => {
    link.end(`The sandbox ended in the middle of the run: ${how}. ${sandbox.said().trim().slice(-300)}`.trim());
    // Also when the hands die by themselves: nobody may ever call close.
    return letGo();
  });
  const close = async (): Promise<void> => {
    link.end('The sandbox is closed.');
    sandbox.kill();
    await sandbox.gone;
    // The mount needed a place; an empty folder is all that it can be.
    if (bare) await rmdir(join(spec.worktree, '.git')).catch(() => {});
    await letGo();
  };
  try {
    await sandbox.supplied;
    const probes = await firstWord(sandbox, link, { bwrap, root, readyWithin: limits.readyWithin });
    const first = await Promise.race([sandbox.first, sandbox.gone.then(() => 0)]);
    const group = await making;
    const [inside] = await Promise.all([group && joined(group, first, entered), egress?.hide()]);
    const bounds = group && inside ? group.bounds : { processes: false, memory: false };
    const words = egress ? [egress.phrase] : [];
    const enforced = [...probes.map((probe) => probe.name), ...words, ...boundPhrases(bounds, limits, group?.kind)];
    // Making a process stops this one for milliseconds, and one that runs is in the way of those that start.
    const looked = immediate().then(() => sockets.lookThrough());
    void looked.finally(() => starter.prepare(rules));
    log.info('sandbox ready', { ...whose(spec.run), milliseconds: Math.round(performance.now() - began), enforced });
    const exposed = (path: string): void => {
      link.end(`A program of this machine listens at ${path}, in the worktree: the sandbox was ended.`);
      sandbox.kill();
    };
    const ends = (code: string, what: string) => endsWhatFills(link, sandbox, code, what);
    const watches = [watchDisk(spec.worktree, limits, ends('tool.disk_limit', 'The disk'))];
    const full = ends('tool.memory_limit', 'The memory');
    const killed = bounds.memory && group?.killed;
    watches.push(killed ? watchKills(killed, full) : watchMemory(first, limits.totalMemory, full));
    void sandbox.gone.then(() => {
      for (const stop of watches) stop();
    });
    watches.push(sockets.watch(exposed));
    const overlooked = looked.then((path) => path !== null && exposed(path));
    const call: Hands['call'] = async (...args) => {
      await overlooked;
      return withRefusals(await link.call(...args), egress);
    };
    return { enforced, probes, call, close };
  } catch (error) {
    await close();
    throw sandbox.endedWaiting() ? new EndedWaiting('What was ready for it was ended.') : error;
  }
}

/** Nothing was inside yet; the next is not made of what waits. */
class EndedWaiting extends Error {}

/** The hands are asked first, so that the run can go on; where they do not obey, the sandbox itself is ended. */
function endsWhatFills(link: HandsLink, sandbox: SandboxProcess, code: string, what: string): () => void {
  /** Milliseconds in which what was asked must have had an effect. */
  const obey = 2000;
  let asked = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() - asked < obey) {
      link.end(`${what} was filling up, and went on filling: the sandbox was ended.`);
      return sandbox.kill();
    }
    asked = performance.now();
    link.endAll(code);
  };
}

/** Programs often keep the reason of a refusal to themselves: the model reads it here. */
function withRefusals(result: HandsResult, egress: Egress | null): HandsResult {
  const lines = (egress?.refusals() ?? []).map(({ code, ...at }) =>
    JSON.stringify(denial(code ?? 'net.unreachable', at)),
  );
  const unseen = [...new Set(lines)].filter((line) => !result.text.includes(line));
  return unseen.length === 0 ? result : { ...result, text: [result.text, ...unseen].join('\n') };
}

/** Whoever was started before the first process had joined is taken in now; nothing of the run has been started yet. */
async function joined(group: Group, first: number, entered: Promise<void>): Promise<boolean> {
  await entered;
  // The probes' own helpers may be just leaving while one looks.
  for (let tries = 0; tries < 5; tries++) {
    if (await group.holds(descendantsNow(first))) return true;
    await group.enter(descendantsNow(first));
  }
  return false;
}

function boundPhrases(bounds: Group['bounds'], limits: Limits, kind = ''): string[] {
  return [
    ...(bounds.processes ? [processPhrase(limits)] : []),
    bounds.memory
      ? `${totalMemoryPhrase(limits)}, kept by ${kind}`
      : `${totalMemoryPhrase(limits)}, looked at four times a second`,
    `at most ${size(limits.worktreeGrowth)} of growth of the worktree, looked at four times a second`,
    "other programs' sockets in the worktree out of reach, new ones looked for four times a second",
  ];
}
