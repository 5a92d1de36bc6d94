/** All routines of a data directory. Their folders are the truth for intent; one broken folder never takes others down. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '#contract/faults.ts';
import { RoutineId, RoutineSpec } from '#contract/routines.ts';
import { taskRoutine } from '#contract/tasks.ts';
import { readSchedule } from '#core/calendar/calendar.ts';
import { readLoop } from '#core/session/loop-words.ts';
import { guarded } from '#core/store/data-faults.ts';
import { type Reading, readFolder, settingsFile, skillFile, writeFolder } from './folder.ts';

export type RoutineEntry = { id: string; folder: string } & Reading;

export interface Routines {
  /** Every routine folder, by id, broken ones included. `only`: that one, or none. */
  list(only?: string): RoutineEntry[];
  exists(id: string): boolean;
  /** Throws `not_found`. */
  get(id: string): RoutineEntry;
  /** Throws `not_found`, and `input` with file and line for a broken one. */
  usable(id: string): RoutineEntry & { spec: RoutineSpec };
  /** Throws `conflict` when the id is taken, `input` for a schedule or zone that makes no sense. Returns the id. */
  add(id: string | undefined, spec: RoutineSpec): string;
  /** Replaces both files. Throws `not_found` and `input`. */
  save(id: string, spec: RoutineSpec): void;
  remove(id: string): void;
  /** Names of what lies among the routines but cannot be one, because its name is no id. */
  strays(): string[];
}

/** Names of devices on Windows: a repository with such a folder cannot be checked out there. */
const device = /^(con|prn|aux|nul|com\d|lpt\d)$/;

export function openRoutines(directory: string): Routines {
  const folderOf = (id: string) => join(directory, id);
  const known = new Map<string, { stamp: string; reading: Reading }>();

  /** Reading 500 folders takes longer than a due check may: what has not changed on disk is not read again. */
  function read(folder: string): Reading {
    const stamp = stampOf(folder);
    const before = known.get(folder);
    if (before && stamp !== null && before.stamp === stamp) return before.reading;
    const reading = readFolder(folder);
    if (stamp === null) known.delete(folder);
    else known.set(folder, { stamp, reading });
    return reading;
  }

  const isId = (name: string) => RoutineId.safeParse(name).success;
  const exists = (id: string) => isId(id) && isFolder(folderOf(id));

  /** Names of folders, links to them included: routines may be kept elsewhere, in a repository of their own. */
  function folders(): string[] {
    const entries = existsSync(directory) ? readdirSync(directory, { withFileTypes: true }) : [];
    return entries
      .filter((entry) => entry.isDirectory() || (entry.isSymbolicLink() && isFolder(folderOf(entry.name))))
      .map((entry) => entry.name);
  }

  function entryOf(id: string): RoutineEntry {
    const folder = folderOf(id);
    return { id, folder, ...read(folder) };
  }

  function get(id: string): RoutineEntry {
    if (!exists(id))
      throw new Fault('not_found', `There is no routine called "${id}".`, {
        field: 'routine',
        cure: 'See `nightshift routines list`.',
      });
    return entryOf(id);
  }

  return {
    list(only) {
      if (only !== undefined) return exists(only) ? [entryOf(only)] : [];
      // Ids are of plain letters; comparing them as a language does takes as long as reading the folders.
      return folders()
        .filter(isId)
        .map(entryOf)
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    // A dot begins what is being built or taken away.
    strays: () => folders().filter((name) => !name.startsWith('.') && !isId(name)),
    exists,
    get,
    usable(id) {
      const entry = get(id);
      if (entry.spec) return entry;
      const { file, line, message, cure, field } = entry.problem;
      throw new Fault('input', `The routine "${id}" is broken: ${file}${line ? `, line ${line}` : ''}: ${message}`, {
        field: field ?? file,
        ...(cure ? { cure } : {}),
      });
    },
    add(wanted, spec) {
      readSchedule(spec.schedule, spec.timeZone);
      readLoop(spec.prompt);
      const id = wanted ?? slug(spec.name);
      if (id === taskRoutine)
        throw new Fault('input', `"${id}" is what runs without a routine are listed as.`, {
          field: wanted === undefined ? 'name' : 'id',
          cure: 'Choose another name.',
        });
      if (device.test(id))
        throw new Fault('input', `"${id}" is the name of a device on Windows.`, {
          field: wanted === undefined ? 'name' : 'id',
          cure: 'Choose a longer name.',
        });
      if (existsSync(folderOf(id)))
        throw new Fault('conflict', `There is already a routine called "${id}".`, {
          field: 'name',
          cure: `Choose another name, or change it with \`nightshift routines edit ${id}\`.`,
        });
      // Built aside and renamed: a routine exists whole or not at all.
      const aside = join(directory, `.new-${id}`);
      guarded(() => {
        rmSync(aside, { recursive: true, force: true });
        mkdirSync(directory, { recursive: true, mode: 0o700 });
        writeFolder(aside, RoutineSpec.parse(spec));
        renameSync(aside, folderOf(id));
      });
      return id;
    },
    save(id, spec) {
      readSchedule(spec.schedule, spec.timeZone);
      readLoop(spec.prompt);
      guarded(() => writeFolder(get(id).folder, RoutineSpec.parse(spec)));
    },
    remove(id) {
      // Renamed first: a removal that is cut short leaves no half routine behind.
      const gone = join(directory, `.gone-${id}`);
      const { folder } = get(id);
      guarded(() => {
        rmSync(gone, { recursive: true, force: true });
        renameSync(folder, gone);
        rmSync(gone, { recursive: true, force: true });
      });
    },
  };
}

/** False also for a link that leads nowhere or round in a circle. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Differs after every change of either file; null while one of them is missing. */
function stampOf(folder: string): string | null {
  const stamps = [settingsFile, skillFile].map((file) => {
    const facts = statSync(join(folder, file), { bigint: true, throwIfNoEntry: false });
    return facts && `${facts.ino}/${facts.size}/${facts.mtimeNs}/${facts.ctimeNs}`;
  });
  return stamps.includes(undefined) ? null : stamps.join(' ');
}

/** The id that a name gives: lower case, hyphens, no accents. Throws `input` when nothing is left. */
export function slug(name: string): string {
  const id = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '');
  if (RoutineId.safeParse(id).success) return id;
  throw new Fault('input', `The name "${name}" has no letters or digits that an id could be made of.`, {
    field: 'name',
    cure: 'Use at least one letter a–z or digit in the name.',
  });
}
