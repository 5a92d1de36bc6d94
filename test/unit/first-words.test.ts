/** A skill that a prompt calls before the first question: with commands that a dead host began, and in a loop. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { modeJudge } from '#core/permissions/gate.ts';
import { inspectBySigns } from '#core/permissions/injection-probe.ts';
import { createSkillBook } from '#core/skills/book.ts';
import { openStore } from '#core/store/event-log.ts';
import { firstWords } from '#core/supervisor/first-words.ts';
import { systemClock } from '#host/clock.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { createInstructionFiles } from '#host/instructions/machine-files.ts';
import { scratch, spec } from '../fakes/places.ts';
import { recordingHands } from '../fakes/recording-hands.ts';
import { testRepository } from '../fakes/repository.ts';

async function stage(prompt: string) {
  const repository = testRepository({
    '.claude/commands/send.md': 'Sent: !`send --mail` $ARGUMENTS',
    '.claude/commands/look.md': 'Look at $0.',
  });
  const repositories = createRepositories();
  const { root, gitDirectory, head: commit } = await repositories.inspect(repository.root);
  const store = openStore(join(scratch(), 'a.db'), systemClock);
  onTestFinished(() => store.close());
  const run = 'run-00000001';
  store.commit((writer) => writer.append({ type: 'run.queued', run, routine: 'triage', trigger: { kind: 'person' } }));
  const machine = createInstructionFiles({ home: scratch(), platform: 'linux', system: '/nowhere' });
  const sources = { repositories, machine, repo: { root, gitDirectory }, commit };
  const place = { ...sources, run, effort: 'high' as const, seenAt: '/workspace', filesAt: undefined };
  const go = (hands: ReturnType<typeof recordingHands>) => {
    const known = store.read.run(run);
    if (!known) throw new Error('no run');
    return firstWords({
      ...{ store, clock: systemClock, run: known, spec: spec({ prompt }), sources, hands },
      ...{ skills: createSkillBook(place), judge: modeJudge('acceptEdits'), inspect: inspectBySigns },
      signal: new AbortController().signal,
    });
  };
  const events = () => store.events({ after: 0, limit: 100 });
  const handed = () => events().flatMap((e) => (e.type === 'skill.handed_over' ? [e.text] : []));
  return { go, handed, events, place };
}

test('are not run twice: what they said is told to be lost', async () => {
  const { go, handed } = await stage('/send now');
  // The first host dies in the middle of the command.
  const first = recordingHands(() => Promise.reject(new Error('killed')));
  await expect(go(first)).rejects.toThrow('killed');
  expect(first.calls).toMatchObject([{ tool: 'Bash', input: { command: 'send --mail' } }]);
  const second = recordingHands();
  await go(second);
  expect(second.calls).toEqual([]);
  expect(handed()).toEqual([expect.stringMatching(/Sent: \(the output is lost: .*not run twice\) now$/)]);
  // A third one has nothing left to say.
  expect(await go(second)).toBeNull();
});

test('a loop that repeats a command has its text from the beginning', async () => {
  const { go, handed, events } = await stage('/loop 10m /look src');
  await go(recordingHands());
  expect(handed()).toEqual([expect.stringMatching(/Look at src\.$/)]);
  expect(events().flatMap((e) => (e.type === 'loop.created' ? [e.prompt] : []))).toEqual(['/look src']);
});

test('where a sandbox shows no files, those of a person’s skill are refused with the reason', async () => {
  const { place } = await stage('Work.');
  const home = scratch();
  mkdirSync(join(home, '.claude/skills/mine'), { recursive: true });
  writeFileSync(join(home, '.claude/skills/mine/SKILL.md'), 'Mine.');
  writeFileSync(join(home, '.claude/skills/mine/data.txt'), 'data');
  const machine = createInstructionFiles({ home, platform: 'linux', system: '/nowhere' });
  const book = createSkillBook({ ...place, machine });
  expect(await book.files()).toEqual([]);
  const opened = await book.open('agent', 'mine', '');
  expect(JSON.stringify(opened)).toContain(
    'The files beside it are not here: on this system a sandbox cannot show them.',
  );
  expect((await book.find()).problems).toMatchObject([
    { message: expect.stringContaining('a sandbox cannot show them') },
  ]);
});
