/** Limits of the account in the terminal: what is left, what is closed, and how long a run still waits. */
import { expect, test } from 'vitest';
import type { ModelStatus } from '#contract/host.ts';
import { cli } from '../fakes/cli-shell.ts';
import { run } from '../fakes/records.ts';

const soon = (ms: number) => new Date(Date.now() + ms).toISOString();

test('model status says what is left of each rate, what is limited and how much waits', async () => {
  const status: ModelStatus = {
    ...{ auto: 'claude-opus-5-5', rehearsal: false, key: 'environment', detail: 'It answers.', baseUrl: null },
    limits: [
      {
        ...{ account: 'a'.repeat(16), address: 'https://api.anthropic.com', model: 'claude-opus-5-5' },
        ...{ seenAt: soon(-1000), closedUntil: soon(3_600_000), waiting: 2 },
        rates: [{ kind: 'requests', limit: 50, remaining: 47, resetAt: soon(60_000) }],
      },
    ],
  };
  const { code, out } = await cli(['model', 'status'], { model: { status: async () => status } as never });
  expect(code).toBe(0);
  expect(out).toMatch(/claude-opus-5-5: requests 47 of 50 left until \d\d:\d\d:\d\d/);
  expect(out).toMatch(/claude-opus-5-5: limited, (59 min \d+ s|1 h 0 min) left until /);
  expect(out).toContain('2 requests waiting');
});

test('a run that waits for its account says for how long still', async () => {
  const held = { until: soon(7_200_000), reason: 'Usage limit reached', wait: 1, of: 3 };
  const waits = run({ state: 'running', outcome: null, endedAt: null, held });
  const { code, out } = await cli(['runs', 'list'], { runs: { list: async () => [waits] } as never });
  expect(code).toBe(0);
  expect(out).toMatch(/waits for its account, (1 h 59 min|2 h 0 min) left/);
});
