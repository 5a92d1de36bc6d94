/** Replaces one text in a file by another; which place is meant must be beyond doubt. */
import { type Answer, type Context, done, ToolFailure } from './answer.ts';
import { change } from './change.ts';
import { flag, text } from './input.ts';
import { preview } from './preview.ts';

export async function edit(input: Record<string, unknown>, context: Context): Promise<Answer> {
  const path = text(input, 'file_path');
  const [from, to] = [text(input, 'old_string'), text(input, 'new_string')];
  const all = flag(input, 'replace_all');
  if (from === to) throw new ToolFailure('tool.bad_input', 'old_string and new_string are the same.');
  let places = 0;
  const make = flag(input, 'preview') ? preview : change;
  const { created, ...changed } = await make(path, context, (before) => {
    const [after, count] = replaceText(before, path, from, to, all);
    places = count;
    return Buffer.from(after, 'utf8');
  });
  const what = created ? 'Created' : places === 1 ? 'Changed one place in' : `Changed ${places} places in`;
  return done(`${what} ${path}.`, changed);
}

function replaceText(before: Buffer | null, path: string, from: string, to: string, all: boolean): [string, number] {
  if (before === null) {
    if (from === '') return [to, 1];
    throw new ToolFailure('tool.not_found', `${path} does not exist.`);
  }
  const content = decode(before, path);
  if (from === '') {
    if (content === '') return [to, 1];
    throw new ToolFailure('tool.bad_input', `old_string is empty, and ${path} is not.`);
  }
  const parts = content.split(from);
  const count = parts.length - 1;
  if (count === 0) {
    throw new ToolFailure(
      'tool.no_match',
      `old_string does not occur in ${path}; it must match exactly, blanks included.`,
    );
  }
  if (count > 1 && !all) {
    throw new ToolFailure(
      'tool.ambiguous',
      `old_string occurs ${count} times in ${path}; give more of its surroundings, or set replace_all.`,
    );
  }
  return [parts.join(to), count];
}

function decode(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ToolFailure('tool.not_text', `${path} is not UTF-8 text and cannot be edited; use Bash.`);
  }
}
