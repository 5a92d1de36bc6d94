/** A scripted model for runs in which several speak at once: each has a script of its own, found by what its conversation begins with. */
import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';
import { fail, type Received, type Step } from './messages-server.ts';

type Fixed = Exclude<Step, (request: Received) => unknown>;
/** Of one speaker; a function is given the request. */
export type Line = Fixed | ((request: Received) => Fixed);

/** What somebody was told first that is none of the instructions: the last text of the user messages before any answer. */
export function taskOf({ body }: Received): string {
  const firstAnswer = body.messages.findIndex(({ role }) => role === 'assistant');
  const told = firstAnswer < 0 ? body.messages : body.messages.slice(0, firstAnswer);
  return told.map(textOf).join('\n');
}

export function textOf({ content }: MessageParam): string {
  if (typeof content === 'string') return content;
  return content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
}

/** `scripts`: by a word that only the task of that speaker has; `lead` is whoever has none of them. Steps for `most` requests. */
export function bySpeaker(scripts: Record<string, Line[]> & { lead: Line[] }, most = 400): Step[] {
  const left = new Map(Object.entries(scripts).map(([word, lines]) => [word, [...lines]]));
  const step = (request: Received): Fixed => {
    const task = taskOf(request);
    const word = [...left.keys()].find((each) => each !== 'lead' && task.includes(each)) ?? 'lead';
    const line = left.get(word)?.shift();
    if (!line) return fail(400, { message: `nothing more for ${word}`, headers: {} }) as Fixed;
    return typeof line === 'function' ? line(request) : line;
  };
  return Array.from({ length: most }, () => step as Step);
}
