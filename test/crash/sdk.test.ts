/** A program that embeds the agent may be killed at any instant: what it was doing is found, told, and not done twice. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createAgent, tool } from '#sdk/sdk.ts';
import { say, startMessagesServer, use } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';

test('killed in the middle of a tool call, the session goes on in the next process, without doing the call again', async () => {
  const [store, marks] = [join(scratch(), 'sessions'), join(scratch(), 'marks')];
  const api = await startMessagesServer([use('order', {}), say('It may have been ordered.')]);
  onTestFinished(() => api.close());
  const argv = [join(import.meta.dirname, 'sdk-fixture.ts'), store, api.url, marks];
  const [, signal] = await once(spawn(process.execPath, argv, { stdio: 'inherit' }), 'exit');
  expect(signal).toBe('SIGKILL');
  const order = tool({
    ...{ name: 'order', description: 'Orders something.', input: z.object({}) },
    run() {
      appendFileSync(marks, 'ordered again\n');
      return 'ordered';
    },
  });
  const options = { model: 'claude-opus-5-5', apiKey: 'sk-test', baseUrl: api.url, tools: [order], store };
  const agent = await createAgent(options);
  onTestFinished(() => agent.close());
  const [session = ''] = agent.sessions();
  const result = await agent.resume(session).result;
  expect(result).toMatchObject({ outcome: 'done', text: 'It may have been ordered.', turns: 2, toolCalls: 1 });
  expect(readFileSync(marks, 'utf8')).toBe('ordered\n');
  const [first, second] = api.requests.map(({ body }) => body);
  expect(second?.messages.slice(0, 1)).toEqual(first?.messages);
  expect({ system: second?.system, tools: second?.tools }).toEqual({ system: first?.system, tools: first?.tools });
  expect(JSON.stringify(second?.messages.at(-1))).toContain('Nightshift was restarted while this call was running');
});
