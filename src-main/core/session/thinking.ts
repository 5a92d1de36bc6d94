/** Thinking in a history: what of it may still be sent. */
import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';
import type { History } from './conversation.ts';
import { noAnswer } from './no-answer.ts';

const isThinking = ({ type }: { type: string }) => type === 'thinking' || type === 'redacted_thinking';

/** Thinking belongs to the model that made it and to exactly what came before it. */
export function withoutThinking(messages: readonly MessageParam[]): MessageParam[] {
  return messages.map((message) => {
    if (message.role !== 'assistant' || typeof message.content === 'string') return message;
    const content = message.content.filter((block) => !isThinking(block));
    if (content.length === message.content.length) return message;
    return { ...message, content: content.length > 0 ? content : [{ type: 'text' as const, text: noAnswer }] };
  });
}

/** Blocks of thinking in the history. */
export function countThinking({ messages }: Pick<History, 'messages'>): number {
  const blocks = messages.flatMap(({ role, content }) =>
    role === 'assistant' && typeof content !== 'string' ? content : [],
  );
  return blocks.filter(isThinking).length;
}
