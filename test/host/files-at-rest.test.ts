/** While the host works on the files of a run, nothing of that run is alive that could change them under its eyes. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Fault } from '#contract/faults.ts';
import type { Hands } from '#core/ports.ts';
import { sturdyHands } from '#core/supervisor/sturdy-hands.ts';
import { readThere } from '#host/git/there.ts';
import { call, reply, type Step, say, use } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';
import { realRuntime } from '../fakes/real-runtime.ts';
import { recordingHands } from '../fakes/recording-hands.ts';
import { verifies } from '../promises.ts';

/** Of this machine, whose command line holds the word. */
function alive(word: string): number {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const lines = processes.map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      return '';
    }
  });
  return lines.filter((line) => line.includes(word)).length;
}

const propose = () => reply([call('Propose', { title: 'Work', explanation: 'So.', not_done: ['Nothing else.'] })]);

test.skipIf(process.platform !== 'linux')(
  verifies(
    'child-sees-nothing',
    'what a command left in the background has ended before the work is committed for a judge (bubblewrap, Linux only)',
  ),
  async () => {
    const word = `busy-${process.pid}-${Date.now()}`;
    const command = `echo new > new.txt; (setsid bash -c 'while :; do : ; read -t 0.05 < <(:); done' ${word} >/dev/null 2>&1 &); touch /tmp/mine`;
    const seen: Record<string, number> = {};
    const look =
      (when: string, step: Step): Step =>
      (request) => {
        seen[when] = alive(word);
        return typeof step === 'function' ? step(request) : step;
      };
    const { runOnce, server, events } = await realRuntime({
      routine: { goal: 'There is a new file.', checks: [] },
      script: [
        use('Bash', { command }),
        look('at work', propose()),
        look('judged', say(JSON.stringify({ verdict: 'not_yet', quote: '', reason: 'More.' }))),
        use('Bash', { command: 'cat new.txt; ls /tmp/mine' }),
        propose(),
        say(JSON.stringify({ verdict: 'met', quote: '+new', reason: 'There.' })),
      ],
    });
    const run = await runOnce();
    expect(seen['at work']).toBeGreaterThan(0);
    expect(seen.judged).toBe(0);
    expect(JSON.stringify(server.requests[3]?.body.messages.at(-1))).toContain('what you left running was ended');
    const results = events(run.id).filter((event) => event.type === 'tool.finished' && event.code === 'tool.exit_code');
    expect(results).toMatchObject([{ text: expect.stringContaining('new\n') }]);
    expect(run).toMatchObject({ state: 'ended', outcome: 'proposed', goal: { verdict: 'met' } });
  },
);

function started() {
  const all: (Hands & { state: 'open' | 'closed' })[] = [];
  let dying = 0;
  const launch = async () => {
    const hands = {
      ...recordingHands(() => {
        if (dying > 0 || made.state === 'closed') {
          dying = Math.max(0, dying - 1);
          throw new Fault('sandbox.died', 'Gone.');
        }
        return {};
      }),
      state: 'open' as 'open' | 'closed',
      close: async () => {
        made.state = 'closed';
      },
    };
    const made = hands;
    all.push(made);
    return made;
  };
  return { all, launch, die: (calls: number) => (dying = calls) };
}

test('a call waits while the host works apart, and then gets new hands', async () => {
  const { all, launch } = started();
  const hands = await sturdyHands(launch);
  const { promise, resolve } = Promise.withResolvers<void>();
  const states: string[] = [];
  const work = hands.apart(async () => {
    states.push(...all.map(({ state }) => state));
    await promise;
    states.push(...all.map(({ state }) => state));
  });
  const answer = hands.call('Bash', { command: 'true' });
  resolve();
  await work;
  expect(await answer).toMatchObject({ ok: true });
  expect(states).toEqual(['closed', 'closed']);
  expect(all.map(({ state }) => state)).toEqual(['closed', 'open']);
});

test('two calls that lose their hands together get one new pair, and after the close none is started', async () => {
  const { all, launch, die } = started();
  const hands = await sturdyHands(launch);
  die(2);
  const both = await Promise.all([hands.call('Bash', { command: 'a' }), hands.call('Bash', { command: 'b' })]);
  expect(both).toMatchObject([{ code: 'sandbox.died' }, { code: 'sandbox.died' }]);
  expect(all.map(({ state }) => state)).toEqual(['closed', 'open']);
  await hands.close();
  await expect(hands.call('Bash', { command: 'c' })).rejects.toMatchObject({ code: 'sandbox.died' });
  expect(all.map(({ state }) => state)).toEqual(['closed', 'closed']);
});

test.skipIf(process.platform !== 'linux')(
  'what a link outside of the worktree says is not read through a folder that became a link (Linux only)',
  async () => {
    const [root, outside] = [scratch(), scratch()];
    mkdirSync(join(root, 'real'));
    symlinkSync('of-the-run', join(root, 'real/link'));
    symlinkSync('top', join(root, 'top'));
    symlinkSync('/secret/place', join(outside, 'link'));
    symlinkSync(outside, join(root, 'swapped'));
    writeFileSync(join(root, 'real/file'), 'f');
    const paths = ['real/link', 'top', 'swapped/link', 'real/file'];
    const read = (await readThere(root, paths, 1000)) ?? [];
    const found = read.map((file) => [file.path, file.kind === 'file' ? String(file.content) : file.kind]);
    expect(found).toEqual([
      ['real/link', 'of-the-run'],
      ['top', 'top'],
      ['real/file', 'f'],
    ]);
  },
);
