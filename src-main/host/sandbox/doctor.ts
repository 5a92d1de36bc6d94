/** Answers whether a run could start on this machine, by starting an empty one. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Fault } from '#contract/faults.ts';
import type { DoctorCheck } from '#contract/host.ts';
import type { Hands } from '#core/ports.ts';
import type { LaunchSpec } from './launch.ts';
import { wrongPlatform } from './refusal-linux.ts';
import { tellTruth } from './truth.ts';
import { type Need, unverifiedPhrase, type Wall } from './wall.ts';
import { wslSteps } from './wsl.ts';

const run = promisify(execFile);

export interface Patient {
  platform: NodeJS.Platform;
  start(spec: LaunchSpec): Promise<Hands>;
  /** Null: there is none for this system. */
  wall: Wall | null;
}

/** Never throws. */
export async function examine({ platform, start, wall }: Patient, detail: boolean): Promise<DoctorCheck[]> {
  if (!wall) {
    const { message, cure } = wrongPlatform(platform);
    const steps = platform === 'win32' ? ` Unverified steps: ${wslSteps().join(' · ')}.` : '';
    return [{ name: 'sandbox', state: 'failed', detail: message, cure: `${cure}${steps}` }];
  }
  if (!wall.verified) return examineUnverified(wall, start);
  const [programs, trial, truth] = await Promise.all([
    Promise.all(wall.needs.map(version)),
    tryLaunch(start),
    detail ? tellTruth(start) : [],
  ]);
  return [...programs, ...trial, ...truth];
}

/** A wall that never really ran is a warning, however well it does here. */
async function examineUnverified(wall: Wall, start: Patient['start']): Promise<DoctorCheck[]> {
  const tried = (await tryLaunch(start)).filter(({ name }) => name === 'sandbox');
  if (tried.some(({ state }) => state === 'failed')) return tried;
  const cure = 'Look at what its runs do, or run Nightshift on Linux or in a Linux virtual machine.';
  return [...tried, { name: 'sandbox', state: 'warning', detail: unverifiedPhrase(wall), cure }];
}

async function version({ name, program, oldest, install }: Need): Promise<DoctorCheck> {
  try {
    const { stdout } = await run(program, ['--version'], { timeout: 10_000 });
    const found = stdout.match(/\d+(\.\d+)+/)?.[0] ?? '';
    if (found.localeCompare(oldest, 'en', { numeric: true }) >= 0)
      return { name, state: 'ok', detail: `version ${found}` };
    return {
      name,
      state: 'failed',
      detail: `version ${found || 'unknown'}; ${oldest} or newer is needed`,
      cure: `Update it: ${install}`,
    };
  } catch {
    return { name, state: 'failed', detail: `${program} cannot be started`, cure: `Install it: ${install}` };
  }
}

async function tryLaunch(start: Patient['start']): Promise<DoctorCheck[]> {
  const directory = await mkdtemp(join(tmpdir(), 'nightshift-doctor-'));
  try {
    const hands = await start({ run: 'doctor', worktree: directory, gitDirectory: null, access: 'read' });
    const answer = await hands.call('Bash', { command: 'true' }).finally(() => hands.close());
    if (!answer.ok) return [{ name: 'sandbox', state: 'failed', detail: answer.text, cure: 'Look at the host log.' }];
    const { enforced } = hands;
    const detail = `started just now, with ${enforced.length} ${enforced.length === 1 ? 'bound' : 'bounds'} in force`;
    return [{ name: 'sandbox', state: 'ok', detail, items: enforced }, bounds(enforced)];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [{ name: 'sandbox', state: 'failed', detail: error.message, cure: error.cure }];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function bounds(enforced: string[]): DoctorCheck {
  const name = 'sandbox limits';
  if (enforced.some((phrase) => phrase.endsWith(' processes'))) {
    return { name, state: 'ok', detail: 'the number of processes of a run is bounded' };
  }
  return {
    name,
    state: 'warning',
    detail: 'the number of processes of a run cannot be bounded for root here',
    cure: 'Run Nightshift as a normal user.',
  };
}
