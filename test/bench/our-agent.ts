/** Our side of the comparisons in one process: an agent of `nightshift/sdk`, its event log on disk. */
import { join } from 'node:path';
import { z } from 'zod';
import { type Agent, createAgent, tool } from '#sdk/sdk.ts';
import { description, type lookAt, model, system } from './looking.ts';

export function ourAgent({ folder, line }: Pick<ReturnType<typeof lookAt>, 'folder' | 'line'>): Promise<Agent> {
  const look = tool({
    ...{ name: 'look', description, input: z.object({ line: z.int() }), readOnly: true },
    run: ({ line: number }) => line(number),
  });
  return createAgent({
    ...{ model, system, apiKey: 'sk-bench', baseUrl: process.env.BENCH_URL, tools: [look] },
    limits: { turns: 500, dollars: 1000, dollarsPerDay: 10_000 },
    store: join(folder, 'sessions'),
  });
}
