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

export function textOf(content: readonly ContentBlock[]): string {
  return content
    .filter((block) => block.type === 'text')
    .map((block) => String(block.text))
    .join('\n')
    .trim();
}
