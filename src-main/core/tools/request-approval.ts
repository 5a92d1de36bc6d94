/** How the agent asks a person for something its limits refuse; the run waits for the answer, without a slot. */
import { z } from 'zod';
import { AllowedHost } from '#contract/routines.ts';
import { defineTool, failure } from './tool.ts';

export const requestApproval = defineTool({
  name: 'RequestApproval',
  description:
    'Asks a person to let the rest of this run reach one host that is not on its list (code net.host_not_allowed). The run ' +
    'waits until they answer, maybe for days. Use it only when the work cannot be done without it, and say why.',
  class: 'report',
  schema: z.object({
    host: AllowedHost.describe('Host, or host:port; 443 without one'),
    why: z.string().trim().min(1).max(2000).describe('What it is needed for, for the person who decides'),
  }),
  // The session answers it: what a person says comes before any tool is done.
  async execute() {
    return failure('tool.failed', 'Nobody could be asked.');
  },
});
