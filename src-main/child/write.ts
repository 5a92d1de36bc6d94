/** Writes a whole file, with the directories it needs. */
import { type Answer, type Context, done } from './answer.ts';
import { change } from './change.ts';
import { text } from './input.ts';

export async function write(input: Record<string, unknown>, context: Context): Promise<Answer> {
  const path = text(input, 'file_path');
  const content = Buffer.from(text(input, 'content'), 'utf8');
  const { created, patch } = await change(path, context, () => content);
  return done(`${created ? 'Created' : 'Wrote'} ${path} (${content.length} bytes).`, { patch });
}
