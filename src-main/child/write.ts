/** Writes a whole file, with the directories it needs. */
import { type Answer, type Context, done } from './answer.ts';
import { change } from './change.ts';
import { flag, text } from './input.ts';
import { preview } from './preview.ts';

export async function write(input: Record<string, unknown>, context: Context): Promise<Answer> {
  const path = text(input, 'file_path');
  const content = Buffer.from(text(input, 'content'), 'utf8');
  const make = flag(input, 'preview') ? preview : change;
  const { created, ...changed } = await make(path, context, () => content);
  return done(`${created ? 'Created' : 'Wrote'} ${path} (${content.length} bytes).`, changed);
}
