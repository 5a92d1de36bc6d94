/** What is said when a conversation is summarised: the request for it, the account it is made from, and what stands in its place. */
import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';
import type { Question } from '#contract/questions.ts';
import type { Loop } from '#core/tools/loops.ts';

export const askForSummary = [
  'Nightshift: the conversation is about to fill your context, so a summary will take its place. Do not call a tool now.',
  'Write that summary: what was found out, with the places in files; what was changed and why; what was tried and failed, with the error; which checks were run and how they ended; what is left to do, in order.',
  'Be exact with names, paths, commands and numbers. The task itself and what people said is kept by Nightshift; leave it out.',
].join('\n');

export interface Kept {
  summary: string;
  /** The task first, then what a person has said since. */
  said: readonly string[];
  /** Oldest first. */
  questions: readonly Question[];
  loops: readonly Loop[];
}

/** Questions and their answers that are kept. */
const mostQuestions = 20;

/** The one message that the conversation goes on from. */
export function afterwards({ summary, said, questions, loops }: Kept): string {
  const [task = '', ...since] = said;
  const asked = questions.slice(-mostQuestions).map(questionLine);
  return [
    'The conversation so far had filled your context. This takes its place; the files of your worktree are as you left them.',
    `# The task\n\n${task}`,
    since.length > 0 ? `# What a person has said since\n\n${since.join('\n\n')}` : '',
    asked.length > 0 ? `# Questions to a person\n\n${asked.join('\n')}` : '',
    loops.length > 0 ? `# Loops that will come again\n\n${loops.map(loopLine).join('\n')}` : '',
    `# Summary of the work so far\n\n${summary}`,
    'Go on from there. Read a file again before you change it.',
  ]
    .filter(Boolean)
    .join('\n\n');
}

const questionLine = ({ why, state, note }: Question) => `- ${why} (${state}${note ? `: ${note}` : ''})`;
const loopLine = ({ id, words, prompt }: Loop) => `- ${id}, ${words}: ${prompt}`;

/** Characters of one result, and of the input of one call, in an account. */
const longestPart = 800;

/** The conversation as plain text of at most `bytes`, roughly; results are cut short, thinking is left out, and so is the middle. */
export function transcript(messages: readonly MessageParam[], bytes: number): string {
  const lines = messages.flatMap(({ role, content }) =>
    typeof content === 'string'
      ? [`${role}: ${content}`]
      : content.flatMap((block) => {
          if (block.type === 'text') return [`${role}: ${block.text}`];
          if (block.type === 'tool_use') return [`call: ${block.name} ${short(JSON.stringify(block.input))}`];
          if (block.type === 'tool_result') return [`result: ${short(plain(block.content))}`];
          return [];
        }),
  );
  const text = lines.join('\n');
  const half = Math.floor(bytes / 2);
  return text.length <= bytes ? text : `${text.slice(0, half)}\n[…]\n${text.slice(-half)}`;
}

const plain = (content: unknown) => (typeof content === 'string' ? content : JSON.stringify(content ?? ''));
const short = (text: string) => (text.length <= longestPart ? text : `${text.slice(0, longestPart)}…`);
