/** A session goes on from an earlier turn, as a run of its own or as the same one, with the files of that turn. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import { createRules } from '#host/settings/run-rules.ts';
import { bySpeaker } from '../fakes/by-speaker.ts';
import { call, hang, reply, say, thinking, use } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';
import { testRepository } from '../fakes/repository.ts';
import { taskRuntime } from '../fakes/task.ts';

const write = (to: string) => use('Bash', { command: `echo ${to} > state.txt` });
const bare = (messages: unknown) => JSON.stringify(messages).replaceAll(/,"cache_control":\{[^}]*\}/g, '');
const saved = (events: Event[]) => events.flatMap((e) => (e.type === 'files.saved' ? [[e.turn, e.why]] : []));
const git = (root: string, ...args: string[]) => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' });

const threeTurns = [
  reply([thinking('first'), call('Bash', { command: 'echo one > state.txt' })]),
  reply([thinking('second'), call('Bash', { command: 'echo two > state.txt; mkdir -p new; echo x > new/two.txt' })]),
  say('Done.'),
];

test('a fork has the conversation without its thinking, the files of then, its own worktree and its own cost', async () => {
  const { start, ended, handlers, server, events, file, repository } = await taskRuntime({
    script: [...threeTurns, use('Bash', { command: 'cat state.txt; ls' }), say('Seen.')],
  });
  const run = await start();
  const source = await ended(run);
  const before = events(run);
  expect(saved(before)).toEqual([
    [1, null],
    [2, null],
  ]);
  const { run: fork } = await handlers.runs.fork({ run, atTurn: 1, prompt: 'Look again.' });
  const heir = await ended(fork);
  expect(heir).toMatchObject({ origin: { run, turn: 1, how: 'fork' }, turns: 2, base: source.base });
  expect(await handlers.runs.get({ run })).toMatchObject({ forks: [fork], costMicros: source.costMicros });
  const seen = events(fork).flatMap((e) => (e.type === 'tool.finished' ? [e.text] : []))[0];
  expect(seen).toContain('one');
  expect(seen).not.toContain('new');
  const asked = server.requests[3]?.body.messages ?? [];
  expect(bare(asked)).not.toContain('"thinking"');
  expect(asked.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'user']);
  expect(JSON.stringify(asked.at(-1))).toContain('Look again.');
  // Each pays what was asked in its own name, and nothing twice.
  const paid = (id: string) => events(id).reduce((sum, e) => sum + ('costMicros' in e ? e.costMicros : 0), 0);
  expect(heir.costMicros).toBe(paid(fork));
  expect(source.costMicros).toBe(paid(run));
  expect(readFileSync(file(run, 'state.txt'), 'utf8')).toBe('two\n');
  expect(readFileSync(file(fork, 'state.txt'), 'utf8')).toBe('one\n');
  expect(git(repository.root, 'diff', '--name-only', `${heir.base}..${heir.branch}`).trim()).toBe('state.txt');
});

test('a rewound run has the files of then, says what was left behind, and builds on the turns it kept', async () => {
  const { start, ended, handlers, server, events, file } = await taskRuntime({
    script: [...threeTurns, use('Bash', { command: 'cat state.txt; ls' }), say('Again.'), say('As it was.')],
  });
  const run = await start();
  await ended(run);
  const back = await handlers.runs.rewind({ run, toTurn: 1, door: 'browser' });
  expect(back).toMatchObject({ session: 'idle', turns: 3 });
  await handlers.runs.say({ run, text: 'Differently.', interrupt: false, door: 'browser' });
  await ended(run, 2);
  const [first, second, , after] = server.requests.map(({ body }) => body.messages);
  // Byte for byte what was said up to then: its thinking stays valid.
  expect(bare(after).startsWith(bare(first).slice(0, -1))).toBe(true);
  expect(bare(after)).toContain(bare(second).slice(0, -1));
  expect(bare(after)).not.toContain('echo two');
  expect(JSON.stringify(after?.at(-1))).toContain('Differently.');
  const texts = events(run).flatMap((e) => (e.type === 'tool.finished' ? [e.text] : []));
  expect(texts.at(-1)).toContain('one');
  expect(existsSync(file(run, 'new'))).toBe(false);
  expect(events(run).some((e) => e.type === 'history.rewound' && e.turn === 1)).toBe(true);
  // What was left behind is still there for whoever goes back to it, and is not what the way back has made of the files.
  expect(saved(events(run)).map(([turn]) => turn)).toEqual([1, 2, 4]);
  await handlers.runs.rewind({ run, toTurn: 3, prompt: 'As it was, after all.', door: 'browser' });
  await ended(run, 3);
  expect(readFileSync(file(run, 'state.txt'), 'utf8')).toBe('two\n');
});

test('a run at work is taken back without being ended, whatever it was doing', async () => {
  const { start, ended, handlers, server, events, happens } = await taskRuntime({
    script: [write('one'), write('two'), hang(), use('Bash', { command: 'cat state.txt' }), say('Seen.')],
  });
  const run = await start();
  await server.arrived(3);
  await happens((e) => e.type === 'files.saved' && e.turn === 2);
  await handlers.runs.rewind({ run, toTurn: 1, prompt: 'From one, please.', door: 'window' });
  expect(await ended(run)).toMatchObject({ outcome: 'proposed' });
  expect(events(run).filter(({ type }) => type === 'run.ended')).toHaveLength(1);
  const texts = events(run).flatMap((e) => (e.type === 'tool.finished' ? [e.text] : []));
  expect(texts.at(-1)).toContain('one');
});

test('a turn that there is not, or that is not whole, is refused by name; what was cleared away, too', async () => {
  const { start, ended, handlers, repository } = await taskRuntime({ script: [...threeTurns, say('Fine.')] });
  const run = await start();
  await ended(run);
  await expect(handlers.runs.fork({ run, atTurn: 9 })).rejects.toMatchObject({
    ...{ code: 'input', field: 'turn', message: expect.stringContaining('turns 1 to 3') },
  });
  await expect(handlers.runs.rewind({ run, toTurn: 7, door: 'window' })).rejects.toMatchObject({ code: 'input' });
  for (const ref of git(repository.root, 'for-each-ref', '--format=%(refname)', 'refs/nightshift').trim().split('\n'))
    git(repository.root, 'update-ref', '-d', ref);
  git(repository.root, 'gc', '--quiet', '--prune=now');
  await expect(handlers.runs.fork({ run, atTurn: 1 })).rejects.toMatchObject({ code: 'conflict' });
});

test('a fork of a run at work takes its last whole turn and leaves it alone', async () => {
  const { start, ended, handlers, server, happens } = await taskRuntime({
    script: [write('one'), hang(), say('The fork is done.'), say('So is the other.')],
  });
  const run = await start();
  await server.arrived(2);
  await happens((e) => e.type === 'files.saved');
  const { run: fork } = await handlers.runs.fork({ run });
  expect(await ended(fork)).toMatchObject({ outcome: 'proposed', origin: { turn: 1 } });
  expect((await handlers.runs.get({ run })).session).toBe('working');
  server.release();
  await ended(run);
});

test('turns are those of the run: what its subagents do between two of them belongs to the turn that set them to work', async () => {
  const add = (word: string) => use('Bash', { command: `echo ${word} >> sub.txt` });
  const { start, ended, handlers, events, file } = await taskRuntime({
    script: bySpeaker({
      lead: [
        write('one'),
        use('Agent', { description: 'Adds lines', prompt: 'PEAR' }),
        write('three'),
        say('Done.'),
        say('Fork.'),
        say('Fork.'),
      ],
      PEAR: [add('a'), add('b'), add('c'), add('d'), say('Added.')],
    }),
  });
  const run = await start();
  await ended(run);
  expect(saved(events(run))).toEqual([
    [1, null],
    [2, null],
    [3, null],
  ]);
  const files = async (atTurn: number) => {
    const { run: fork } = await handlers.runs.fork({ run, atTurn });
    await ended(fork);
    const [state, sub] = [file(fork, 'state.txt'), file(fork, 'sub.txt')];
    return [readFileSync(state, 'utf8'), existsSync(sub) ? readFileSync(sub, 'utf8') : null];
  };
  expect(await files(1)).toEqual(['one\n', null]);
  expect(await files(2)).toEqual(['one\n', 'a\nb\nc\nd\n']);
});

test('a run that waits for an answer is taken back without a word, and goes on', async () => {
  const rules = createRules({ home: scratch(), platform: 'linux', system: scratch() });
  const { start, ended, handlers, server, happens, events } = await taskRuntime({
    ...{ rules, script: [write('one'), use('Bash', { command: 'rm -rf .git' }), say('Back.')] },
    routine: { permissions: { allow: [], ask: ['Bash(rm:*)'], deny: [] } },
  });
  const run = await start();
  await happens((e) => e.type === 'run.parked' && e.run === run);
  await happens((e) => e.type === 'files.saved' && e.turn === 1);
  await handlers.runs.rewind({ run, toTurn: 1, door: 'terminal' });
  expect(await ended(run)).toMatchObject({ outcome: 'proposed' });
  expect(server.requests).toHaveLength(3);
  expect(events(run).flatMap((e) => (e.type === 'question.answered' ? [e.state] : []))).toEqual(['withdrawn']);
});

test('subagents stop where their run is taken back, and those of what is left behind tell it nothing', async () => {
  const agent = (task: string) => call('Agent', { description: task, prompt: task, run_in_background: true });
  const { start, ended, handlers, server, happens, events } = await taskRuntime({
    script: bySpeaker({
      lead: [write('one'), reply([agent('APPLE')]), hang(), say('Forked.'), say('Back.')],
      APPLE: [hang(), say('apple done')],
    }),
  });
  const run = await start();
  await server.arrived(4);
  await happens((e) => e.type === 'files.saved' && e.turn === 1);
  const { run: fork } = await handlers.runs.fork({ run, atTurn: 2 });
  expect(events(fork).flatMap((e) => (e.type === 'message.added' ? [e.from] : []))).toEqual(['nightshift', 'person']);
  expect(JSON.stringify(events(fork))).toContain('agent-1 stayed with the one before');
  await ended(fork);
  await handlers.runs.rewind({ run, toTurn: 1, prompt: 'From one, please.', door: 'window' });
  expect((await ended(run)).agents).toMatchObject([{ state: 'stopped' }]);
  expect(events(run).flatMap((e) => (e.type === 'message.added' && e.results ? [e.text] : []))).toEqual([]);
  expect(JSON.stringify(server.requests.at(-1)?.body.messages)).not.toContain('agent-1');
});

test('instructions of a folder that were told on a way left behind are told again', async () => {
  const read = use('Read', { file_path: 'deep/a.txt' });
  const again = use('Read', { file_path: 'deep/a.txt' });
  const { start, ended, handlers, server } = await taskRuntime({
    repository: testRepository({ 'a.txt': 'a', 'deep/a.txt': 'a', 'deep/AGENTS.md': 'DEEP-WORDS\n' }),
    script: [use('Bash', { command: 'true' }), read, say('Done.'), again, say('Done again.')],
  });
  const run = await start();
  await ended(run);
  expect(JSON.stringify(server.requests[2]?.body.messages)).toContain('DEEP-WORDS');
  await handlers.runs.rewind({ run, toTurn: 1, prompt: 'Again.', door: 'window' });
  await ended(run, 2);
  expect(JSON.stringify(server.requests[3]?.body.messages)).not.toContain('DEEP-WORDS');
  expect(JSON.stringify(server.requests[4]?.body.messages)).toContain('DEEP-WORDS');
});
