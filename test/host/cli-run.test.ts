/** One task from the terminal: a real host, a real sandbox, a model behind the real wire protocol, and an exit code that says what came of it. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Event } from '#contract/events.ts';
import { entry } from '#host/self.ts';
import { heard } from '../fakes/heard.ts';
import {
  call,
  fail,
  hang,
  type MessagesServer,
  reply,
  type Step,
  say,
  startMessagesServer,
  use,
} from '../fakes/messages-server.ts';
import { brokenService } from '../fakes/real-runtime.ts';
import { verifies } from '../promises.ts';

const mend = use('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' });
const propose = reply([call('Propose', { title: 'Right answer', explanation: 'So.', not_done: ['Nothing else.'] })]);
const judge = (verdict: string, quote = '') => say(JSON.stringify({ verdict, quote, reason: 'As seen.' }));
const check = ['--check', 'node answer.test.js'];

const folder = mkdtempSync(join(tmpdir(), 'nsrun-'));
const repository = join(folder, 'orders');
let server: MessagesServer;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  const home = join(folder, 'home');
  const runtime = join(folder, 'run');
  for (const each of [home, runtime, join(repository, 'src')]) mkdirSync(each, { recursive: true, mode: 0o700 });
  for (const [path, text] of Object.entries(brokenService)) writeFileSync(join(repository, path), text);
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', repository, ...args], { env: { ...process.env, HOME: home } });
  git('init', '-q');
  git('add', '.');
  git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '-q', '-m', 'Begin');
  server = await startMessagesServer();
  // An empty runtime directory: no systemd manager of the person is reached.
  env = { HOME: home, PATH: process.env.PATH, NIGHTSHIFT_HOME: join(folder, 'data'), XDG_RUNTIME_DIR: runtime };
  Object.assign(env, { ANTHROPIC_BASE_URL: server.url, ANTHROPIC_API_KEY: 'sk-test-key' });
});
afterAll(async () => {
  spawnSync(process.execPath, [entry('cli'), 'host', 'stop', '--force'], { env });
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  server.requests.length = 0;
});

function start(...argv: string[]) {
  const child = spawn(process.execPath, [entry('cli'), 'run', ...argv], { env, cwd: repository });
  return heard(child);
}

async function task(script: Step[], ...argv: string[]) {
  server.push(...script);
  const { seen, ended } = start('--prompt', 'Mend it.', '--model', 'claude-opus-5-5', ...argv);
  return { code: await ended, ...seen };
}

const eventsOf = (out: string): Event[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => Event.parse(JSON.parse(line)));

describe('nightshift run', () => {
  test(
    verifies(
      'task-by-exit-code',
      'streams one event per line from any compatible address, and ends with 0 when all holds',
    ),
    async () => {
      const script = [mend, propose, judge('met', 'right answer')];
      const { code, out, err } = await task(
        script,
        '--json',
        '--goal',
        'The answer is right.',
        ...check,
        '--effort',
        'low',
      );
      expect({ code, err }).toEqual({ code: 0, err: '' });
      const events = eventsOf(out);
      expect(events.map(({ seq }) => seq)).toEqual([...events.map(({ seq }) => seq)].sort((a, b) => a - b));
      expect(events[0]).toMatchObject({ type: 'run.queued', trigger: { kind: 'person' } });
      expect(events.find(({ type }) => type === 'goal.judged')).toMatchObject({ verdict: 'met' });
      expect(events.at(-1)).toMatchObject({ type: 'run.ended', outcome: 'proposed' });
      expect(server.requests[0]?.headers.authorization).toBe('Bearer sk-test-key');
      expect(server.requests[0]?.body.output_config).toMatchObject({ effort: 'low' });
      expect(out).not.toContain('sk-test-key');
    },
  );

  test.each<[string, number, Step[], string[]]>([
    ['a check that fails', 10, [say('Nothing to do.')], check],
    ['a check that fails in the end', 10, [use('Write', { file_path: 'x', content: 'x' }), propose], check],
    [
      'a goal that is not met',
      11,
      [mend, propose, judge('not_yet'), propose, judge('not_yet')],
      ['--goal', 'All is well.', '--rounds', '1', '--when-asked', 'deny'],
    ],
    [
      'a goal that is impossible',
      12,
      [mend, propose, judge('impossible', 'answer = 42')],
      ['--goal', 'All is well.', '--when-asked', 'deny'],
    ],
    ['a limit', 13, [mend], ['--turns', '1']],
    ['a budget', 13, [], ['--budget', '0.01', '--when-asked', 'deny']],
    ['a question that is open', 14, [mend, propose, judge('impossible', 'answer = 42')], ['--goal', 'All is well.']],
    ['a model that fails', 1, [fail(400, { headers: {} })], []],
  ])('%s ends it with %i', async (_what, wanted, steps, argv) => {
    const { code, out } = await task(steps, ...argv);
    expect({ code, out }).toMatchObject({ code: wanted });
  });

  test('the result of a rubric is told criterion by criterion', async () => {
    writeFileSync(join(repository, 'rubric.md'), '# Done when\n\n- `src/answer.js` gives 42\n- The code looks good\n');
    const evidence = [{ path: 'src/answer.js', line: 1, quote: 'answer = 42' }];
    const criteria = [
      { number: 1, verdict: 'satisfied', reason: 'It does.', evidence },
      { number: 2, verdict: 'could_not_check', reason: 'Taste.', evidence: [] },
    ];
    const grade = use('Grade', { fits: true, explanation: '', criteria });
    const { code, out, err } = await task([mend, propose, grade], '--rubric', 'rubric.md');
    rmSync(join(repository, 'rubric.md'));
    expect(code).toBe(10);
    expect(err).toContain('Warning: nobody can check "The code looks good"');
    expect(out).toContain('src/answer.js:1: answer = 42');
    expect(out).toContain('? The code looks good');
  });

  test('Ctrl+C stops the run, tells its end and leaves no worktree', async () => {
    server.push(hang());
    const { child, seen, ended } = start('--prompt', 'Mend it.', '--model', 'claude-opus-5-5', '--json');
    await server.arrived(1);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(eventsOf(seen.out).at(-1)).toMatchObject({ type: 'run.ended', outcome: 'stopped' });
    const run = eventsOf(seen.out).flatMap((event) => (event.type === 'run.queued' ? [event.run] : []))[0] ?? '';
    expect(existsSync(join(folder, 'data', 'worktrees', run))).toBe(false);
    expect(readdirSync(repository).sort()).toEqual(['.git', 'answer.test.js', 'package.json', 'src']);
  });

  test('kill -9 of the host while the goal is judged: the next one judges it, and the same command sees the end', async () => {
    server.push(mend, propose, hang());
    const argv = [
      '--prompt',
      'Mend it.',
      '--model',
      'claude-opus-5-5',
      '--json',
      '--goal',
      'The answer is right.',
      ...check,
    ];
    const { seen, ended } = start(...argv);
    await server.arrived(3);
    const status = spawnSync(process.execPath, [entry('cli'), 'host', 'status', '--json'], { env, encoding: 'utf8' });
    server.push(judge('met', 'right answer'));
    process.kill((JSON.parse(status.stdout) as { pid: number }).pid, 'SIGKILL');
    expect(await ended).toBe(0);
    const events = eventsOf(seen.out);
    expect(events.filter(({ type }) => type === 'goal.judged')).toMatchObject([{ round: 1, verdict: 'met' }]);
    expect(events.filter(({ type }) => type === 'cost.presumed')).toMatchObject([{ purpose: 'judge' }]);
    expect(new Set(events.map(({ seq }) => seq)).size).toBe(events.length);
    expect(server.requests).toHaveLength(4);
  });

  test('a rubric of 200 kB is refused before anything is asked', async () => {
    writeFileSync(join(folder, 'long.md'), `- ${'x'.repeat(200_000)}\n`);
    const { code, err } = await task([], '--rubric', join(folder, 'long.md'), '--json');
    expect(code).toBe(2);
    expect(JSON.parse(err)).toMatchObject({
      error: { code: 'input', field: 'task.rubric', cure: expect.stringContaining('64,000') },
    });
    expect(server.requests).toHaveLength(0);
  });

  test.each([
    ['a NUL byte', Buffer.from('one\ntwo\0three\n'), 'holds a NUL byte: line 2 of'],
    ['broken UTF-8', Buffer.from([0x6f, 0x6b, 0x0a, 0xc3, 0xa9, 0xff, 0x0a]), 'is not UTF-8: line 2 of'],
    ['a character cut at its end', Buffer.from([0x6f, 0x6b, 0xe2, 0x82]), 'is not UTF-8: line 1 of'],
  ])('a prompt file with %s is refused, naming the place', async (_what, bytes, message) => {
    writeFileSync(join(folder, 'odd.txt'), bytes);
    const from = start('--prompt', `@${join(folder, 'odd.txt')}`, '--json');
    expect(await from.ended).toBe(2);
    expect(JSON.parse(from.seen.err)).toMatchObject({
      error: { code: 'input', field: 'spec.prompt', message: expect.stringContaining(message) },
    });
    expect(server.requests).toHaveLength(0);
  });

  test('5 MB of pasted text, from a file or a pipe, are refused before anything is asked', async () => {
    writeFileSync(join(folder, 'pasted.txt'), 'x'.repeat(5_000_000));
    const cure = expect.stringContaining('into a file of the repository');
    const from = start('--prompt', `@${join(folder, 'pasted.txt')}`, '--json');
    expect(await from.ended).toBe(2);
    expect(JSON.parse(from.seen.err)).toMatchObject({
      error: { code: 'input', message: 'The prompt has more than 100,000 characters.', cure },
    });
    const argv = [entry('cli'), 'run', '--prompt', '-', '--json'];
    // More than the door itself would take.
    const piped = spawnSync(process.execPath, argv, {
      env,
      cwd: repository,
      input: 'x'.repeat(9_000_000),
      encoding: 'utf8',
    });
    expect(piped.status).toBe(2);
    expect(JSON.parse(piped.stderr)).toMatchObject({ error: { code: 'input', cure } });
    writeFileSync(join(folder, 'long.txt'), 'x'.repeat(200_000));
    const long = start('--prompt', `@${join(folder, 'long.txt')}`, '--json');
    expect(await long.ended).toBe(2);
    expect(JSON.parse(long.seen.err)).toMatchObject({
      error: { field: 'task.prompt', cure: expect.stringContaining('100,000') },
    });
    expect(server.requests).toHaveLength(0);
  });

  test('two budgets, and no prompt, are refused', async () => {
    expect((await task([], '--budget', '1', '--dollars', '2')).code).toBe(2);
    const { ended, seen } = start('--goal', 'x');
    expect(await ended).toBe(2);
    expect(seen.err).toContain('--prompt');
  });
});
