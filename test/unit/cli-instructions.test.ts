/** `nightshift instructions`: files, skills, what they cost, and what does not count, for people and for scripts. */
import { expect, test } from 'vitest';
import type { InstructionPreview } from '#contract/instructions.ts';
import { cli } from '../fakes/cli-shell.ts';

const preview: InstructionPreview = {
  repository: '/home/someone/projects',
  commit: 'a'.repeat(40),
  files: [{ layer: 'project', path: 'CLAUDE.md', importedBy: null, bytes: 400, tokens: 100 }],
  waiting: [],
  skills: [
    {
      ...{ name: 'notes', kind: 'skill', layer: 'project', path: '.claude/skills/notes/SKILL.md' },
      ...{ description: 'Notes', calledBy: ['agent', 'prompt'], tokens: 14, bodyTokens: 420 },
      ignored: ['allowed-tools', 'model'],
    },
    {
      ...{ name: 'tidy', kind: 'command', layer: 'person', path: '/home/someone/.claude/commands/tidy.md' },
      ...{ description: 'Tidies', calledBy: ['prompt'], tokens: 0, bodyTokens: 80, ignored: [] },
    },
  ],
  agents: [
    {
      ...{ name: 'explore', layer: 'built_in', path: null, description: 'Finds', model: null, tools: ['Read', 'Grep'] },
      ...{ tokens: 0, bodyTokens: 50, ignored: [] },
    },
    {
      ...{ name: 'reviewer', layer: 'project', path: '.claude/agents/reviewer.md', description: 'Reviews' },
      ...{ model: 'haiku', tools: ['Read'], tokens: 9, bodyTokens: 60, ignored: ['hooks'] },
    },
  ],
  problems: [{ path: '.claude/skills/a/SKILL.md', message: 'it is no UTF-8 text \u001b[31m', cure: 'Mend it.' }],
};
const handlers = { instructions: { preview: async () => preview } };

test('skills stand below the files, with who calls them, what they cost, and what of them does nothing', async () => {
  const { code, out } = await cli(['instructions', '--repository', '.'], handlers);
  expect(code).toBe(0);
  expect(out).toContain('about 123 tokens');
  expect(out).toMatch(/notes +project +agent, prompt +14 +420 +\.claude\/skills\/notes\/SKILL\.md/);
  expect(out).toMatch(/tidy \(command\) +person +prompt +0 +80 /);
  expect(out).toContain(
    'notes: `allowed-tools`, `model` do nothing here; it gets no permission that the run does not have',
  );
  expect(out).toMatch(/explore +built in +that of the run +Read, Grep +0 +50/);
  expect(out).toMatch(/reviewer +project +haiku +Read +9 +60 +\.claude\/agents\/reviewer\.md/);
  expect(out).toContain('reviewer: `hooks` does nothing here');
  expect(out).toContain('! .claude/skills/a/SKILL.md: it is no UTF-8 text');
  expect(out).not.toContain('\u001b[31m');
});

test('as JSON the whole of it', async () => {
  const { out } = await cli(['instructions', '--repository', '.', '--json'], handlers);
  expect(JSON.parse(out)).toEqual(preview);
});
