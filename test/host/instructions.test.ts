/** Instruction files of repository, person and administrator, from real git and a real disk to what the model is sent. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gatherAtStart } from '#core/instructions/gather.ts';
import { noneOfMachine } from '#core/instructions/methods.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { createInstructionFiles } from '#host/instructions/machine-files.ts';
import { call, reply, say } from '../fakes/messages-server.ts';
import { brokenService, realRuntime } from '../fakes/real-runtime.ts';
import { type TestRepository, temporaryFolder, testRepository } from '../fakes/repository.ts';

const repositories = createRepositories();

async function gather(repository: TestRepository, machine = noneOfMachine) {
  const { root, gitDirectory, head: commit } = await repositories.inspect(repository.root);
  return gatherAtStart({ repositories, machine, repo: { root, gitDirectory }, commit });
}

function put(folder: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const paths = ({ pieces }: Awaited<ReturnType<typeof gather>>) => pieces.map(({ path }) => path);

describe('what counts from the beginning', () => {
  test('the administrator first, then the person, AGENTS.md, CLAUDE.md, rules, and last the person for this repository', async () => {
    const repository = testRepository({
      'CLAUDE.md': 'claude',
      'AGENTS.md': 'agents',
      '.claude/CLAUDE.md': 'inner',
      '.claude/rules/style.md': 'style',
      '.claude/rules/deep/er/tests.md': 'tests',
      '.claude/rules/notes.txt': 'no rule',
      '.gitignore': 'CLAUDE.local.md',
    });
    repository.write('CLAUDE.local.md', 'local');
    const home = put(temporaryFolder(), {
      '.claude/CLAUDE.md': 'mine',
      '.claude/rules/b.md': 'b',
      '.claude/rules/a/a.md': 'a',
    });
    const system = put(temporaryFolder(), { 'etc/claude-code/CLAUDE.md': 'managed' });
    const machine = createInstructionFiles({ home, system, platform: 'linux' });
    const found = await gather(repository, machine);
    expect(found.pieces.map(({ body, layer }) => [body, layer])).toEqual([
      ['managed', 'managed'],
      ['mine', 'person'],
      ['a', 'person'],
      ['b', 'person'],
      ['agents', 'project'],
      ['claude', 'project'],
      ['inner', 'project'],
      ['tests', 'project'],
      ['style', 'project'],
      ['local', 'local'],
    ]);
    expect(found.problems).toEqual([]);
  });

  test('files as the commit has them, whatever lies in the working tree', async () => {
    const repository = testRepository({ 'CLAUDE.md': 'committed' });
    repository.write('CLAUDE.md', 'not committed');
    repository.write('AGENTS.md', 'not committed');
    expect((await gather(repository)).pieces).toMatchObject([
      { path: 'CLAUDE.md', body: 'committed', bytes: 9, tokens: 3 },
    ]);
  });

  test('imports four hops deep, each file once, circles included; what is missing or outside is named', async () => {
    const repository = testRepository({
      'CLAUDE.md': '@docs/1.md @docs/gone.md @ann/mentioned @../outside.md @/etc/passwd @~/secret.md',
      'docs/1.md': '@2.md @../CLAUDE.md',
      'docs/2.md': '@3.md',
      'docs/3.md': '@4.md',
      'docs/4.md': '@5.md',
      'docs/5.md': 'too far',
    });
    const found = await gather(repository);
    expect(paths(found)).toEqual(['CLAUDE.md', 'docs/1.md', 'docs/2.md', 'docs/3.md', 'docs/4.md']);
    expect(found.pieces[2]?.importedBy).toBe('docs/1.md');
    expect(found.problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'docs/4.md: its imports are more than 4 hops away',
      'CLAUDE.md: there is no docs/gone.md',
      'CLAUDE.md: @../outside.md is outside of the repository and is not read',
      'CLAUDE.md: @/etc/passwd is outside of the repository and is not read',
      'CLAUDE.md: @~/secret.md is outside of the repository and is not read',
    ]);
    for (const { cure } of found.problems) expect(cure).not.toBe('');
  });

  test('a person’s own file imports from their machine, and from beside itself', async () => {
    const home = put(temporaryFolder(), {
      '.claude/CLAUDE.md': '@~/notes/all.md @beside.md',
      '.claude/beside.md': 'beside',
      'notes/all.md': 'all',
    });
    const found = await gather(
      testRepository(),
      createInstructionFiles({ home, platform: 'linux', system: '/nowhere' }),
    );
    expect(found.pieces.map(({ body }) => body)).toEqual(['@~/notes/all.md @beside.md', 'all', 'beside']);
  });

  test('links inside of the repository are followed; those out of it, circles and files that are no text are named', async () => {
    const repository = testRepository({ 'CLAUDE.md': 'claude', '.claude/rules/z.md': 'z' });
    symlinkSync('CLAUDE.md', join(repository.root, 'AGENTS.md'));
    symlinkSync('/etc/hostname', join(repository.root, '.claude/CLAUDE.md'));
    symlinkSync('loop.md', join(repository.root, '.claude/rules/loop.md'));
    symlinkSync('gone.md', join(repository.root, '.claude/rules/lost.md'));
    repository.write('.claude/rules/bytes.md', new Uint8Array([0xff, 0xfe, 0x41]));
    repository.write('.claude/rules/large.md', 'x'.repeat(1_000_001));
    repository.commit({});
    const found = await gather(repository);
    expect(paths(found)).toEqual(['AGENTS.md', 'CLAUDE.md', '.claude/rules/z.md']);
    expect(found.problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      '.claude/CLAUDE.md: it links out of the repository',
      '.claude/rules/bytes.md: it is no UTF-8 text',
      '.claude/rules/large.md: it is larger than 1 MB',
      '.claude/rules/loop.md: its links go round in a circle',
    ]);
  });

  test('more than a megabyte is left out by name', async () => {
    const repository = testRepository({ 'AGENTS.md': 'a'.repeat(600_000), 'CLAUDE.md': 'b'.repeat(600_000) });
    const found = await gather(repository);
    expect(paths(found)).toEqual(['AGENTS.md']);
    expect(found.problems).toMatchObject([
      { path: 'CLAUDE.md', message: 'with it the instructions come to more than 1 MB' },
    ]);
  });

  test('files of a person that are no files or cannot be read are named, and nothing waits for them', async () => {
    const home = temporaryFolder();
    mkdirSync(join(home, '.claude/CLAUDE.md'), { recursive: true });
    const repository = testRepository();
    symlinkSync('/etc/hostname', join(repository.root, 'CLAUDE.local.md'));
    const found = await gather(repository, createInstructionFiles({ home, platform: 'linux', system: '/nowhere' }));
    expect(found.problems.map(({ message }) => message)).toEqual(['it is no file', 'it is a link']);
  });
});

const propose = reply([call('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] })]);

describe('a run [told-by-files]', () => {
  test('is told at the beginning, and of a folder once it has touched files there; a rule when its glob matches', async () => {
    const repository = testRepository({
      ...brokenService,
      'CLAUDE.md': 'Answer shortly.',
      'src/CLAUDE.md': 'In src: no semicolons.',
      'src/deep/AGENTS.md': 'Deeper.',
      'src/deep/file.js': '1\n',
      '.claude/rules/tests.md': '---\npaths: "**/*.test.js"\n---\nTests use assert.',
    });
    const product = await realRuntime({
      repository,
      script: [
        reply([call('Read', { file_path: 'src/answer.js' }), call('Bash', { command: 'true' })]),
        reply([call('Read', { file_path: '/workspace/src/deep/file.js' })]),
        reply([call('Edit', { file_path: 'answer.test.js', old_string: '42', new_string: '42' })]),
        reply([call('Read', { file_path: 'src/answer.js' })]),
        propose,
      ],
    });
    const run = await product.runOnce();
    const loaded = product.events(run.id).flatMap((e) => (e.type === 'instructions.loaded' ? [e] : []));
    expect(loaded.map(({ occasion, files }) => [occasion, ...files.map(({ path }) => path)])).toEqual([
      ['start', 'CLAUDE.md'],
      ['files', 'src/CLAUDE.md'],
      ['files', 'src/deep/AGENTS.md'],
      ['files', '.claude/rules/tests.md'],
    ]);
    const { requests } = product.server;
    const last = requests.at(-1)?.body.messages ?? [];
    expect(JSON.stringify(last[0])).toContain('# CLAUDE.md (of this repository)\\n\\nAnswer shortly.');
    // Each request extends the one before, and every call is answered before anything else is said.
    for (const [index, { body }] of requests.slice(1).entries())
      expect(
        JSON.stringify(body.messages.slice(0, requests[index]?.body.messages.length)).replaceAll(
          /,"cache_control":\{[^}]*\}/g,
          '',
        ),
      ).toBe(JSON.stringify(requests[index]?.body.messages).replaceAll(/,"cache_control":\{[^}]*\}/g, ''));
    const results = last.findIndex(({ content }) => JSON.stringify(content).includes('tool_result'));
    expect(JSON.stringify(last[results + 1])).toContain('In src: no semicolons.');
  });

  test('that is taken up for comments is not told again, and still hears of new folders', async () => {
    const repository = testRepository({
      ...brokenService,
      'CLAUDE.md': 'Root.',
      'src/CLAUDE.md': 'Src.',
      'lib/CLAUDE.md': 'Lib.',
      'lib/a.js': '1\n',
    });
    const edit = reply([call('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' })]);
    const product = await realRuntime({ repository, script: [edit, propose] });
    const run = await product.runOnce();
    product.server.push(
      reply([call('Read', { file_path: 'lib/a.js' })]),
      reply([call('Read', { file_path: 'src/answer.js' })]),
      propose,
    );
    await product.handlers.proposals.revise({
      proposal: run.proposal as string,
      comments: [{ text: 'More.' }],
    });
    await product.ended(run.id, 2);
    const loaded = product
      .events(run.id)
      .flatMap((e) => (e.type === 'instructions.loaded' ? e.files.map(({ path }) => path) : []));
    expect(loaded).toEqual(['CLAUDE.md', 'src/CLAUDE.md', 'lib/CLAUDE.md']);
  });

  test('without any such file says so, and a broken one is on record', async () => {
    const bare = await realRuntime({ script: [say('Nothing to do.')] });
    const first = await bare.runOnce();
    expect(bare.events(first.id).find((e) => e.type === 'instructions.loaded')).toMatchObject({
      files: [],
      problems: [],
      text: '',
    });
    const repository = testRepository({ ...brokenService, 'CLAUDE.md': '@gone.md' });
    expect(await bare.handlers.instructions.preview({ repository: repository.root })).toMatchObject({
      ...{ repository: repository.root, files: [{ path: 'CLAUDE.md', layer: 'project' }], waiting: [] },
      problems: [{ path: 'CLAUDE.md', message: 'there is no gone.md' }],
    });
  });
});
