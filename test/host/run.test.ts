import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TaskSpec } from '#contract/tasks.ts';
import { createSandbox } from '#host/sandbox/launch.ts';
import { call, cut, fail, hang, reply, say, text, use } from '../fakes/messages-server.ts';
import { silent } from '../fakes/places.ts';
import { brokenService, realRuntime } from '../fakes/real-runtime.ts';
import { limits } from '../fakes/records.ts';
import { type TestRepository, temporaryFolder, testRepository } from '../fakes/repository.ts';

const mend = use('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' });
const propose = use('Propose', {
  title: 'Give the right answer',
  explanation: 'It was off.',
  root_cause: 'A slip.',
  not_done: ['Nothing else was looked at.'],
});
const mending = [use('Bash', { command: 'node answer.test.js' }), mend, propose];

/** Every byte that belongs to the person: files, index, branches other than ours, HEAD, stash. */
function personsSide({ root, git }: TestRepository): string {
  const files = git('ls-files', '-co', '--exclude-standard').split('\n');
  const bytes = files.map((file) =>
    existsSync(join(root, file)) ? readFileSync(join(root, file)).toString('hex') : '',
  );
  const state = [
    git('status', '--porcelain=v2', '--branch'),
    git('rev-parse', 'HEAD'),
    git('stash', 'list'),
    ...files,
    ...bytes,
  ];
  return createHash('sha256').update(state.join('\0')).digest('hex');
}

describe('a run that mends something', () => {
  test('ends in a proposal with diff, checks from failing to passing, cost, and what was not done [checks-with-evidence] [checkout-untouched]', async () => {
    const { runOnce, handlers, repository, server, events } = await realRuntime({ script: [...mending] });
    repository.write('notes.txt', 'unsaved work of the person\n');
    repository.write('src/answer.js', 'export const answer = 41; // being edited\n');
    const before = personsSide(repository);
    const run = await runOnce();
    expect(run).toMatchObject({
      state: 'ended',
      outcome: 'proposed',
      reason: null,
      model: 'claude-opus-5-5',
      turns: 3,
    });
    expect(run.costMicros).toBeGreaterThan(0);
    expect(run.branch).toBe(`nightshift/triage/${run.id}`);

    const [proposal] = await handlers.proposals.list({ limit: 10 });
    expect(proposal).toMatchObject({
      ...{ state: 'open', revision: 1, title: 'Give the right answer', rootCause: 'A slip.' },
      notDone: ['Nothing else was looked at.'],
      files: [{ path: 'src/answer.js', status: 'modified', additions: 1, deletions: 1 }],
      before: { results: [{ command: 'node answer.test.js', exitCode: 1, passed: false }] },
      after: { results: [{ exitCode: 0, passed: true, output: expect.stringContaining('right answer') }] },
      costMicros: run.costMicros,
    });
    expect(proposal?.before?.commit).toBe(run.base);
    expect(proposal?.after?.commit).toBe(proposal?.head);
    expect((await handlers.proposals.diff({ proposal: proposal?.id ?? '' })).patch).toContain(
      '+export const answer = 42;',
    );
    expect(events(run.id).find((event) => event.type === 'tool.finished')).toMatchObject({
      view: { kind: 'terminal', exitCode: 1 },
    });
    expect(personsSide(repository)).toBe(before);
    expect(server.requests).toHaveLength(3);
  });

  test('what the agent leaves lying about does not count in the checks: they see the commit only [checks-with-evidence]', async () => {
    const cheat = use('Bash', { command: "echo '*.out' > .git-ignored; echo x > passes.out" });
    const { runOnce, handlers } = await realRuntime({
      script: [cheat, mend, propose],
      repository: testRepository({ ...brokenService, '.gitignore': '*.out\n' }),
      routine: { checks: ['test -e passes.out'] },
    });
    await runOnce();
    const [proposal] = await handlers.proposals.list({ limit: 1 });
    expect(proposal?.after?.results[0]).toMatchObject({ passed: false });
  });

  test('when the agent says nothing about gaps, that is said', async () => {
    const { runOnce, handlers } = await realRuntime({ script: [mend, say('# Fixed it\nAll good.')] });
    await runOnce();
    expect((await handlers.proposals.list({ limit: 1 }))[0]).toMatchObject({ title: 'Fixed it', notDone: null });
  });
});

