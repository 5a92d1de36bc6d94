/** Runs a shell command in the sandbox. */
import { z } from 'zod';
import { defineTool } from './tool.ts';

export const bash = defineTool({
  name: 'Bash',
  description:
    'Runs a bash command in the sandbox, in your worktree, and returns its output and exit code. Without a network unless the instructions name hosts. ' +
    'The git directory is read-only: git log, diff and status work, git commit does not (your changes are committed for you at the end). ' +
    'Long output is cut in the middle.',
  class: 'execute',
  schema: z.object({
    command: z.string().min(1).max(100_000),
    timeout: z.int().min(1).max(600_000).optional().describe('Milliseconds; 120000 unless given'),
    description: z.string().max(500).optional().describe('What the command does, in a few words'),
  }),
  async execute(input, { hands, signal }) {
    const { ok, code, text, exitCode = null, milliseconds } = await hands.call('Bash', input, signal);
    return { ok, code, text, view: { kind: 'terminal', exitCode, milliseconds, output: text } };
  },
});
