import { existsSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { call, fail, hang, reply, say, text, use } from '../fakes/messages-server.ts';
import { realRuntime, type Setting } from '../fakes/real-runtime.ts';

const day = 24 * 60 * 60 * 1000;
const edit = (from: string, to: string) =>
  use('Edit', { file_path: 'src/answer.js', old_string: from, new_string: to });
const propose = (title: string) => use('Propose', { title, explanation: 'Why not.', not_done: ['Nothing else.'] });

async function proposed(setting: Setting = {}) {
  const parts = await realRuntime({ script: [edit('41', '42'), propose('Mend')], routine: { checks: [] }, ...setting });
  const run = await parts.runOnce();
  const proposal = run.proposal ?? '';
  const worktree = join(parts.paths.worktrees, run.id);
  return { ...parts, run, proposal, worktree };
}

describe('approving', () => {
  test('into the checked-out branch: fast-forward, and the clean checkout follows', async () => {
    const { handlers, proposal, repository, worktree, store } = await proposed();
    expect(existsSync(worktree)).toBe(true);
    const done = await handlers.proposals.approve({ proposal });
    expect(done).toMatchObject({ state: 'approved', into: 'main', landedHow: 'fast_forward', landedAs: done.head });
    expect(repository.git('rev-parse', 'main')).toBe(done.head);
    expect(repository.git('status', '--porcelain')).toBe('');
    expect(repository.git('show', 'HEAD:src/answer.js')).toContain('42');
    await expect.poll(() => existsSync(worktree)).toBe(false);
    await expect.poll(() => store.outbox.pending('cleanup')).toEqual([]);
  });

  test('into another branch: created where the run began, and the checkout is not touched', async () => {
    const { handlers, proposal, repository } = await proposed();
    repository.write('src/answer.js', 'being edited\n');
    const done = await handlers.proposals.approve({ proposal, into: 'fixes' });
    expect(done).toMatchObject({ state: 'approved', into: 'fixes' });
    expect(repository.git('show', 'fixes:src/answer.js')).toContain('42');
    expect(repository.git('show', 'main:src/answer.js')).toContain('41');
    expect(repository.git('status', '--porcelain')).toBe(' M src/answer.js');
  });

  test('a branch that has moved on gets a merge commit', async () => {
    const { handlers, proposal, repository } = await proposed();
    repository.commit({ 'other.txt': 'x\n' });
    const done = await handlers.proposals.approve({ proposal });
    expect(done.landedHow).toBe('merge_commit');
    expect(repository.git('log', '-1', '--format=%P', 'main').split(' ')).toHaveLength(2);
    expect(repository.git('log', '-1', '--format=%B', 'main')).toContain(proposal);
  });

  test('files that would run on this machine by being there are told apart, and land only by name [runs-here]', async () => {
    const write = use('Write', { file_path: 'Makefile', content: 'all:\n\ttouch x\n' });
    const { handlers, proposal, repository } = await proposed({
      ...{ script: [edit('41', '42'), write, propose('Mend')] },
    });
    const head = repository.git('rev-parse', 'main');
    const { files } = await handlers.proposals.get({ proposal });
    expect(files.map(({ path, runsHere }) => [path, runsHere ?? null])).toEqual([
      ['Makefile', 'a build tool runs it'],
      ['src/answer.js', null],
    ]);
    await expect(handlers.proposals.approve({ proposal })).rejects.toMatchObject({
      ...{ code: 'conflict', field: 'withFilesThatRun', message: expect.stringContaining('Makefile') },
      cure: expect.stringContaining('--with-files-that-run'),
    });
    expect(repository.git('rev-parse', 'main')).toBe(head);
    const done = await handlers.proposals.approve({ proposal, withFilesThatRun: true });
    expect(repository.git('rev-parse', 'main')).toBe(done.head);
  });

  test('a changed file that a link makes one that runs is told apart, too [runs-here]', async () => {
    const parts = await realRuntime({ script: [edit('41', '42'), propose('Mend')], routine: { checks: [] } });
    mkdirSync(join(parts.repository.root, '.husky'));
    symlinkSync('src', join(parts.repository.root, 'linked'));
    symlinkSync('../linked/answer.js', join(parts.repository.root, '.husky', 'pre-commit'));
    parts.repository.commit({}, 'Links');
    const { proposal } = await parts.runOnce();
    const { files } = await parts.handlers.proposals.get({ proposal: proposal ?? '' });
    expect(files).toMatchObject([
      { path: 'src/answer.js', runsHere: 'a git hook runs it, as .husky/pre-commit, by a link' },
    ]);
  });

  test('conflicts are named, nothing is touched, and the proposal stays open', async () => {
    const { handlers, proposal, repository } = await proposed();
    const head = repository.commit({ 'src/answer.js': 'export const answer = 43;\n' });
    await expect(handlers.proposals.approve({ proposal })).rejects.toMatchObject({
      code: 'repo.conflict',
      message: expect.stringContaining('src/answer.js'),
      cure: expect.any(String),
    });
    expect(repository.git('rev-parse', 'main')).toBe(head);
    expect(repository.git('status', '--porcelain')).toBe('');
    expect((await handlers.proposals.get({ proposal })).state).toBe('open');
  });

  test('a dirty checkout of the target is never touched [checkout-untouched]', async () => {
    const { handlers, proposal, repository } = await proposed();
    repository.write('src/answer.js', 'unsaved\n');
    await expect(handlers.proposals.approve({ proposal })).rejects.toMatchObject({
      code: 'repo.checkout_dirty',
      cure: expect.stringContaining('--into'),
    });
    expect(repository.git('diff')).toContain('+unsaved');
    expect(repository.git('show', 'main:src/answer.js')).toContain('41');
  });

  test('lands what was reviewed, whatever the branch points at by now', async () => {
    const { handlers, proposal, repository, run } = await proposed();
    const tree = repository.git('rev-parse', 'main^{tree}');
    const other = repository.git('commit-tree', tree, '-p', run.branch ?? '', '-m', 'slipped in');
    repository.git('update-ref', `refs/heads/${run.branch}`, other);
    const done = await handlers.proposals.approve({ proposal });
    expect(done.landedAs).toBe(done.head);
    expect(repository.git('log', '--format=%s', 'main')).not.toContain('slipped in');
  });

  test('two approvals at once land once', async () => {
    const { handlers, proposal } = await proposed();
    const results = await Promise.allSettled([1, 2].map(() => handlers.proposals.approve({ proposal })));
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find((result) => result.status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } });
  });

  test('a proposal that does not exist', async () => {
    const { handlers } = await realRuntime();
    const asked = handlers.proposals.approve({ proposal: 'prop-00000000' });
    await expect(asked).rejects.toMatchObject({ code: 'not_found', field: 'proposal' });
  });
});

