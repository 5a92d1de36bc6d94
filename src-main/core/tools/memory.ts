/** How the agent reads what earlier runs kept of a repository, and notes what later ones should know. */
import { z } from 'zod';
import { MemoryFileName, MemoryText, mostMemories } from '#contract/memory.ts';
import { defineTool, failure, type ToolOutcome } from './tool.ts';

/** The memory of a session. */
export interface MemoryBook {
  /** As it would be if the notes of this run were kept; null: there is none. */
  read(file: string): Promise<string | null>;
  names(): Promise<string[]>;
  /** What becomes of notes when the run is over. */
  when: 'on' | 'review' | 'never';
}

export const memory = defineTool({
  name: 'Memory',
  description:
    'The memory of this repository: MEMORY.md is the index that every run is given, one line for each thing that is kept; ' +
    'details stand in files beside it. `read` gives a file, `write` notes the whole of one anew, `forget` notes that it ' +
    'is to go. Note only what later runs cannot see in the repository itself. Nothing is kept before this run is over.',
  class: 'report',
  schema: z.object({
    action: z.enum(['read', 'write', 'forget']),
    file: MemoryFileName.describe('MEMORY.md, or a file beside it such as testing.md'),
    content: MemoryText.optional().describe('With write: the whole file'),
  }),
  async execute({ action, file, content }, { memory: book }) {
    if (!book) return failure('tool.failed', 'There is no memory here.');
    const known = await book.read(file);
    if (action === 'read') return known === null ? missing(file, await book.names()) : said(known || '(empty)');
    if (action === 'forget')
      return known === null ? missing(file, await book.names()) : said(`Noted. ${later[book.when]}`);
    if (content === undefined) return failure('tool.input', 'Give the content of the file.');
    if (known === null && (await book.names()).length >= mostMemories)
      return failure('tool.failed', `There are ${mostMemories} files already: forget some, or write into one of them.`);
    return said(`Noted. ${later[book.when]}`);
  },
});

const later: Record<MemoryBook['when'], string> = {
  on: 'It is kept when this run is over, unless a person has to look first.',
  review: 'When this run is over a person decides whether it is kept.',
  never: 'This is a trial run: nothing of it is kept.',
};

function missing(file: string, names: readonly string[]): ToolOutcome {
  return failure(
    'tool.not_found',
    `There is no ${file} in the memory.${names.length > 0 ? ` There are: ${names.join(', ')}.` : ''}`,
  );
}

const said = (text: string): ToolOutcome => ({ ok: true, code: null, text, view: { kind: 'text', text } });
