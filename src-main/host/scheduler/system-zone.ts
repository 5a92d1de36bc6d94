/** Finds the name under which the machine's zone files, and so systemd, know a time zone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Horizon } from './horizon.ts';
import { readZoneFile, type ZoneFile } from './zone-file.ts';

/**
 * The person's own spelling if there is such a file, else the runtime's canonical one; null when there is neither, or
 * when the file changes clocks at other times than the runtime does within the horizon: zone data of an OS are often
 * older. systemd wants the exact case; some distributions leave the old names out. Throws RangeError for no zone.
 */
export function systemZone(timeZone: string, horizon: Horizon, zoneFolder = '/usr/share/zoneinfo'): string | null {
  const canonical = new Intl.DateTimeFormat('en-US', { timeZone }).resolvedOptions().timeZone;
  if (canonical === 'UTC') return 'UTC';
  for (const name of [timeZone, canonical]) {
    const file = /^[A-Za-z0-9_+/-]+$/.test(name) ? zoneFile(join(zoneFolder, name)) : null;
    if (file) return agrees(file, canonical, horizon) ? name : null;
  }
  return null;
}

function agrees(file: ZoneFile, zone: string, horizon: Horizon): boolean {
  const within = file.changes.filter((at) => at > horizon.from && at < horizon.to);
  const changes = [...within, ...horizon.changes(zone).map(({ at }) => at)];
  return [horizon.from, ...changes.flatMap((at) => [at - 60_000, at])].every((at) => {
    const there = file.offsetAt(at);
    return there === null || there === horizon.offsetAt(zone, at);
  });
}

function zoneFile(path: string): ZoneFile | null {
  try {
    return readZoneFile(readFileSync(path));
  } catch {
    return null;
  }
}
