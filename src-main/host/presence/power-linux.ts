/** Is the machine on mains power? By the kernel's class of power supplies. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * True on mains or without any battery, false when nothing but a battery feeds it, null when nobody can tell.
 * `directory` as `/sys/class/power_supply` (Documentation/ABI/testing/sysfs-class-power of the kernel).
 */
export function readPower(directory: string): boolean | null {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return null;
  }
  const supplies = names.map((name) => {
    const value = (file: string) => read(join(directory, name, file));
    return { type: value('type'), online: value('online'), scope: value('scope'), status: value('status') };
  });
  // A mouse has a battery, too: its scope is the device.
  const ours = supplies.filter(({ scope }) => scope !== 'Device');
  if (ours.some(({ type, online }) => type !== 'Battery' && online !== null && online !== '0')) return true;
  const batteries = ours.filter(({ type }) => type === 'Battery' || type === 'UPS');
  if (batteries.length === 0) return true;
  if (batteries.some(({ status }) => status === 'Discharging')) return false;
  return ours.some(({ type }) => type === 'Mains' || type === 'USB') ? false : null;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}
