/** The other side of the comparison: the bare tool loop on the same SDK in one fresh process, nothing stored, no sandbox. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import Anthropic from '@anthropic-ai/sdk';
import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';

const client = new Anthropic({ apiKey: 'sk-bench', baseURL: process.env.BENCH_URL, maxRetries: 0 });
const messages: MessageParam[] = [{ role: 'user', content: 'Do the work.' }];
const tools = [
  { name: 'Bash', description: 'Runs a command', input_schema: { type: 'object' as const, properties: {} } },
];
for (;;) {
  const answer = await client.messages
    .stream({ model: 'claude-opus-5-5', max_tokens: 1000, messages, tools })
    .finalMessage();
  messages.push({ role: 'assistant', content: answer.content });
  const calls = answer.content.filter((block) => block.type === 'tool_use' && block.name === 'Bash');
  if (calls.length === 0) break;
  const results = [];
  for (const call of calls) {
    if (call.type !== 'tool_use') continue;
    const { stdout } = await promisify(execFile)('sh', ['-c', String((call.input as { command: string }).command)]);
    results.push({ type: 'tool_result' as const, tool_use_id: call.id, content: stdout || 'ok' });
  }
  messages.push({ role: 'user', content: results });
}
