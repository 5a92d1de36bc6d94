/** How long records are kept: `audit.keepDays` in settings.json. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const Settings = z.looseObject({
  audit: z.looseObject({ keepDays: z.int().min(1).max(36_500).optional() }).optional(),
});

/** Days; long enough for a yearly review. */
const usual = 400;

/** Days. What cannot be read keeps everything: deleting evidence is not a thing to do by mistake. */
export async function keepDays(file: string): Promise<number> {
  try {
    return Settings.parse(JSON.parse(await readFile(file, 'utf8'))).audit?.keepDays ?? usual;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? usual : Number.POSITIVE_INFINITY;
  }
}
