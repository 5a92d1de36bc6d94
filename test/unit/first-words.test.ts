/** The commands of a skill that a prompt calls, where the host died while they ran. */
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

test('are not run twice: what they said is told to be lost', async () => {
  const repository = testRepository({ '.claude/commands/send.md': 'Sent: !`send --mail` $ARGUMENTS' });
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
      ...{ store, clock: systemClock, run: known, spec: spec({ prompt: '/send now' }), sources, hands },
      ...{ skills: createSkillBook(place), judge: modeJudge('acceptEdits'), inspect: inspectBySigns },
      signal: new AbortController().signal,
    });
  };
  // The first host dies in the middle of the command.
  const first = recordingHands(() => Promise.reject(new Error('killed')));
  await expect(go(first)).rejects.toThrow('killed');
  expect(first.calls).toMatchObject([{ tool: 'Bash', input: { command: 'send --mail' } }]);
  const second = recordingHands();
  await go(second);
  expect(second.calls).toEqual([]);
  const handed = store
    .events({ after: 0, limit: 100 })
    .flatMap((e) => (e.type === 'skill.handed_over' ? [e.text] : []));
  expect(handed).toEqual([expect.stringMatching(/Sent: \(the output is lost: .*not run twice\) now$/)]);
  // A third one has nothing left to say.
  expect(await go(second)).toBeNull();
});
