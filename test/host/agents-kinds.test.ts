/** Kinds of subagents and the rules: whose file counts, what a rule forbids, and how a file narrows what its kind may do. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createInstructionFiles } from '#host/instructions/machine-files.ts';
import { createRules } from '#host/settings/run-rules.ts';
import { bySpeaker, taskOf } from '../fakes/by-speaker.ts';
import { call, reply, say, use } from '../fakes/messages-server.ts';
import { brokenService, realRuntime, type Setting } from '../fakes/real-runtime.ts';
import { temporaryFolder, testRepository } from '../fakes/repository.ts';

type Product = Awaited<ReturnType<typeof realRuntime>>;
const nowhere = { platform: 'linux' as const, system: '/nowhere' };
const propose = reply([call('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] })]);
const start = (task: string, kind: string) => call('Agent', { description: task, prompt: task, subagent_type: kind });
const kind = (name: string, more = '', body = 'You help.') =>
  `---\nname: ${name}\ndescription: Helps\n${more}---\n${body}`;

function home(files: Record<string, string>): string {
  const folder = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

async function product(
  script: Parameters<typeof bySpeaker>[0],
  { mine = {}, theirs = {}, ...setting }: Setting & { mine?: Record<string, string>; theirs?: Record<string, string> },
) {
  const where = { home: home(mine), ...nowhere };
  return realRuntime({
    ...{ repository: testRepository({ ...brokenService, ...theirs }), script: bySpeaker(script) },
    ...{ rules: createRules(where), instructions: createInstructionFiles(where) },
    ...setting,
    routine: { checks: [], ...setting.routine },
  });
}

const results = (it: Product, run: string, agent?: string) =>
  it.events(run).flatMap((event) => (event.type === 'tool.finished' && event.agent === agent ? [event] : []));

test('one name is one kind: the repository’s before the person’s, and a file before what is built in', async () => {
  const it = await product(
    {
      lead: [reply([start('APPLE', 'helper'), start('PEAR', 'explore')]), propose],
      APPLE: [say('a')],
      PEAR: [say('p')],
    },
    {
      mine: {
        '.claude/agents/helper.md': kind('helper', '', 'Mine.'),
        '.claude/agents/explore.md': kind('explore', '', 'My own search.'),
      },
      theirs: { '.claude/agents/helper.md': kind('helper', '', 'Theirs.') },
    },
  );
  const run = await it.runOnce();
  const system = (word: string) =>
    JSON.stringify(it.server.requests.find((request) => taskOf(request).includes(word))?.body.system);
  expect(system('APPLE')).toContain('Theirs.');
  expect(system('PEAR')).toContain('My own search.');
  const loaded = it.events(run.id).find((event) => event.type === 'instructions.loaded');
  expect(loaded).toMatchObject({ problems: [{ message: expect.stringContaining('takes its place') }] });
});

test('a rule forbids a kind, and in a mode that asks nobody the others are started, for each of their calls is judged', async () => {
  const it = await product(
    {
      lead: [reply([start('APPLE', 'explore'), start('PEAR', 'verifier')]), propose],
      PEAR: [use('Bash', { command: 'touch x' }), say('p')],
    },
    { routine: { permissionMode: 'dontAsk', permissions: { allow: [], ask: [], deny: ['Agent(explore)'] } } },
  );
  const run = await it.runOnce();
  expect(
    results(it, run.id)
      .map(({ code }) => code)
      .toSorted(),
  ).toEqual(['rule.deny', null, null].toSorted());
  expect(results(it, run.id, 'agent-1')[0]).toMatchObject({ ok: false, code: 'mode.dont_ask' });
});

test('a file narrows its kind and never widens it; skills that it names come with its task', async () => {
  const it = await product(
    {
      lead: [reply([start('APPLE', 'careful'), start('PEAR', 'planner'), start('PLUM', 'bold')]), propose],
      APPLE: [use('Bash', { command: 'touch x' }), say('a')],
      PEAR: [use('Bash', { command: 'touch x' }), say('p')],
      PLUM: [say('l')],
    },
    {
      theirs: {
        '.claude/agents/careful.md': kind('careful', 'permissionMode: dontAsk\nskills: notes, gone\n'),
        '.claude/agents/planner.md': kind('planner', 'permissionMode: plan\n'),
        '.claude/agents/bold.md': kind('bold', 'permissionMode: bypassPermissions\ntools: "*"\n'),
        '.claude/skills/notes/SKILL.md': '---\ndescription: Notes\n---\nWrite them so.',
      },
    },
  );
  const run = await it.runOnce();
  expect(results(it, run.id, 'agent-1')[0]).toMatchObject({ ok: false, code: 'mode.dont_ask' });
  expect(results(it, run.id, 'agent-2')[0]).toMatchObject({ ok: false, code: 'tool.unknown' });
  const [careful] = it.server.requests.filter((request) => taskOf(request).includes('APPLE'));
  expect(taskOf(careful as never)).toContain('Write them so.');
  const told = it.events(run.id).flatMap((event) => (event.type === 'instructions.loaded' ? [event] : []));
  expect(told.find(({ agent }) => agent === 'agent-1')?.problems).toMatchObject([{ path: 'gone' }]);
  const ignored = told[0]?.agents?.find(({ name }) => name === 'bold')?.ignored;
  expect(ignored).toEqual(['permissionMode: bypassPermissions']);
});
