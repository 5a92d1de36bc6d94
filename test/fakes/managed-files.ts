/** Files of an administrator below a folder of the test's own, written as whoever runs the test. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ManagedWhere } from '#host/settings/settings-files.ts';
import { scratch } from './places.ts';

export interface ManagedFiles {
  where: Required<ManagedWhere>;
  /** Of Nightshift's own file. */
  file: string;
  /** Writes Nightshift's own file, or the ecosystem's; text as it is, anything else as JSON. */
  write(content: unknown, folder?: 'nightshift' | 'claude-code'): string;
}

export function managedFiles(): ManagedFiles {
  const system = scratch('system');
  const write: ManagedFiles['write'] = (content, folder = 'nightshift') => {
    const directory = join(system, 'etc', folder);
    mkdirSync(directory, { recursive: true });
    // Whatever the mask of whoever runs the test.
    for (const each of [system, join(system, 'etc'), directory]) chmodSync(each, 0o755);
    const file = join(directory, 'managed-settings.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    chmodSync(file, 0o644);
    return file;
  };
  return {
    where: { platform: 'linux', system, owner: process.getuid?.() ?? 0 },
    file: join(system, 'etc', 'nightshift', 'managed-settings.json'),
    write,
  };
}
