/** The other side: the same turns by the bare tool loop on the same SDK, nothing stored, nothing asked. */
import Anthropic from '@anthropic-ai/sdk';
import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';
import { costOfTurns, description, lookAt, model, system } from './looking.ts';

const place = lookAt();
const client = new Anthropic({ apiKey: 'sk-bench', baseURL: process.env.BENCH_URL, maxRetries: 0 });
const input_schema = { type: 'object' as const, properties: { line: { type: 'integer' } }, required: ['line'] };
const tools = [{ name: 'look', description, input_schema }];

await costOfTurns(async (prompt) => {
  const messages: MessageParam[] = [{ role: 'user', content: prompt }];
  for (;;) {
    const answer = await client.messages.stream({ model, system, max_tokens: 32_000, messages, tools }).finalMessage();
    messages.push({ role: 'assistant', content: answer.content });
    const results = answer.content.flatMap((block) => {
      if (block.type !== 'tool_use') return [];
      const content = place.line((block.input as { line: number }).line);
      return [{ type: 'tool_result' as const, tool_use_id: block.id, content }];
    });
    if (results.length === 0) return;
    messages.push({ role: 'user', content: results });
  }
});
place.close();
