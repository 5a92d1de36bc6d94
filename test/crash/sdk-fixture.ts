/** A program with an agent that is killed in the middle of a tool call of its own: `<store> <base URL> <file that the tool adds to>`. */
import { appendFileSync } from 'node:fs';
import { z } from 'zod';
import { createAgent, tool } from '#sdk/sdk.ts';

const [store = '', baseUrl = '', marks = ''] = process.argv.slice(2);
const order = tool({
  ...{ name: 'order', description: 'Orders something.', input: z.object({}) },
  run() {
    appendFileSync(marks, 'ordered\n');
    process.kill(process.pid, 'SIGKILL');
    return 'never';
  },
});
const agent = await createAgent({ model: 'claude-opus-5-5', apiKey: 'sk-test', baseUrl, tools: [order], store });
await agent.run('Order something.').result;
