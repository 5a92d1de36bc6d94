/** A file system that is only described: its links and how it compares names. Nothing of it need exist. */
import { type FileSystemView, spell, tidy } from './places.ts';

export interface Fixture {
  /** Link → target, as written; relative links are below `cwd`, relative targets below the link's folder. */
  symlinks?: Record<string, string> | undefined;
  fs?: 'case-insensitive' | 'normalising' | undefined;
  os?: 'windows' | undefined;
}

export function simulateView({ symlinks = {}, fs, os }: Fixture, cwd: string, home: string): FileSystemView {
  const kinds = { caseInsensitive: fs === 'case-insensitive' || os === 'windows', normalising: fs === 'normalising' };
  const rules = { view: { readlink: () => null, ...kinds }, os: os ?? ('posix' as const) };
  const links = new Map<string, string>();
  const slashes = (text: string) => (os === 'windows' ? text.replaceAll('\\', '/').replace(/^[A-Za-z]:/, '') : text);
  for (const [link, target] of Object.entries(symlinks)) {
    const written = slashes(link).replace(/^~(?=\/)/, home);
    const at = tidy(written.startsWith('/') ? written : `${cwd}/${written}`);
    links.set(spell(at, rules), slashes(target).replace(/^~(?=\/|$)/, home));
  }
  return { ...kinds, readlink: (path) => (links.size === 0 ? null : (links.get(spell(path, rules)) ?? null)) };
}
