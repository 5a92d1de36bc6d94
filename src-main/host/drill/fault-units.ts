/** The OS scheduler's files are edited and deleted, and `doctor --fix` heals them. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DoctorCheck } from '#contract/host.ts';
import { runProgram } from '#host/scheduler/run-program.ts';
import { resource } from '#host/self.ts';
import type { Profile } from './profile.ts';
import { type Fault, must, routineId, routineSpec, type Stage, soon } from './stage.ts';

interface Place {
  env: Record<string, string>;
  name: string;
  log: string;
  settings: string;
}

/** What the set-up script for containers offers; it comes with the source, not with the package. */
interface Starter {
  managerProblem(): string | null;
  startManager(place: Place): Promise<void>;
  stopManager(place: Place, signal: NodeJS.Signals): Promise<void>;
}

/** A user manager of the profile's own, or why there is none. */
async function privateSystemd({ env, folder, paths }: Profile): Promise<string | { stop(): Promise<void> }> {
  const file = resource('setup', 'user-manager.mjs');
  if (!existsSync(file)) return 'the package does not bring what starts a user manager of its own';
  const { managerProblem, startManager, stopManager } = (await import(pathToFileURL(file).href)) as Starter;
  const problem = managerProblem();
  if (problem !== null) return problem;
  const settings = join(env.HOME ?? folder, '.config', 'systemd', 'user.conf.d');
  const place = { env, name: paths.unitPrefix, log: join(folder, 'manager.log'), settings };
  await startManager(place);
  return { stop: () => stopManager(place, 'SIGKILL') };
}

function unitsOf({ env, paths }: Profile) {
  const folder = join(env.XDG_CONFIG_HOME ?? '', 'systemd', 'user');
  const names = () => readdirSync(folder).filter((name) => name.startsWith(paths.unitPrefix));
  const snapshot = () => new Map(names().map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  return { folder, snapshot };
}

const timersOf = (checks: DoctorCheck[]) => checks.find(({ name }) => name === 'OS timers');

export const unitsBroken: Fault = {
  fault: 'units_broken',
  done: 'one unit file of the OS scheduler overwritten and the others deleted, then healed with doctor --fix',
  expected: 'doctor names the damage, --fix restores every file, and the healed timer fires once',
  async cannot() {
    if (process.platform !== 'linux') return 'unit files are those of systemd, on Linux only';
    const { missing } = await runProgram('systemctl', ['--version'], process.env);
    return missing ? 'systemctl is not installed' : null;
  },
  async run(stage) {
    const manager = await privateSystemd(stage.profile);
    try {
      return await breakAndHeal(stage, typeof manager === 'string' ? manager : null);
    } finally {
      if (typeof manager !== 'string') await manager.stop();
    }
  },
};

/** `unmanaged`: why no manager reads the files; then the files alone are looked at. */
async function breakAndHeal(stage: Stage, unmanaged: string | null): Promise<string> {
  const { profile, attach, until, show, stop, promise, ended } = stage;
  const host = await attach();
  const { client } = host;
  const spec = routineSpec(profile.repository, { schedule: '0 3 * * *' });
  await client.routines.add({ id: routineId, spec });
  const { folder, snapshot } = unitsOf(profile);
  const whole = await until('the unit files', () => (existsSync(folder) && snapshot().size > 1 ? snapshot() : null));
  const [edited = '', ...deleted] = [...whole.keys()].sort((a) => (a.endsWith('.timer') ? -1 : 1));
  writeFileSync(join(folder, edited), '[Timer]\nOnCalendar=never\n');
  for (const name of deleted) rmSync(join(folder, name));

  const sick = timersOf(await client.host.doctor({ fix: false }));
  must(unmanaged !== null || sick?.state === 'failed', `doctor found nothing amiss: ${sick?.detail}`);
  const healed = timersOf(await client.host.doctor({ fix: true }));
  must(unmanaged !== null || healed?.state === 'ok', `doctor --fix left: ${healed?.detail}`);
  const now = snapshot();
  const different = [...whole.keys()].filter((name) => now.get(name) !== whole.get(name));
  must(different.length === 0 && now.size === whole.size, `not restored: ${different.join(', ') || 'too many files'}`);
  show(`${edited} overwritten, ${deleted.length} files deleted, ${whole.size} restored`);
  if (unmanaged !== null) {
    await stop(host);
    return `the files were restored byte for byte; firing was not tried, without a user manager: ${unmanaged}`;
  }
  show(`doctor said: ${sick?.detail}`);
  const at = soon(4000);
  await client.routines.fireAt({ routine: routineId, at });
  promise(routineId, at);
  const row = await until('the fire of the healed timer', async () => {
    const rows = await client.routines.ledger({ routine: routineId });
    return rows.find(({ dueAt }) => dueAt === at);
  });
  const over = await ended(client, row.run ?? '');
  await stop(host);
  must(over.outcome === 'proposed', `the run ended as ${over.outcome}: ${over.reason?.message}`);
  show(`noticed first by ${row.claimedBy}`);
  return `doctor named the damage and mended it, and the next instant was noticed by ${row.claimedBy} and ran`;
}
