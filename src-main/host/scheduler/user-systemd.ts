/** The systemd user manager that answers: its version, and whether it is the one that reads our unit folder. */
import { realpathSync } from 'node:fs';
import type { Answer } from './run-program.ts';
import type { Systemctl } from './systemctl.ts';

export interface UserSystemd extends Answer {
  version: string;
  /**
   * Null: it reads our folder. Else the folder it reads in place of it: it was started for another home of the same
   * user, and what it holds under our names is another installation's.
   */
  readsInstead: string | null;
}

/** `folder`: the path of our unit folder; it need not exist. */
export async function askSystemd(systemctl: Systemctl, folder: string): Promise<UserSystemd> {
  const answer = await systemctl('show', '-p', 'Version,UnitPath');
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(answer.out)?.[1] ?? '';
  const folders = wordsOf(value('UnitPath'));
  const reads = folders.length === 0 || folders.some((each) => real(each) === real(folder));
  const other = folders.find((each) => each.endsWith('/systemd/user')) ?? 'another one';
  return { ...answer, version: value('Version'), readsInstead: reads ? null : other };
}

/** systemd puts a word with odd characters in quotes, as a shell would read it. */
function wordsOf(text: string): string[] {
  const words = text.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  return words.map((word) => (word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word));
}

/** The nearest part that exists without symbolic links, and the rest as it is. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const at = path.lastIndexOf('/');
    return at <= 0 ? path : `${real(path.slice(0, at))}${path.slice(at)}`;
  }
}
