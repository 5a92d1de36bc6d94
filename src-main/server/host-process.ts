/** The life of one host process: lease, product, doors, and the way out. */
import { join } from 'node:path';
import { Fault } from '#contract/faults.ts';
import type { Clock, Ids, Log } from '#core/ports.ts';
import { createIds, systemClock } from '#host/clock.ts';
import { crashWithoutMemory } from '#host/crash-files.ts';
import { prepareDataDirectory } from '#host/data-directory.ts';
import { acquireLease, type Lease } from '#host/lease.ts';
import { openLog, wantsContent } from '#host/log.ts';
import { type Paths, resolvePaths } from '#host/paths.ts';
import { createSecrets, type Secrets } from '#host/secrets.ts';
import { productRoot } from '#host/self.ts';
import { type Composed, type Serving, type Surroundings, serve } from './serve.ts';
import { clearStartError, writeStartError } from './start-error.ts';
import { productVersion } from './version.ts';

export interface ComposeInput {
  paths: Paths;
  /** Without the key, because child processes get it. */
  env: NodeJS.ProcessEnv;
  /** The model's key, where the person put it into the environment. */
  key: string | undefined;
  log: Log;
  clock: Clock;
  ids: Ids;
  /** Grows with every change of hands of the data directory. */
  fence: number;
  secrets: Secrets;
  surroundings: Surroundings;
}

/** Throws Faults such as `data.newer`; on throwing it leaves nothing open. */
export type Compose = (input: ComposeInput) => Promise<Composed>;

const defaultIdleMs = 10_000;

/** Runs until there is nothing left to do and returns the exit code: 0 also when another host lives, 1 for any failure. */
export async function runHost(given: NodeJS.ProcessEnv, compose: Compose): Promise<number> {
  crashWithoutMemory();
  const { ANTHROPIC_API_KEY: key, ...env } = given;
  const paths = resolvePaths(env);
  const clock = systemClock;
  const secrets = createSecrets();
  secrets.know(key);
  const log = openLog(paths.log, clock, undefined, secrets.text, wantsContent(env));
  let lease: Lease | undefined;
  let started = false;
  try {
    prepareDataDirectory(paths.data);
    const answer = acquireLease(paths, clock, (why) => {
      // Not a write more: somebody else owns the directory now.
      console.error(`Nightshift host ${process.pid} stops at once: ${why}.`);
      process.exit(1);
    });
    if (!answer.held) return 0;
    lease = answer.lease;
    exitOnBugs(log);
    clearStartError(paths);
    const { fence, identity } = lease;
    const ids = createIds(clock);
    const serving = await serve({
      ...{ paths, identity, clock, log, secrets },
      version: productVersion(),
      idleMs: idleMs(env),
      page: join(productRoot, 'out', 'renderer'),
      compose: (surroundings) => compose({ paths, env, key, log, clock, ids, fence, secrets, surroundings }),
    });
    started = true;
    stopOnSignals(serving);
    await serving.stopped;
    return 0;
  } catch (error) {
    log.error('the host failed', error);
    console.error(secrets.error(error));
    if (!started) writeStartError(paths, asFault(error, paths), clock.now());
    return 1;
  } finally {
    lease?.release();
  }
}

function asFault(error: unknown, paths: Paths): Fault {
  if (error instanceof Fault) return error;
  return new Fault('internal', `The host could not start: ${error instanceof Error ? error.message : String(error)}`, {
    cure: `See ${paths.log}.`,
    cause: error,
  });
}

function idleMs(env: NodeJS.ProcessEnv): number {
  const asked = Number(env.NIGHTSHIFT_IDLE_MS || defaultIdleMs);
  return Number.isFinite(asked) && asked >= 0 ? asked : defaultIdleMs;
}

/** A second signal ends the process as it is: every later start copes with that. */
function stopOnSignals(serving: Serving): void {
  let asked = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (asked) process.exit(1);
      asked = true;
      void serving.stop(signal).catch(() => {});
    });
}

function exitOnBugs(log: Log): void {
  for (const kind of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(kind, (error: unknown) => {
      log.error(`host ends: ${kind}`, error);
      process.exit(1);
    });
}
