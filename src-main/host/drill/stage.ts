/** What a fault of the drill works with: hosts of its scratch profile, the instants it promised, what it saw. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '#contract/api.ts';
import type { DrillFault } from '#contract/drill.ts';
import type { Event } from '#contract/events.ts';
import { type RoutineSpec, RoutineSpec as Spec } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import type { Paths } from '#host/paths.ts';
import { startTimeOf, whereabouts } from '#host/processes.ts';
import type { Promised } from './audit.ts';
import { endProcess, type Leftover, processesOf } from './leftovers.ts';
import type { Profile, ProfileOptions } from './profile.ts';

export interface DrillLink {
  client: ApiClient;
  /** Settles when the connection is gone. */
  closed: Promise<void>;
  close(): void;
}

export interface DrillHost extends DrillLink {
  hostPid: number;
}

/** How a real host process is reached; the drill is told, because doors are no part of this layer. */
export interface DrillHosts {
  /** Attaches, starting a host where none lives. */
  attach(paths: Paths, env: NodeJS.ProcessEnv): Promise<DrillHost>;
  /** Starts one more host, whether or not one lives. */
  start(paths: Paths, env: NodeJS.ProcessEnv): Promise<{ exited(): number | null }>;
  connect(socket: string): Promise<DrillLink>;
}

export interface Stage {
  profile: Profile;
  hosts: DrillHosts;
  signal: AbortSignal;
  /** A link that is a witness, to a host that is started where none lives. */
  attach(): Promise<DrillHost>;
  /** What it is told of the log is compared with the log at the end. */
  witness(link: DrillLink): void;
  heard: Event[];
  promised: Promised[];
  promise(routine: string, ...due: string[]): void;
  /** Asks until `look` gives something else than null, false and undefined. Throws with `what` after `ms`. */
  until<T>(what: string, look: () => T | Promise<T>, ms?: number): Promise<NonNullable<T>>;
  ended(client: ApiClient, run: string): Promise<Run>;
  show(...evidence: string[]): void;
  evidence: string[];
  /** Ends the host in good order; its process is gone afterwards. */
  stop(host: DrillHost): Promise<void>;
  /**
   * Closes every link and ends, by force, what has not ended `ms` milliseconds later; what that was. Null where the
   * system does not tell.
   */
  sweep(ms: number): Promise<string[] | null>;
}

/** One thing that is broken on purpose. */
export interface Fault {
  fault: DrillFault;
  done: string;
  expected: string;
  profile?: Partial<ProfileOptions>;
  /** Why it cannot be tried here, or null. */
  cannot?(): string | null | Promise<string | null>;
  /** Breaks it and brings everything to rest; what happened, as a sentence. Throws when it was not as expected. */
  run(stage: Stage): Promise<string>;
  /** The database to look at; the profile's own unless given. */
  database?(profile: Profile): string;
}

/** Thrown when something did not happen as it had to. */
export class DrillFailure extends Error {}

export function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new DrillFailure(otherwise);
}

export const routineId = 'drill';

export function routineSpec(repository: string, change: Partial<RoutineSpec> = {}): RoutineSpec {
  const plain = { name: 'Drill', prompt: 'Do the drill.', schedule: 'manual', timeZone: 'UTC' };
  return Spec.parse({ ...plain, repository, model: 'claude-opus-5-5', ...change });
}

/** A one-off instant this many milliseconds ahead. */
export function soon(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}

export function openStage(profile: Profile, hosts: DrillHosts, signal: AbortSignal): Stage {
  const heard: Event[] = [];
  const promised: Promised[] = [];
  const evidence: string[] = [];
  const links: DrillLink[] = [];

  async function until<T>(what: string, look: () => T | Promise<T>, ms = 30_000): Promise<NonNullable<T>> {
    const end = performance.now() + ms;
    for (;;) {
      signal.throwIfAborted();
      const found = await look();
      if (found !== null && found !== undefined && found !== false) return found;
      if (performance.now() > end) throw new DrillFailure(`${what} did not come within ${ms / 1000} s`);
      await pause(25);
    }
  }

  async function listen({ client }: DrillLink): Promise<void> {
    const after = heard.at(-1)?.seq ?? 0;
    for await (const item of await client.events.follow({ after })) if (item.kind === 'event') heard.push(item.event);
  }

  const witness = (link: DrillLink) => {
    links.push(link);
    // It ends with its host, in whatever way that goes.
    void listen(link).catch(() => {});
  };
  return {
    ...{ profile, hosts, signal, heard, promised, evidence, until, witness },
    async attach() {
      const host = await hosts.attach(profile.paths, profile.env);
      witness(host);
      return host;
    },
    promise(routine, ...due) {
      const known = promised.find((each) => each.routine === routine);
      if (known) known.due.push(...due);
      else promised.push({ routine, due });
    },
    async ended(client, run) {
      return until(`the end of ${run}`, async () => {
        const found = await client.runs.get({ run });
        return found.state === 'ended' ? found : null;
      });
    },
    show: (...more) => void evidence.push(...more),
    async stop(host) {
      const { hostPid: pid } = host;
      const identity = { pid, startTime: startTimeOf(pid), bootId: null, pidNamespace: null };
      await host.client.host.stop({ force: true });
      await host.closed;
      // It gives the data directory back after its doors have closed.
      await until(`the end of process ${pid}`, () => whereabouts(identity) === 'gone');
    },
    async sweep(ms) {
      for (const link of links) link.close();
      const left = await processesAfter(profile.folder, ms);
      // A process may start another in the moment in which it is ended.
      for (let round = 0; round < 50; round++) {
        const still = processesOf(profile.folder) ?? [];
        if (still.length === 0) break;
        for (const { pid } of still) endProcess(pid);
        await pause(20);
      }
      return left?.map(({ pid, what }) => `${pid} (${what})`) ?? null;
    },
  };
}

/** What still runs after `ms` milliseconds, or sooner when nothing does. Null where the system does not tell. */
async function processesAfter(folder: string, ms: number): Promise<Leftover[] | null> {
  const end = performance.now() + ms;
  for (;;) {
    const left = processesOf(folder);
    if (left === null || left.length === 0 || performance.now() >= end) return left;
    await pause(25);
  }
}
