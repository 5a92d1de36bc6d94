/** Looks for one unique secret in everything that a product leaves behind, and in every process while it lives. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A secret of no known shape: only whoever knows its value can cut it out. */
export function newCanary(): string {
  return `canary_${randomBytes(12).toString('hex')}`;
}

/** The secret as it may be written: plain, hexadecimal, base64 in each of its three alignments. */
function disguises(canary: string): Buffer[] {
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.from('\0'.repeat(shift) + canary).toString('base64');
    return text.slice(shift + 1, -4);
  });
  return [canary, Buffer.from(canary).toString('hex'), ...base64].map((text) => Buffer.from(text));
}

/** Where in these texts the secret stands. */
export function inTexts(canary: string, texts: Record<string, string | Buffer>): string[] {
  const forms = disguises(canary);
  return Object.entries(texts).flatMap(([name, text]) =>
    forms.some((form) => Buffer.from(text).includes(form)) ? [name] : [],
  );
}

/** Every file below the folder that holds the secret, journals of databases included. */
export function inFiles(canary: string, folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.flatMap(({ parentPath, name }) => {
    const file = join(parentPath, name);
    return inTexts(canary, { [file]: readOrGone(file) });
  });
}

/** All that git has packed away, which a look at its files would not show. */
export function inRepository(canary: string, root: string): string[] {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, maxBuffer: 500_000_000 });
  return inTexts(canary, {
    objects: git('cat-file', '--batch-all-objects', '--batch'),
    log: git('log', '--all', '-g'),
  });
}

/**
 * Watches the arguments and the environment of every process of this machine until it is stopped. `holders`: parts of a
 * command line whose environment may hold the secret, because the person put it there.
 */
export function watchProcesses(canary: string, holders: readonly string[]) {
  const found = new Set<string>();
  const seen = new Set<string>();
  let on = true;

  function lookAt(pid: string): void {
    const before = readOrNothing(`/proc/${pid}/cmdline`);
    const environment = readOrNothing(`/proc/${pid}/environ`);
    const program = readOrNothing(`/proc/${pid}/comm`).toString().trim();
    // Between fork and exec a process still is its parent: what has changed meanwhile is looked at the next time.
    if (!before.equals(readOrNothing(`/proc/${pid}/cmdline`))) return;
    seen.add(program);
    if (inTexts(canary, { here: before }).length > 0) found.add(`cmdline of ${program}`);
    const holds = holders.some((part) => before.includes(part));
    if (!holds && inTexts(canary, { here: environment }).length > 0) found.add(`environ of ${program}`);
  }

  const look = () => {
    for (const pid of readdirSync('/proc')) if (/^\d+$/.test(pid)) lookAt(pid);
    if (on) setTimeout(look, 5);
  };
  look();
  return {
    /** Names of programs that were seen at least once. */
    seen,
    found,
    stop() {
      on = false;
      return [...found];
    },
  };
}

/** A journal may go between the list and the look. */
function readOrGone(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

/** Processes come and go, and not all of them are ours to read. */
function readOrNothing(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}
