/** The host's own log of a whole run: each line with the ids of run and session, and nothing that was said, unless it is asked for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '#host/clock.ts';
import { openLog, wantsContent } from '#host/log.ts';
import { redact } from '#host/redact.ts';
import { logRuns } from '#host/run-log.ts';
import { newCanary } from '../fakes/canary.ts';
import { call, reply, text, thinking, use } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';
import { brokenService, realRuntime } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';

/** A word that is no secret, so that only its absence keeps it out: on every way into the run. */
async function night(content: boolean) {
  const canary = `canary${newCanary()
    .replaceAll(/[^a-z0-9]/gi, '')
    .slice(0, 16)}`;
  const file = join(scratch(), 'host.log');
  const log = openLog(file, systemClock, undefined, redact, content);
  const product = await realRuntime({
    repository: testRepository({ ...brokenService, 'notes.txt': canary }),
    script: [
      reply([thinking(canary), text(canary), call('Bash', { command: `cat notes.txt; echo ${canary}; exit 3` })]),
      use(canary, { [canary]: canary }),
      use('Write', { file_path: `${canary}.txt`, content: canary }),
      use('Edit', { file_path: canary, old_string: canary, new_string: canary }),
      use('Propose', {
        title: canary,
        explanation: canary,
        not_done: [canary],
        claims: [{ text: canary, calls: [canary] }],
      }),
      reply([text(JSON.stringify({ verdict: 'met', reason: canary, quote: canary }))]),
    ],
    routine: { prompt: canary, goal: canary, checks: [`echo ${canary}`] },
  });
  onTestFinished(logRuns(product.runtime.store, log, content));
  const run = await product.runOnce();
  log.error('a run broke off', new Error(canary, { cause: new TypeError(`${canary}\n    at ${canary}`) }), {
    run: run.id,
  });
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return { canary, run, lines, parsed: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test('a run is told line by line, each with its ids, with codes and counts and no content', async () => {
  const { canary, run, lines, parsed } = await night(false);
  expect(run.outcome).toBe('proposed');
  for (const line of lines) expect(line).not.toContain(canary);
  for (const line of parsed) expect(line).toMatchObject({ run: run.id, session: run.id, at: expect.any(String) });
  const told = parsed.map(({ what }) => what);
  for (const what of ['run.queued', 'message.finished', 'tool.finished', 'side.answered', 'goal.judged', 'run.ended'])
    expect(told).toContain(what);
  expect(parsed.find(({ what }) => what === 'tool.finished')).toMatchObject({
    ok: false,
    code: 'tool.exit_code',
    exitCode: 3,
  });
  expect(parsed.at(-1)).toMatchObject({ error: { name: 'Error', cause: { name: 'TypeError' } } });
  expect(lines.at(-1)).toContain('log-content.test.ts');
}, 30_000);

test('what was said is there for whoever asks for it', async () => {
  const { canary, parsed } = await night(true);
  const showing = parsed.filter((line) => JSON.stringify(line).includes(canary)).map(({ what }) => what);
  for (const what of ['message.added', 'message.finished', 'tool.started', 'tool.finished', 'a run broke off'])
    expect(showing).toContain(what);
  expect(wantsContent({ NIGHTSHIFT_LOG_CONTENT: '1' })).toBe(true);
  expect(wantsContent({ NIGHTSHIFT_LOG_CONTENT: '' })).toBe(false);
}, 30_000);
