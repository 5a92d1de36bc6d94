/** How the agent has others work for it: starts them, speaks to them again, waits for them, stops them, or asks a stronger model. */
import { z } from 'zod';
import { defineTool, failure } from './tool.ts';

const id = z.string().trim().min(1).max(40).describe('As Agent gave it, e.g. agent-1');
const words = z.string().trim().min(1).max(100_000);
const background = z.boolean().optional();

/** The session's crew answers them. */
const nobody = async () => failure('tool.failed', 'There is nobody here who could do it.');

export const agent = defineTool({
  name: 'Agent',
  description:
    'Starts a subagent: a conversation of its own with an own context, which knows nothing but your prompt, and works on ' +
    'the files of your worktree with the same limits and the same money. You get its last words. Several calls in one ' +
    'answer run in parallel. Kinds: general-purpose (all file tools and Bash), explore (reads and searches only, for ' +
    'finding things without filling your context), verifier (tries to show that a result is wrong; changes nothing), ' +
    'and those in the list of subagents, if you were given one. A subagent that is not needed costs money for nothing.',
  class: 'report',
  schema: z.object({
    description: z.string().trim().min(1).max(200).describe('What it does, in three to eight words, for a person'),
    prompt: words.describe('All that it needs to know, what it is to do, and what it is to tell you at its end'),
    subagent_type: z.string().trim().min(1).max(100).optional().describe('Its kind; general-purpose unless given'),
    model: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .optional()
      .describe('haiku, sonnet, opus or a model id; yours unless given'),
    isolation: z
      .literal('worktree')
      .optional()
      .describe(
        'It works in a git worktree of its own, which begins with your files as they are; you get its branch and its changes',
      ),
    run_in_background: background.describe('You get its id at once and go on; its result comes to you by itself'),
  }),
  execute: nobody,
});

export const sendMessage = defineTool({
  name: 'SendMessage',
  description:
    'Speaks again to a subagent that has ended its turn: it goes on with all that it knows. You get its last words.',
  class: 'report',
  schema: z.object({ agent: id, message: words, run_in_background: background.describe('As for Agent') }),
  execute: nobody,
});

export const taskOutput = defineTool({
  name: 'TaskOutput',
  description: 'Waits until a subagent in the background has ended its turn, and gives its last words.',
  class: 'report',
  schema: z.object({ agent: id }),
  execute: nobody,
});

export const taskStop = defineTool({
  name: 'TaskStop',
  description: 'Stops a subagent in the background. What it has changed stays as it is.',
  class: 'report',
  schema: z.object({ agent: id }),
  execute: nobody,
});

export const advisor = defineTool({
  name: 'advisor',
  description:
    'Asks a stronger model for advice. It sees your conversation so far, and your question, and answers once; it does ' +
    'nothing itself. Use it when you are stuck, or before a decision that is dear to undo.',
  class: 'report',
  schema: z.object({ question: z.string().trim().min(1).max(20_000).describe('What you want to know') }),
  execute: nobody,
});

/** What the session's crew does instead of the tool. */
export const crewTools: ReadonlySet<string> = new Set(
  [agent, sendMessage, taskOutput, taskStop, advisor].map(({ name }) => name),
);
