/** The built page's files. A request can only name what a listing of the folder has found, so no path leads out of it. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

export interface StaticFile {
  type: string;
  /** Its name changes with its content. */
  immutable: boolean;
  body: Buffer;
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * `pathname`: as it stands in the URL, starting with `/`. A path without a file extension that names no file is a screen
 * of the app and gets index.html. Null: there is no such file.
 */
export async function findStatic(root: string, pathname: string): Promise<StaticFile | null> {
  const files = await list(root);
  const name = decode(pathname);
  const screen = name !== null && extname(name) === '';
  const found = name !== null && files.has(name) ? name : screen ? '/index.html' : null;
  const file = found === null ? undefined : files.get(found);
  if (found === null || file === undefined) return null;
  return {
    type: types[extname(found)] ?? 'application/octet-stream',
    immutable: found.startsWith('/assets/'),
    body: await readFile(file),
  };
}

async function list(root: string): Promise<Map<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(files.map((file) => [`/${relative(root, file).split(sep).join('/')}`, file]));
}

function decode(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return null;
  }
}
