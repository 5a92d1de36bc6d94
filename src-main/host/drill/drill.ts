/** Breaks everything that a night can break, one fault after the other in scratch profiles, and has each account audited. */
import type { DrillItem, DrillResult } from '#contract/drill.ts';
import { Fault as PlannedFault } from '#contract/faults.ts';
import type { Log } from '#core/ports.ts';
import { createSandbox } from '#host/sandbox/launch.ts';
import { audit, type Finding } from './audit.ts';
import { clockBack, clockForwards, slept } from './fault-clock.ts';
import { diskFull } from './fault-disk.ts';
import { keyRevoked } from './fault-key.ts';
import { hostFrozen, runnerKilled, twoHosts } from './fault-processes.ts';
import { unitsBroken } from './fault-units.ts';
import { openProfile, type Profile, removeOldProfiles } from './profile.ts';
import { type DrillHosts, type Fault, openStage, type Stage } from './stage.ts';

export interface DrillOptions {
  hosts: DrillHosts;
  log: Log;
  signal: AbortSignal;
  /** Only these; all of them when left out. */
  only?: readonly DrillResult['fault'][];
  /** Called with the database when everything of a fault has come to rest and before it is audited; for tests. */
  beforeAudit?(fault: DrillResult['fault'], database: string): void;
}

const faults: readonly Fault[] = [
  ...[runnerKilled, hostFrozen, clockForwards, clockBack, slept],
  ...[diskFull, keyRevoked, unitsBroken, twoHosts],
];
/** Milliseconds in which everything of a profile has to have ended by itself. */
const quietWithin = 10_000;

/** One item when a fault begins and one with its result. An aborted signal ends it; every profile is removed either way. */
export async function* runDrill(options: DrillOptions): AsyncGenerator<DrillItem, void, void> {
  removeOldProfiles();
  const noSandbox = await sandboxProblem(options.log);
  for (const each of faults) {
    const { fault, done } = each;
    if (options.only && !options.only.includes(fault)) continue;
    options.signal.throwIfAborted();
    yield { kind: 'began', fault, done };
    yield { kind: 'result', result: await tryFault(each, options, noSandbox) };
  }
}

/** Every fault needs a run; without a sandbox there is none. */
async function sandboxProblem(log: Log): Promise<string | null> {
  const failed = (await createSandbox({ log }).doctor()).find(({ state }) => state === 'failed');
  return failed ? `no run can be started here: ${failed.detail}` : null;
}

async function tryFault(each: Fault, options: DrillOptions, noSandbox: string | null): Promise<DrillResult> {
  const { fault, done, expected } = each;
  const began = performance.now();
  const result = (outcome: Pick<DrillResult, 'state' | 'happened' | 'evidence' | 'problems'>): DrillResult => ({
    ...{ fault, done, expected, ...outcome },
    milliseconds: Math.round(performance.now() - began),
  });
  const cannot = noSandbox ?? (await each.cannot?.()) ?? null;
  if (cannot !== null) return result({ state: 'skipped', happened: cannot, evidence: [], problems: [] });
  let profile: Profile | undefined;
  try {
    profile = await openProfile({ command: 'echo mended > drill.txt', ...each.profile });
    const { happened, evidence, problems } = await inProfile(each, options, profile);
    return result({ state: problems.length === 0 ? 'held' : 'failed', happened, evidence, problems });
  } catch (error) {
    options.signal.throwIfAborted();
    options.log.error('a fault of the drill', error, { fault });
    return result({ state: 'failed', happened: 'it broke off', evidence: [], problems: [wordsOf(error)] });
  } finally {
    await profile?.close();
  }
}

async function inProfile(each: Fault, options: DrillOptions, profile: Profile) {
  const stage = openStage(profile, options.hosts, options.signal);
  const untouched = profile.fingerprint();
  let happened = 'it broke off';
  let problems: string[] = [];
  try {
    happened = await each.run(stage);
  } catch (error) {
    options.signal.throwIfAborted();
    options.log.error('a fault of the drill', error, { fault: each.fault });
    problems.push(wordsOf(error));
  } finally {
    const left = await stage.sweep(problems.length > 0 || options.signal.aborted ? 0 : quietWithin);
    // What a fault that broke off left running is a consequence, no finding.
    if (problems.length === 0) problems = (left ?? []).map((what) => `still running: ${what}`);
    stage.show(left === null ? 'processes: this system does not tell' : `${left.length} processes left running`);
  }
  const database = each.database?.(profile) ?? profile.paths.database;
  options.beforeAudit?.(each.fault, database);
  const found = auditStage(database, stage);
  problems.push(...found.lies);
  if (profile.fingerprint() !== untouched) problems.push('the checkout was touched');
  const told = new Set(stage.heard.map(({ seq }) => seq)).size;
  return { happened, evidence: [...stage.evidence, ...found.rows, `${told} events told, ${found.log}`], problems };
}

function auditStage(database: string, { promised, heard }: Stage): Finding {
  try {
    return audit(database, promised, heard);
  } catch (error) {
    return { rows: [], log: 'the log was not read', lies: [`the account cannot be read: ${wordsOf(error)}`] };
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof PlannedFault) return [error.message, error.cure].filter(Boolean).join(' ');
  return error instanceof Error ? error.message : String(error);
}
