/** An agent of `nightshift/sdk` on a scripted API, and what is heard of it. */
import { onTestFinished } from 'vitest';
import { type AgentEvent, type AgentOptions, type AgentRun, createAgent } from '#sdk/sdk.ts';
import { type Step, startMessagesServer } from './messages-server.ts';

export async function agentOn(script: Step[], options: AgentOptions = {}) {
  const api = await startMessagesServer(script);
  onTestFinished(() => api.close());
  const agent = await createAgent({ model: 'claude-opus-5-5', apiKey: 'sk-test', baseUrl: api.url, ...options });
  onTestFinished(() => agent.close());
  return { api, agent };
}

export async function heard(run: AgentRun): Promise<AgentEvent[]> {
  const events: AgentEvent[] = [];
  for await (const event of run) events.push(event);
  return events;
}
