/** The web as the rules know it. The model's own address does it, within an answer, so there is nothing here to execute. */
import { z } from 'zod';
import type { WebTool } from '#contract/web.ts';
import { defineTool, failure, type Tool } from './tool.ts';

/** For the judge alone; no session has it. */
export function webTool(name: WebTool): Tool {
  return defineTool({
    ...{ name, description: '', class: 'read', schema: z.looseObject({}) },
    execute: async () => failure('tool.unknown', `${name} is not done here.`),
  });
}
