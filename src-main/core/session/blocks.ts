/** What stands in the content of an answer. */
import type { ContentBlock } from '#contract/events.ts';

export interface ToolUse {
  id: string;
  name: string;
  input: unknown;
}

export function toolUses(content: readonly ContentBlock[]): ToolUse[] {
  return content
    .filter((block) => block.type === 'tool_use')
    .map((block) => ({ id: String(block.id), name: String(block.name), input: block.input }));
}

/**
 * What may go back to the API. It sends text that is empty or white space alone, and refuses a history with such text in
 * it. `nothing`: what stands for an answer of which nothing else is left.
 */
export function withoutBlankText(content: readonly ContentBlock[], nothing: string): ContentBlock[] {
  const left = content.filter(({ type, text }) => type !== 'text' || String(text).trim() !== '');
  const blank = left.length < content.length && left.every(({ type }) => /thinking$/.test(type));
  return blank ? [...left, { type: 'text', text: nothing }] : left;
}

export function textOf(content: readonly ContentBlock[]): string {
  return content
    .filter((block) => block.type === 'text')
    .map((block) => String(block.text))
    .join('\n')
    .trim();
}
