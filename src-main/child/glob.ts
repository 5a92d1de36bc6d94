/** Finds files by name pattern, newest first. */
import { lstatSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Answer, type Context, done, ToolFailure } from './answer.ts';
import { optionalText, text } from './input.ts';
import { inside, locate } from './places.ts';

/** Names that are shown; the rest is counted. */
const shownFiles = 200;

export async function glob(input: Record<string, unknown>, context: Context): Promise<Answer> {
  const { glob: search } = process.getBuiltinModule('node:fs/promises');
  const pattern = text(input, 'pattern');
  const directory = realpathSync(locate(optionalText(input, 'path') ?? '.', context));
  // The part before the first wildcard decides where the search begins.
  const start = resolve(directory, pattern.replace(/[*?[{(].*$/s, ''));
  if (!inside(directory, context) || !inside(start, context)) {
    throw new ToolFailure('tool.outside_workspace', `${pattern} reaches outside ${context.roots.join(' and ')}.`);
  }
  // Only what the pattern itself names is looked for there: nobody means git's or npm's own files.
  const skipped = ['.git', 'node_modules'].filter((name) => !pattern.includes(name));
  const found: { path: string; time: number }[] = [];
  for await (const name of search(pattern, {
    cwd: directory,
    exclude: (path) => skipped.some((skip) => lastPart(path) === skip),
  })) {
    context.signal.throwIfAborted();
    const path = resolve(directory, name);
    const facts = lstatSync(path, { throwIfNoEntry: false });
    if (facts && !facts.isDirectory() && inside(path, context)) found.push({ path, time: facts.mtimeMs });
  }
  found.sort((a, b) => b.time - a.time || a.path.localeCompare(b.path));
  const rest = found.length - shownFiles;
  const rows = found.slice(0, shownFiles).map(({ path }) => path);
  return done(
    rows.length === 0 ? 'No files match.' : rows.join('\n') + (rest > 0 ? `\n[${rest} more, older, not shown]` : ''),
  );
}

function lastPart(path: string): string {
  return join('/', path).split('/').at(-1) ?? '';
}