describe('rejecting', () => {
  test('keeps the branch for 14 days and then deletes it; the record stays', async () => {
    const { handlers, proposal, repository, run, clock, worktree } = await proposed();
    const branches = () => repository.git('branch', '--list', run.branch ?? '');
    expect((await handlers.proposals.reject({ proposal, reason: 'no' })).state).toBe('rejected');
    await expect.poll(() => existsSync(worktree)).toBe(false);
    clock.pass(14 * day - 60_000);
    await handlers.due({ by: 'cli' });
    expect(branches()).not.toBe('');
    clock.pass(120_000);
    await handlers.due({ by: 'cli' });
    await expect.poll(async () => (await handlers.proposals.get({ proposal })).state).toBe('pruned');
    expect(branches()).toBe('');
    expect(await handlers.proposals.get({ proposal })).toMatchObject({
      title: 'Mend',
      files: [{ path: 'src/answer.js' }],
    });
  });

  test('while the repository is away nothing is said to be pruned; it is done when it is back', async () => {
    const { handlers, proposal, repository, clock, run } = await proposed();
    await handlers.proposals.reject({ proposal });
    renameSync(repository.root, `${repository.root}-away`);
    clock.pass(15 * day);
    await handlers.due({ by: 'cli' });
    renameSync(`${repository.root}-away`, repository.root);
    expect((await handlers.proposals.get({ proposal })).state).toBe('rejected');
    await expect
      .poll(async () => {
        await handlers.due({ by: 'cli' });
        return (await handlers.proposals.get({ proposal })).state;
      })
      .toBe('pruned');
    expect(repository.git('branch', '--list', run.branch ?? '')).toBe('');
  });

  test('a branch on which the person went on working is not deleted', async () => {
    const { handlers, proposal, repository, run, clock, store } = await proposed();
    await handlers.proposals.reject({ proposal });
    await expect.poll(() => store.outbox.pending('cleanup')).toEqual([]);
    repository.git('branch', '--force', run.branch ?? '', 'main');
    clock.pass(15 * day);
    await handlers.due({ by: 'cli' });
    await expect.poll(async () => (await handlers.proposals.get({ proposal })).state).toBe('pruned');
    expect(repository.git('branch', '--list', run.branch ?? '')).not.toBe('');
  });
});

