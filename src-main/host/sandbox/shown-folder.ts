/** The folder that a person shows to a sandbox, where it is no worktree of a run: never more than it has to be. */
import { realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { Fault } from '#contract/faults.ts';

/**
 * Links resolved. Neither a person's home nor what holds it: everything in the folder is shown inside.
 * @param path absolute.
 * @param field names what the person gave it as. Throws `input` about it.
 */
export function shownFolder(path: string, field: string): string {
  const wrong = (what: string) =>
    new Fault('input', what, { field, cure: 'Name the folder of one project, such as a git worktree.' });
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw wrong(`There is no folder at ${path}.`);
  const real = realpathSync(path);
  const tooMuch = [homedir(), '/root', '/home', '/etc', '/usr', '/proc', '/sys', '/dev', '/var'];
  const holds = (each: string) => each === real || each.startsWith(real === '/' ? '/' : `${real}/`);
  if (tooMuch.some(holds) || /^\/(proc|sys|dev)\//.test(real)) throw wrong(`${real} is more than a command may see.`);
  return real;
}
