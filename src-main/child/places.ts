/**
 * Opens files so that what is touched lies below the allowed roots, whatever links are swapped meanwhile: a path is
 * only ever judged by what the opened descriptor turns out to be, and then used through that descriptor.
 */
import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { type Context, ToolFailure } from './answer.ts';

/** Elsewhere no path leads through a descriptor: there a swapped link is held by the sandbox alone, as every command is. */
const throughDescriptors = process.platform === 'linux';
const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW, O_DIRECTORY } = constants;

/** Absolute path of what the model wrote. Throws `tool.outside_workspace`. */
export function locate(path: string, context: Context): string {
  if (path === '' || path.includes('\0')) throw new ToolFailure('tool.bad_input', 'The path is empty or holds a NUL.');
  // The model knows the worktree by this name, wherever a sandbox shows it.
  const full = resolve(context.workspace, path.replace(/^\/workspace(?=\/|$)/, context.workspace));
  if (!inside(full, context)) refuse(path, context);
  return full;
}

export function inside(full: string, context: Context): boolean {
  return context.roots.some((root) => full === root || full.startsWith(root + sep));
}

/** A descriptor on an existing regular file, for reading; the caller closes it. */
export function openFile(path: string, context: Context): { fd: number; size: number } {
  // Without blocking: a named pipe that nobody writes to would hold us for ever.
  const full = locate(path, context);
  const fd = openSync(full, O_RDONLY | O_NONBLOCK);
  try {
    if (!inside(pathOf(fd, full), context)) refuse(path, context);
    const facts = fstatSync(fd);
    if (facts.isDirectory()) throw new ToolFailure('tool.is_directory', `${path} is a directory.`);
    if (!facts.isFile()) throw new ToolFailure('tool.not_a_file', `${path} is not a regular file.`);
    return { fd, size: facts.size };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** A file's directory, opened: `name` below `at` is the file, and where `at` leads through the descriptor no swapped link can move it. */
export interface Anchor {
  directory: number;
  at: string;
  name: string;
  /** Path of the file, links resolved; for showing only. */
  real: string;
}

/** `create`: directories that are missing are made. The caller closes `directory`. */
export function openParent(path: string, context: Context, create: boolean): Anchor {
  const real = resolveLinks(locate(path, context), path, context);
  if (context.roots.includes(real)) throw new ToolFailure('tool.is_directory', `${path} is a directory.`);
  let existing = dirname(real);
  const missing: string[] = [];
  while (create && !exists(existing)) {
    missing.unshift(basename(existing));
    existing = dirname(existing);
  }
  let directory = openSync(existing, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    if (!inside(pathOf(directory, existing), context)) refuse(path, context);
    for (const name of missing) {
      const next = `${below(directory, existing)}/${name}`;
      mkdirSync(next);
      const made = openSync(next, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      closeSync(directory);
      directory = made;
      existing = join(existing, name);
    }
    return { directory, at: below(directory, existing), name: basename(real), real };
  } catch (error) {
    closeSync(directory);
    throw error;
  }
}

/** Where an opened file really is. */
function pathOf(fd: number, path: string): string {
  return throughDescriptors ? readlinkSync(`/proc/self/fd/${fd}`) : realpathSync(path);
}

function below(directory: number, path: string): string {
  return throughDescriptors ? `/proc/self/fd/${directory}` : path;
}

/** Follows links as far as the path exists; the rest is kept as written. A link to nowhere is refused. */
function resolveLinks(full: string, path: string, context: Context): string {
  const missing: string[] = [];
  for (let existing = full; ; existing = dirname(existing)) {
    if (exists(existing)) {
      const target = lstatSync(existing).isSymbolicLink() && !reaches(existing) ? null : realpathSync(existing);
      const real = target === null ? null : join(target, ...missing);
      if (real === null || !inside(real, context)) refuse(path, context);
      return real;
    }
    missing.unshift(basename(existing));
  }
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function reaches(link: string): boolean {
  try {
    realpathSync(link);
    return true;
  } catch {
    return false;
  }
}

function refuse(path: string, context: Context): never {
  const roots = context.roots.join(' and ');
  throw new ToolFailure('tool.outside_workspace', `${path} lies outside ${roots}; files elsewhere cannot be touched.`);
}
