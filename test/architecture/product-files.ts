/** The files of the product as git sees them: tracked, or new and not ignored. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** Paths relative to the root, sorted; deleted ones left out. */
export function productFiles(...under: string[]): string[] {
  const argv = [
    '-c',
    `safe.directory=${root}`,
    'ls-files',
    '--cached',
    '--others',
    '--exclude-standard',
    '--',
    ...under,
  ];
  const files = execFileSync('git', argv, { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20 }).split('\n');
  return [...new Set(files)].filter((file) => file !== '' && existsSync(join(root, file))).sort();
}

export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

export function lines(file: string): number {
  return read(file).split('\n').length - 1;
}
