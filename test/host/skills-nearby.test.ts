/** Skills of folders inside a repository, and what skills take away, from real git through the sandbox to what the model is sent. */
import { expect, test } from 'vitest';
import { createRules } from '#host/settings/run-rules.ts';
import { bash, lastSent, propose } from '../fakes/hooked-product.ts';
import { call, reply, type Step } from '../fakes/messages-server.ts';
import { brokenService, realRuntime } from '../fakes/real-runtime.ts';
import { temporaryFolder, testRepository } from '../fakes/repository.ts';

const skill = (description: string, body: string, more = '') => `---\ndescription: ${description}\n${more}---\n${body}`;
const read = (path: string) => reply([call('Read', { file_path: path })]);
const open = (name: string) => reply([call('Skill', { skill: name })]);

async function product(files: Record<string, string>, script: Step[]) {
  const repository = testRepository({ ...brokenService, ...files });
  const rules = createRules({ home: temporaryFolder(), platform: 'linux', system: '/nowhere' });
  const it = await realRuntime({ repository, rules, routine: { checks: [] }, script });
  const run = await it.runOnce();
  const events = it.events(run.id);
  return {
    ...{ it, run },
    results: events.flatMap((event) => (event.type === 'tool.finished' ? [event] : [])),
    loaded: events.flatMap((event) => (event.type === 'instructions.loaded' ? [event] : [])),
    tools: it.server.requests.map(({ body }) => body.tools?.map((tool) => 'name' in tool && tool.name).join()),
  };
}

const web = {
  'packages/web/page.ts': 'export {};\n',
  'packages/web/.claude/skills/lint/SKILL.md': skill('Lints the page', 'Run the linter of the web package.'),
  'packages/web/.claude/skills/broken/SKILL.md': '---\nname: [\n---\nx',
};

test('a skill of a folder is listed once the run touches files there, and called by both names', async () => {
  const { results, loaded, tools } = await product(
    { ...web, '.claude/skills/notes/SKILL.md': skill('Notes', 'Note.') },
    [read('packages/web/page.ts'), open('packages:web:lint'), open('packages:web:none'), propose],
  );
  expect(loaded[0]?.text).not.toContain('lint');
  expect(loaded[1]).toMatchObject({
    occasion: 'files',
    text: expect.stringContaining('- packages:web:lint: Lints the page'),
    skills: [{ name: 'packages:web:lint', path: 'packages/web/.claude/skills/lint/SKILL.md' }],
    problems: [{ path: 'packages/web/.claude/skills/broken/SKILL.md' }],
  });
  expect(results[1]).toMatchObject({ ok: true, text: expect.stringContaining('Run the linter of the web package.') });
  expect(results[2]).toMatchObject({ ok: false, code: 'tool.not_found' });
  expect(new Set(tools).size).toBe(1);
});

test('a run without the tool for it is told where the file is', async () => {
  const { it, tools } = await product(web, [read('packages/web/page.ts'), propose]);
  expect(lastSent(it)).toContain('(packages/web/.claude/skills/lint/SKILL.md)');
  expect(new Set(tools).size).toBe(1);
});

test('what a skill disallows is denied while it is worked by, and asks nobody', async () => {
  const notes = skill('Notes', 'Look only.', 'disallowed-tools: Bash(touch *), Write\nallowed-tools: Bash(*)\n');
  const write = reply([call('Write', { file_path: 'new.txt', content: 'x' })]);
  const { it, run, results } = await product({ '.claude/skills/notes/SKILL.md': notes }, [
    bash('touch before'),
    open('notes'),
    bash('true && touch after'),
    write,
    bash('echo fine'),
    propose,
  ]);
  expect(results.map(({ ok, code }) => [ok, code])).toEqual([
    ...[
      [true, null],
      [true, null],
      [false, 'skill.disallowed'],
      [false, 'skill.disallowed'],
      [true, null],
      [true, null],
    ],
  ]);
  it.server.push(write, propose);
  await it.handlers.proposals.revise({ proposal: run.proposal ?? '', comments: [{ text: 'Write it.' }] });
  await it.ended(run.id, 2);
  expect(
    it
      .events(run.id)
      .filter((event) => event.type === 'tool.finished')
      .at(-2),
  ).toMatchObject({ ok: true });
});
