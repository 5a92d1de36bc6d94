/** Finds the name under which the machine's zone files, and so systemd, know a time zone. */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The person's own spelling if there is such a file, else the runtime's canonical one, else null. systemd wants the
 * exact case; some distributions leave the old names out.
 */
export function systemZone(timeZone: string, zoneFolder = '/usr/share/zoneinfo'): string | null {
  const canonical = new Intl.DateTimeFormat('en-US', { timeZone }).resolvedOptions().timeZone;
  if (canonical === 'UTC') return 'UTC';
  return (
    [timeZone, canonical].find((name) => /^[A-Za-z0-9_+/-]+$/.test(name) && isZoneFile(join(zoneFolder, name))) ?? null
  );
}

function isZoneFile(path: string): boolean {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const magic = Buffer.alloc(4);
    readSync(file, magic, 0, 4, 0);
    return magic.toString('latin1') === 'TZif';
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
