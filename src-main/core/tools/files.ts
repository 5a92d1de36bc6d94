/** Reading, changing and finding files; each is done by the hands, inside the sandbox. */
import { z } from 'zod';
import type { HandsResult } from '#contract/hands.ts';
import { defineTool, filePath, type ToolOutcome, textOutcome } from './tool.ts';

export const read = defineTool({
  name: 'Read',
  description: 'Reads a text file and returns it with line numbers; shows an image (PNG, JPEG, GIF, WebP) as it is.',
  class: 'read',
  schema: z.object({
    file_path: filePath,
    offset: z.int().min(1).optional().describe('First line, from 1'),
    limit: z.int().min(1).max(10_000).optional().describe('Number of lines; 2000 unless given'),
  }),
  execute: async (input, { hands, signal }) => textOutcome(await hands.call('Read', input, signal)),
});

export const edit = defineTool({
  name: 'Edit',
  description:
    'Replaces old_string by new_string in a file. old_string must occur exactly once, unless replace_all is true.',
  class: 'edit',
  schema: z.object({
    file_path: filePath,
    old_string: z.string().min(1).max(1_000_000),
    new_string: z.string().max(1_000_000),
    replace_all: z.boolean().optional(),
  }),
  execute: async (input, { hands, signal }) => changeOutcome(input.file_path, await hands.call('Edit', input, signal)),
});

export const write = defineTool({
  name: 'Write',
  description: 'Writes a whole file, making folders as needed. Prefer Edit for files that exist.',
  class: 'edit',
  schema: z.object({ file_path: filePath, content: z.string().max(4_000_000) }),
  execute: async (input, { hands, signal }) => changeOutcome(input.file_path, await hands.call('Write', input, signal)),
});

export const glob = defineTool({
  name: 'Glob',
  description: 'Lists files whose path matches a glob pattern such as src/**/*.js, newest first.',
  class: 'read',
  schema: z.object({ pattern: z.string().min(1).max(1000), path: filePath.optional() }),
  execute: async (input, { hands, signal }) => textOutcome(await hands.call('Glob', input, signal)),
});

export const grep = defineTool({
  name: 'Grep',
  description: 'Searches file contents with a regular expression. Files ignored by git are left out.',
  class: 'read',
  schema: z.object({
    pattern: z.string().min(1).max(10_000),
    path: filePath.optional(),
    glob: z.string().max(1000).optional().describe('Only files matching this glob'),
    output_mode: z
      .enum(['content', 'files_with_matches', 'count'])
      .optional()
      .describe('files_with_matches unless given'),
    '-i': z.boolean().optional().describe('Ignore case'),
    '-n': z.boolean().optional().describe('Line numbers in content mode; on unless false'),
    '-A': z.int().min(0).max(100).optional(),
    '-B': z.int().min(0).max(100).optional(),
    '-C': z.int().min(0).max(100).optional(),
    head_limit: z.int().min(1).max(10_000).optional(),
    multiline: z.boolean().optional(),
  }),
  execute: async (input, { hands, signal }) => textOutcome(await hands.call('Grep', input, signal)),
});

function changeOutcome(path: string, result: HandsResult): ToolOutcome {
  if (!result.ok || result.patch === undefined) return textOutcome(result);
  const { ok, code, text, patch } = result;
  return { ok, code, text, view: { kind: 'diff', path, patch } };
}
