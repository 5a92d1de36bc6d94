/** Talking to sessions from the terminal: what is sent to the host, what is said back, and what is refused before it is sent. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Fault } from '#contract/faults.ts';
import { cli, type SomeHandlers } from '../fakes/cli-shell.ts';
import { scratch } from '../fakes/places.ts';
import { run, runId } from '../fakes/records.ts';

const other = 'run-00000002b';

function host(seen: unknown[] = [], after: object = {}): SomeHandlers {
  const note =
    <T>(answer: T) =>
    async (input: unknown) => {
      seen.push(input);
      return answer;
    };
  return {
    runs: {
      say: note(run({ session: 'working', unheard: 1, ...after })),
      fork: note({ run: other }),
      rewind: note(run({ session: 'idle', ...after })),
      handOver: note({ name: 'a', text: 'the session\n', sha256: 'a'.repeat(64) }),
      take: note({ run: other }),
    },
  };
}

test('say and interrupt send the words, from a flag, a file or standard input', async () => {
  const seen: unknown[] = [];
  const file = join(scratch(), 'words');
  writeFileSync(file, 'From a file.');
  const said = await cli(['runs', 'say', runId, 'Mind the tests.'], host(seen));
  expect(said.code).toBe(0);
  expect(said.out).toContain(`${runId} is told at the next clean point.`);
  expect((await cli(['runs', 'interrupt', runId, `@${file}`], host(seen))).out).toContain('stops what it does');
  const asked = await cli(['runs', 'say', runId, 'Later.'], host(seen, { session: 'needs_input' }));
  expect(asked.out).toContain('when its question is answered');
  expect(seen).toEqual([
    { run: runId, text: 'Mind the tests.', interrupt: false, door: 'terminal' },
    { run: runId, text: 'From a file.', interrupt: true, door: 'terminal' },
    { run: runId, text: 'Later.', interrupt: false, door: 'terminal' },
  ]);
});

test('fork and rewind name the turn and say how to go on', async () => {
  const seen: unknown[] = [];
  const forked = await cli(['runs', 'fork', runId, '--at-turn', '2', '--prompt', 'Go.'], host(seen));
  expect(forked.out).toContain(`${other} goes on from ${runId}, turn 2.`);
  const back = await cli(['runs', 'rewind', runId, '--to-turn', '1'], host(seen));
  expect(back.out).toContain(`nightshift runs say ${runId}`);
  expect(seen).toEqual([
    { run: runId, atTurn: 2, prompt: 'Go.' },
    { run: runId, toTurn: 1, door: 'terminal' },
  ]);
  expect((await cli(['runs', 'rewind', runId], host())).code).not.toBe(0);
});

test('a bundle is written for its owner alone, never over a file, and nothing is left where it is refused', async () => {
  const out = join(scratch(), 'a.session.jsonl');
  const made = await cli(['runs', 'bundle', runId, '--out', out], host());
  expect(made.out).toContain('never here again');
  expect(readFileSync(out, 'utf8')).toBe('the session\n');
  expect(statSync(out).mode & 0o077).toBe(0);
  const again = await cli(['runs', 'bundle', runId, '--out', out], host());
  expect(again.code).not.toBe(0);
  expect(again.err).toContain('Choose a name that is free.');
  const refused = join(scratch(), 'b');
  const handOver = async () => {
    throw new Fault('conflict', 'The run is at work.', { cure: 'Wait.' });
  };
  expect((await cli(['runs', 'bundle', runId, '--out', refused], { runs: { handOver } })).code).not.toBe(0);
  expect(existsSync(refused)).toBe(false);
});

test('take means its paths from where the person is', async () => {
  const seen: { file: string; repository: string }[] = [];
  expect((await cli(['runs', 'take', 'a.jsonl', '--repo', '.'], host(seen))).out).toContain(`${other} goes on`);
  expect(seen[0]?.file.endsWith('/a.jsonl')).toBe(true);
  expect(seen[0]?.repository.startsWith('/')).toBe(true);
});