describe('asking for changes', () => {
  test('goes back to the same session and gives a new revision of the same proposal', async () => {
    const { handlers, proposal, run, server, ended } = await proposed();
    server.push(edit('42', '42.0'), propose('Mend better'));
    const asked = await handlers.proposals.revise({
      proposal,
      comments: [{ text: 'Be exact.', path: 'src/answer.js', line: 1 }],
    });
    expect(asked.state).toBe('revising');
    await ended(run.id, 2);
    const revised = await handlers.proposals.get({ proposal });
    expect(revised).toMatchObject({
      state: 'open',
      revision: 2,
      title: 'Mend better',
      comments: [{ text: 'Be exact.' }],
    });
    expect(revised.commits).toHaveLength(2);
    const last = server.requests.at(-1)?.body.messages ?? [];
    expect(JSON.stringify(last)).toContain('src/answer.js:1: Be exact.');
    expect(last.length).toBeGreaterThan(4);
    expect(await handlers.proposals.list({ limit: 10 })).toHaveLength(1);
  });

  test('when the session adds nothing, the proposal is open again as it was, with the reason', async () => {
    const { handlers, proposal, run, server, ended } = await proposed();
    server.push(say('I think it is right as it is.'));
    await handlers.proposals.revise({ proposal, comments: [{ text: 'Sure?' }] });
    expect(await ended(run.id, 2)).toMatchObject({
      outcome: 'proposed',
      reason: { message: expect.stringContaining('right as it is') },
    });
    expect(await handlers.proposals.get({ proposal })).toMatchObject({ state: 'open', revision: 1 });
  });

  test('when the session fails, the proposal is open again and approving lands the old revision', async () => {
    const { handlers, proposal, run, server, ended } = await proposed();
    server.push(edit('42', '0'), fail(401));
    await handlers.proposals.revise({ proposal, comments: [{ text: 'More.' }] });
    expect(await ended(run.id, 2)).toMatchObject({ outcome: 'failed', reason: { code: 'model.key_rejected' } });
    const before = await handlers.proposals.get({ proposal });
    expect(before.state).toBe('open');
    expect((await handlers.proposals.approve({ proposal })).landedAs).toBe(before.head);
  });

  test('while it is being revised it can be neither approved nor rejected', async () => {
    const { handlers, proposal, server } = await proposed();
    server.push(hang());
    await handlers.proposals.revise({ proposal, comments: [{ text: 'More.' }] });
    await expect(handlers.proposals.approve({ proposal })).rejects.toMatchObject({ code: 'conflict' });
    await expect(handlers.proposals.reject({ proposal })).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a go that was cut off in the middle of an answer', () => {
  test('gives every open call its result first, so that comments can follow', async () => {
    const two = reply([call('Bash', { command: 'sleep 60' }), call('Bash', { command: 'echo later' })]);
    const first = await proposed();
    first.server.push(two);
    await first.handlers.proposals.revise({ proposal: first.proposal, comments: [{ text: 'More.' }] });
    await first.happens((event) => event.type === 'tool.started' && JSON.stringify(event.input).includes('sleep'));
    await first.handlers.runs.stop({ run: first.run.id });
    await first.ended(first.run.id, 2);
    first.server.push(say('Nothing more.'));
    await first.handlers.proposals.revise({ proposal: first.proposal, comments: [{ text: 'Again.' }] });
    await first.ended(first.run.id, 3);
    const sent = first.server.requests.at(-1)?.body.messages ?? [];
    const kinds = sent.map(
      ({ role, content }) => `${role}:${Array.isArray(content) ? content.map((b) => b.type) : ''}`,
    );
    expect(kinds.slice(-3)).toEqual(['assistant:tool_use,tool_use', 'user:tool_result,tool_result', 'user:text']);
  });

  test('a command that ends the hands is told so, and the session goes on in new ones', async () => {
    const kill = use('Bash', { command: 'kill -9 -1' });
    const { runOnce, events } = await realRuntime({
      script: [kill, edit('41', '42'), propose('Mend')],
      routine: { checks: [] },
    });
    const run = await runOnce();
    expect(run.outcome).toBe('proposed');
    expect(events(run.id).find((event) => event.type === 'tool.finished')).toMatchObject({ ok: false });
  });

  test('a revision that is stopped while it waits for a slot gives the proposal back', async () => {
    const busy = await realRuntime({ script: [edit('41', '42'), propose('Mend')], routine: { checks: [] } });
    const run = await busy.runOnce('zero');
    for (let i = 0; i < 4; i++) {
      busy.server.push(hang());
      await busy.handlers.routines.add({ id: `busy-${i}`, spec: { ...busy.routine, name: `b${i}` } });
      await busy.handlers.routines.run({ routine: `busy-${i}` });
    }
    const proposal = run.proposal ?? '';
    await busy.handlers.proposals.revise({ proposal, comments: [{ text: 'x' }] });
    await busy.handlers.runs.stop({ run: run.id });
    expect(await busy.handlers.proposals.get({ proposal })).toMatchObject({ state: 'open' });
    expect(await busy.handlers.runs.get({ run: run.id })).toMatchObject({ outcome: 'stopped', proposal });
  });
});

describe('a host that went away in the middle', () => {
  test('the next one goes on with the same run, repeats no call, and the history is extended, not rewritten', async () => {
    const first = await realRuntime({ script: [edit('41', '42'), hang()], routine: { checks: [] } });
    await first.add();
    const { run } = await first.handlers.routines.run({ routine: 'triage' });
    await first.server.arrived(2);
    await first.runtime.close();
    const { paths, repository } = first;
    const second = await realRuntime({
      home: paths.data,
      repository,
      script: [propose('Mend')],
      routine: { checks: [] },
    });
    second.runtime.start();
    expect(await second.ended(run)).toMatchObject({ outcome: 'proposed', resumes: 1 });
    const edits = second.events(run).filter((event) => event.type === 'tool.started' && event.name === 'Edit');
    expect(edits).toHaveLength(1);
    const bare = (body: unknown) => JSON.stringify(body, (key, value) => (key === 'cache_control' ? undefined : value));
    expect(bare(second.server.requests[0]?.body.messages)).toBe(bare(first.server.requests[1]?.body.messages));
  });
});

test('an answer with no words at all still ends in a recorded state', async () => {
  const { runOnce } = await realRuntime({ script: [reply([text('')])], routine: { checks: [] } });
  expect((await runOnce()).outcome).toBe('nothing_to_propose');
});
