/** Memories on disk: one folder for each repository in the data directory, Markdown files that a person can read and edit. */
import { createHash } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MemoryFileName, MemoryOffer } from '#contract/memory.ts';
import type { MemoryFiles } from '#core/memory/port.ts';
import { namesIn, replacePrivately } from '#host/files.ts';
import { readSettingsFile, type SettingsWhere, settingsPlaces } from '#host/settings/settings-files.ts';

interface Options extends Omit<SettingsWhere, 'root'> {
  /** Absolute: of all memories. */
  folder: string;
}

export function createMemoryFiles({ folder: all, ...where }: Options): MemoryFiles {
  const folder = (root: string) => {
    const name =
      basename(root)
        .replace(/[^A-Za-z0-9_-]+/g, '-')
        .slice(0, 40) || 'repository';
    return join(all, `${name}-${createHash('sha256').update(root).digest('hex').slice(0, 10)}`);
  };
  const placeOf = (root: string, file: string) => join(folder(root), MemoryFileName.parse(file));
  const offersOf = (root: string) => join(folder(root), 'offers');

  return {
    folder,
    off(root) {
      for (const place of settingsPlaces({ ...where, root })) {
        if (place.layer === 'project') continue;
        const { value } = readSettingsFile(place, where);
        if (value?.autoMemoryEnabled === false) return `${place.file} switches it off`;
      }
      return null;
    },
    async list(root) {
      const names = (await namesIn(folder(root))).filter((name) => MemoryFileName.safeParse(name).success).sort();
      const facts = await Promise.all(names.map((name) => stat(placeOf(root, name)).catch(absent)));
      return names.flatMap((file, at) => {
        const fact = facts[at];
        return fact?.isFile() ? [{ file, bytes: fact.size, changedAt: fact.mtime.toISOString() }] : [];
      });
    },
    read: async (root, file) => await readFile(placeOf(root, file), 'utf8').catch(absent),
    async write(root, file, text) {
      const place = placeOf(root, file);
      if (text === null) await rm(place, { force: true });
      else await replacePrivately(place, text);
    },
    async offers(root) {
      const names = (await namesIn(offersOf(root))).filter((name) => /^\d+\.json$/.test(name));
      const texts = await Promise.all(names.map((name) => readFile(join(offersOf(root), name), 'utf8').catch(absent)));
      return texts
        .flatMap((text) => (text === null ? [] : [MemoryOffer.parse(JSON.parse(text))]))
        .sort((a, b) => a.id - b.id);
    },
    keepOffer: (root, offer) => replacePrivately(join(offersOf(root), `${offer.id}.json`), JSON.stringify(offer)),
    dropOffer: (root, id) => rm(join(offersOf(root), `${id}.json`), { force: true }),
  };
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
