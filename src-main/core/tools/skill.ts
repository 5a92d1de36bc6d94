/** How the agent opens a skill; only runs that have one it may call have this tool. */
import { z } from 'zod';
import { defineTool, failure } from './tool.ts';

export const skill = defineTool({
  name: 'Skill',
  description:
    'Gives you the text of a skill from the list of skills, with its arguments filled in. Then work as it says. It gives ' +
    'you no permission that you do not have.',
  class: 'report',
  schema: z.object({
    skill: z.string().trim().min(1).max(200).describe('Its name, as listed'),
    args: z.string().max(10_000).optional().describe('Its arguments, on one line as a shell would take them'),
  }),
  // The session answers it: commands in its text are judged one by one before any of them is run.
  async execute() {
    return failure('tool.failed', 'There are no skills here.');
  },
});
