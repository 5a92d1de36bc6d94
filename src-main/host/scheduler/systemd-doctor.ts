/** Holds what systemd has against what we want, and says both. */
import type { DoctorCheck } from '#contract/host.ts';
import { fixCure, noManagerCure, noSystemctlCure, otherHomeCure } from './registration-words.ts';
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
  /** Why the last attempt to write units failed, or ''. */
  trouble(): string;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Differences that are named one by one. */
const named = 5;

export async function systemdDoctor(parts: DoctorParts): Promise<DoctorCheck[]> {
  const manager = await askSystemd(parts.systemctl, parts.folder.path);
  if (!manager.ok) {
    const cure = sentence(manager.missing ? noSystemctlCure : noManagerCure);
    const none = `no systemd user manager: ${manager.problem}`;
    const trouble = parts.trouble();
    return [
      { name: 'OS scheduler', state: 'warning', detail: none, cure },
      // Not even a manager that starts later would find them.
      ...(trouble ? [{ name: 'OS timers', state: 'failed' as const, detail: trouble, cure: fixCure }] : []),
    ];
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
  const trouble = parts.trouble();
  if (trouble) return { name, state: 'failed', detail: trouble, cure: fixCure };
  const found = await differences(parts);
  const { detail: held, items } = await heldNow(parts);
  if (found.length === 0) return { name, state: 'ok', detail: held, items };
  const words = found.slice(0, named).map((one) => one.words);
  if (found.length > named) words.push(`${found.length - named} more are not as they should be`);
  return { name, state: 'failed', detail: `${words.join('; ')}. ${held}`, items, cure: fixCure };
}

async function heldNow({ systemctl, folder, prefix }: DoctorParts): Promise<{ detail: string; items: string[] }> {
  const states = [...((await timerStates(systemctl, prefix)) ?? [])].sort();
  const items = states.map(
    ([unit, state]) =>
      `${unit}, ${state.next === null ? 'nothing further due' : `next ${new Date(state.next).toISOString()}`}`,
  );
  const next = Math.min(...states.flatMap(([, state]) => state.next ?? []));
  const others = await folder.foreign().catch(() => 0);
  const beside = others === 0 ? '' : `; ${others} units of other programs are left alone`;
  const first = Number.isFinite(next) ? `, the next one at ${new Date(next).toISOString()}` : '';
  return { detail: (items.length === 0 ? 'none held, none wanted' : `${items.length} held${first}`) + beside, items };
}

export interface Difference {
  unit: string;
  /** One phrase for a person. */
  words: string;
  /** systemd remembers a last fire that has not been yet, and waits for it. */
  ahead?: boolean;
}

/** What is not as it should be. Without known wishes: the files that the manager does not run. */
export async function differences(
  parts: Pick<DoctorParts, 'desired' | 'folder' | 'systemctl' | 'prefix' | 'now'>,
): Promise<Difference[]> {
  const { desired, folder, systemctl, prefix, now } = parts;
  const actual = await folder.read();
  const wanted = desired() ?? actual;
  const isTimer = (unit: string) => unit.endsWith('.timer');
  const states = await timerStates(systemctl, prefix);
  const found: Difference[] = [];
  for (const [unit, content] of wanted) {
    const held = actual.get(unit);
    // Only what enables it may be left; then there is a name without a text.
    if (!held) found.push({ unit, words: `${unit} is missing` });
    else if (held !== content) found.push({ unit, words: `${unit} was changed by someone else` });
    else if (isTimer(unit) && !states?.get(unit)?.active) found.push({ unit, words: `${unit} is not active` });
    else if (isTimer(unit) && !(await folder.enabled(unit))) found.push({ unit, words: `${unit} is not enabled` });
  }
  const held = new Set([...actual.keys(), ...(states?.keys() ?? [])]);
  for (const unit of held) if (!wanted.has(unit)) found.push({ unit, words: `${unit} belongs to no routine` });
  return [...found, ...(await stampsAhead(folder, [...wanted.keys()].filter(isTimer), now()))];
}

async function stampsAhead(folder: UnitFolder, timers: string[], now: number): Promise<Difference[]> {
  const stamps = await Promise.all(timers.map(async (unit) => ({ unit, last: await folder.lastFire(unit) })));
  return stamps.flatMap(({ unit, last }) => {
    // A second of room for two clocks that are read one after the other.
    if (last === null || last <= now + 1000) return [];
    return [{ unit, words: `${unit} has a stamp from the future (${new Date(last).toISOString()})`, ahead: true }];
  });
}