describe('a run that changes nothing', () => {
  test('says so with the reason, and leaves neither branch nor worktree', async () => {
    const { runOnce, repository, paths } = await realRuntime({
      script: [say('The tests pass already.')],
      routine: { checks: [] },
    });
    const run = await runOnce();
    expect(run).toMatchObject({
      outcome: 'nothing_to_propose',
      reason: { code: 'nothing_changed', message: expect.stringContaining('pass already') },
      proposal: null,
    });
    expect(repository.git('branch', '--list', 'nightshift/*')).toBe('');
    expect(existsSync(join(paths.worktrees, run.id))).toBe(false);
  });

  test('in plan mode neither Edit nor Bash can change the worktree', async () => {
    const { runOnce, events } = await realRuntime({
      script: [
        reply([
          call('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' }),
          call('Bash', { command: 'echo x > new.txt' }),
        ]),
        say('I would change 41 to 42.'),
      ],
      routine: { permissionMode: 'plan' },
    });
    const run = await runOnce();
    expect(run.outcome).toBe('nothing_to_propose');
    const results = events(run.id).filter((event) => event.type === 'tool.finished');
    expect(results[0]).toMatchObject({ code: 'mode.plan' });
    expect(results[1]).toMatchObject({ ok: false, text: expect.stringMatching(/Read-only/i) });
  });
});

