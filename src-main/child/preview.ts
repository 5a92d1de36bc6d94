/** Tells what a change of a file would be, without making it. */
import { closeSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { type Context, ToolFailure } from './answer.ts';
import { type Changed, difference } from './change.ts';
import { locate, openFile } from './places.ts';

/** As `change`, but nothing is written. `contentHash`: SHA-256 of the file as it is; null when there is none. */
export async function preview(
  path: string,
  context: Context,
  next: (before: Buffer | null) => Buffer,
): Promise<Changed & { contentHash: string | null }> {
  const { createHash, randomBytes } = process.getBuiltinModule('node:crypto');
  const before = contentOf(path, context);
  const after = `${context.roots.at(-1) ?? '/tmp'}/.preview-${randomBytes(6).toString('hex')}`;
  writeFileSync(after, next(before), { flag: 'wx', mode: 0o600 });
  try {
    const patch = await difference(before, locate(path, context), after, context);
    const contentHash = before === null ? null : createHash('sha256').update(before).digest('hex');
    return { created: before === null, patch, contentHash };
  } finally {
    unlinkSync(after);
  }
}

function contentOf(path: string, context: Context): Buffer | null {
  try {
    const { fd } = openFile(path, context);
    try {
      return readFileSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (!(error instanceof ToolFailure) && (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
