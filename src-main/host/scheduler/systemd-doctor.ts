/** Holds what systemd has against what we want, mends the difference, and says both. */
import type { DoctorCheck } from '#contract/host.ts';
import { noManagerCure, noSystemctlCure, otherHomeCure } from './registration-words.ts';
import type { Systemctl } from './systemctl.ts';
import { timerStates } from './timer-states.ts';
import type { UnitFolder } from './unit-folder.ts';
import { askSystemd } from './user-systemd.ts';

export interface DoctorParts {
  systemctl: Systemctl;
  folder: UnitFolder;
  prefix: string;
  lingers(): Promise<boolean | null>;
  /** Units as they should be; null while nobody has said yet what is wanted. */
  desired(): Map<string, string> | null;
  /** Writes what is wanted once more. */
  heal(): Promise<void>;
}

export async function systemdDoctor(parts: DoctorParts): Promise<DoctorCheck[]> {
  const manager = await askSystemd(parts.systemctl, parts.folder.path);
  if (!manager.ok) {
    const cure = sentence(manager.missing ? noSystemctlCure : noManagerCure);
    return [{ name: 'OS scheduler', state: 'warning', detail: `no systemd user manager: ${manager.problem}`, cure }];
  }
  if (manager.readsInstead !== null) {
    const detail = `the systemd user manager that answers reads ${manager.readsInstead}, not ${parts.folder.path}; none of our timers fires`;
    return [{ name: 'OS scheduler', state: 'warning', detail, cure: sentence(otherHomeCure) }];
  }
  const checks: DoctorCheck[] = [
    { name: 'OS scheduler', state: 'ok', detail: `the systemd user manager answers (systemd ${manager.version})` },
    await timers(parts),
  ];
  if ((await parts.lingers()) === false)
    checks.push({
      name: 'Timers after log-out',
      state: 'warning',
      detail: 'the user manager, and every timer with it, stops when you log out',
      cure: 'Run `loginctl enable-linger`',
    });
  return checks;
}

function sentence(phrase: string): string {
  return `${phrase[0]?.toUpperCase()}${phrase.slice(1)}.`;
}

async function timers(parts: DoctorParts): Promise<DoctorCheck> {
  const name = 'OS timers';
  const found = await differences(parts);
  if (found.length === 0) return { name, state: 'ok', detail: await heldNow(parts) };
  await parts.heal();
  const left = await differences(parts);
  if (left.length === 0) return { name, state: 'ok', detail: `mended: ${found.join('; ')}. ${await heldNow(parts)}` };
  return {
    name,
    state: 'warning',
    detail: left.join('; '),
    cure: `See \`systemctl --user list-timers '${parts.prefix}-*'\``,
  };
}

async function heldNow({ systemctl, prefix }: DoctorParts): Promise<string> {
  const states = [...((await timerStates(systemctl, prefix, [])) ?? [])].sort();
  const list = states.map(
    ([unit, state]) => `${unit} ${state.next === null ? '–' : new Date(state.next).toISOString()}`,
  );
  return list.length === 0 ? 'none held, none wanted' : `${list.length} held: ${list.join(', ')}`;
}

/** One phrase per unit that is not as it should be. Without known wishes: per file that the manager does not run. */
async function differences({ desired, folder, systemctl, prefix }: DoctorParts): Promise<string[]> {
  const actual = await folder.read();
  const wanted = desired() ?? actual;
  const isTimer = (unit: string) => unit.endsWith('.timer');
  const states = await timerStates(systemctl, prefix, [...wanted.keys()].filter(isTimer));
  const found: string[] = [];
  for (const [unit, content] of wanted) {
    if (!actual.has(unit)) found.push(`${unit} is missing`);
    else if (actual.get(unit) !== content) found.push(`${unit} was changed by someone else`);
    else if (isTimer(unit) && !states?.get(unit)?.active) found.push(`${unit} is not active`);
  }
  const held = new Set([...actual.keys(), ...(states?.keys() ?? [])]);
  for (const unit of held) if (!wanted.has(unit)) found.push(`${unit} belongs to no routine`);
  return found;
}