describe('what cannot even begin is blocked in the ledger, with the cure', () => {
  const due = async (setting: Parameters<typeof realRuntime>[0], spoil?: (repository: TestRepository) => void) => {
    const parts = await realRuntime(setting);
    await parts.add();
    spoil?.(parts.repository);
    await parts.handlers.routines.fireAt({ routine: 'triage', at: new Date(parts.clock.now() + 1500).toISOString() });
    parts.clock.pass(2000);
    const { accounted } = await parts.handlers.due({ by: 'cli' });
    const run = await parts.ended(accounted[0]?.run ?? '');
    const [row] = await parts.handlers.routines.ledger({ limit: 1 });
    return { run, row };
  };

  test.each([
    ['repo.missing', (r: TestRepository) => rmSync(r.root, { recursive: true })],
    ['repo.detached', (r: TestRepository) => void r.git('checkout', '--quiet', '--detach')],
  ])('%s', async (code, spoil) => {
    const { run, row } = await due({}, spoil);
    expect(run).toMatchObject({ outcome: 'failed', reason: { code, cure: expect.any(String) } });
    expect(row).toMatchObject({ state: 'blocked', reason: run.reason?.message });
  });

  test('no key for a named model', async () => {
    const { run, row } = await due({ env: {} });
    expect(run).toMatchObject({
      outcome: 'failed',
      reason: { code: 'model.key_missing', cure: expect.stringContaining('nightshift model key') },
    });
    expect(row?.state).toBe('blocked');
  });

  test('no sandbox: it fails before its first tool call and nothing runs outside one [no-silent-fallback]', async () => {
    const { run, row } = await due({ sandbox: createSandbox({ log: silent, bwrap: '/nonexistent/bwrap' }) });
    expect(run).toMatchObject({
      outcome: 'failed',
      toolCalls: 0,
      reason: { code: 'sandbox.unavailable', cure: expect.stringContaining('bubblewrap') },
    });
    expect(row?.state).toBe('blocked');
  });

  test.each([
    [401, 'model.key_rejected'],
    [529, 'model.overloaded'],
  ])('the API answers %d', async (status, code) => {
    const { run, row } = await due({ script: [fail(status), fail(status)] });
    expect(run).toMatchObject({ outcome: 'failed', reason: { code, cure: expect.any(String) } });
    expect(row?.state).toBe('blocked');
  });

  test('no network', async () => {
    const { run } = await due({ env: { ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' } });
    expect(run).toMatchObject({ outcome: 'failed', reason: { code: 'model.unreachable', cure: expect.any(String) } });
  });
});

describe('a repository is refused with the field and the cure when the routine is made', () => {
  test.each([
    ['repo.missing', () => '/nonexistent/here'],
    ['repo.not_a_repository', () => temporaryFolder()],
    ['repo.no_commits', () => testRepository(null).root],
  ])('%s', async (code, path) => {
    const { handlers, routine } = await realRuntime();
    const adding = handlers.routines.add({ spec: { ...routine, repository: path() } });
    await expect(adding).rejects.toMatchObject({ code, cure: expect.any(String) });
    expect(await handlers.routines.list(undefined)).toEqual([]);
  });
});

describe('a run that breaks off', () => {
  test('keeps what it had changed as a commit on its branch', async () => {
    const { runOnce, repository } = await realRuntime({ script: [mend, fail(401)] });
    const run = await runOnce();
    expect(run).toMatchObject({
      outcome: 'failed',
      reason: { code: 'model.key_rejected', message: expect.stringContaining(run.branch ?? '?') },
    });
    expect(repository.git('show', `${run.branch}:src/answer.js`)).toContain('42');
  });

  test('a stream that breaks again and again', async () => {
    const { runOnce } = await realRuntime({ script: [1, 2, 3].map(() => cut([text('half')], 4)) });
    expect(await runOnce()).toMatchObject({ outcome: 'failed', reason: { code: 'model.stream_broken' } });
  });

  test('stopped by a person', async () => {
    const { add, handlers, ended, server } = await realRuntime({ script: [hang()] });
    await add();
    const { run } = await handlers.routines.run({ routine: 'triage' });
    await server.arrived(1);
    await handlers.runs.stop({ run });
    expect(await ended(run)).toMatchObject({ outcome: 'stopped', reason: { code: 'run.stopped' } });
    await expect(handlers.runs.stop({ run })).rejects.toMatchObject({ code: 'conflict' });
  });

  test('at a limit the work is proposed, and said to be cut short', async () => {
    const { runOnce, handlers } = await realRuntime({
      script: [mend],
      routine: { limits: limits({ turns: 1, minutes: 5, dollars: 2 }) },
    });
    expect(await runOnce()).toMatchObject({ outcome: 'proposed', reason: { code: 'limit.turns' } });
    expect((await handlers.proposals.list({ limit: 1 }))[0]?.notDone?.[0]).toContain('limit of 1 turns');
  });
});

describe('tool results', () => {
  test('a 10 MB line, binary output and a malformed input stay bounded text for the model', async () => {
    const { runOnce, events } = await realRuntime({
      script: [
        use('Bash', { command: "head -c 10000000 /dev/zero | tr '\\0' x" }),
        use('Bash', { command: 'head -c 5000 /dev/urandom' }),
        use('Bash', { cmd: 'ls' }),
        say('Done.'),
      ],
      routine: { checks: [] },
    });
    const run = await runOnce();
    const [long, binary, malformed] = events(run.id).flatMap((event) =>
      event.type === 'tool.finished' ? [event] : [],
    );
    expect(long?.text.length).toBeLessThan(31_000);
    expect(long?.text).toMatch(/bytes left out/);
    expect(binary?.text.length).toBeLessThan(31_000);
    expect(malformed).toMatchObject({ ok: false, code: 'tool.input', text: expect.stringContaining('command') });
    expect(run.outcome).toBe('nothing_to_propose');
  });
});

test('a task that is asked for again with its key is one run, and with another key another', async () => {
  const { handlers, repository, ended } = await realRuntime({ script: [say('Nothing to do.'), say('Nor here.')] });
  const task = { prompt: 'Look.', repository: repository.root, model: 'claude-opus-5-5' };
  const start = (key?: string) => handlers.runs.start({ task: TaskSpec.parse({ ...task, timeZone: 'UTC' }), key });
  const [one, again] = await Promise.all([start('a'), start('a')]);
  expect(again).toEqual(one);
  await ended(one.run);
  expect(await start('a')).toEqual(one);
  const other = await start('b');
  expect(other.run).not.toBe(one.run);
  await ended(other.run);
  expect(await handlers.runs.list({ limit: 10 })).toHaveLength(2);
});
