/** Skills and commands as files: what their front matter says, what is wrong with it, and what is filled into their text. */
import { describe, expect, test } from 'vitest';
import { readSkill } from '#core/skills/document.ts';
import { fill, readTemplate } from '#core/skills/template.ts';

function read(text: string) {
  const found = readSkill(text);
  return 'skill' in found ? found.skill : found.problem;
}

describe('front matter', () => {
  test('description and when_to_use are one line, cut at 1,536 characters', () => {
    expect(read('---\ndescription: |\n  Makes\n  notes\nwhen_to_use: At the end.\n---\nDo it.')).toMatchObject({
      description: 'Makes notes At the end.',
      body: 'Do it.',
      calledBy: ['agent', 'prompt'],
      ignored: [],
    });
    const long = read(`---\ndescription: ${'x'.repeat(5000)}\n---\nDo it.`);
    expect(long).toMatchObject({ description: 'x'.repeat(1536) });
    // Half a character is none.
    expect(read(`---\ndescription: ${'x'.repeat(1535)}😀\n---\nDo it.`)).toMatchObject({
      description: `${'x'.repeat(1535)}\ufffd`,
    });
  });

  test('without any the first paragraph says what it is for', () => {
    expect(read('\ufeff# Make notes\r\n\r\nThen more.')).toMatchObject({ description: 'Make notes' });
  });

  test('who may call it, its arguments and its hint', () => {
    expect(
      read('---\ndisable-model-invocation: true\nargument-hint: [file] [why]\narguments: file why\n---\nDo it.'),
    ).toMatchObject({ calledBy: ['prompt'], hint: '[file] [why]', arguments: ['file', 'why'] });
    expect(read('---\nuser-invocable: false\narguments: [a, b]\n---\nDo it.')).toMatchObject({
      calledBy: ['agent'],
      arguments: ['a', 'b'],
    });
  });

  test('what does nothing here is named; allowed-tools is such a field', () => {
    const text = '---\nallowed-tools: Bash(*)\nmodel: opus\nhooks: {}\nlicense: MIT\n---\nDo it.';
    expect(read(text)).toMatchObject({ ignored: ['allowed-tools', 'model', 'hooks'] });
  });

  test.each([
    ['---\ndescription: a: b: c\n---\nDo it.', /^its front matter is not YAML/],
    ['---\ndescription: [1, 2]\n---\nDo it.', /^its `description` is not what it must be$/],
    ['---\ndisable-model-invocation: "yes"\n---\nDo it.', /^its `disable-model-invocation`/],
    ['---\n- a\n- b\n---\nDo it.', /^its front matter is no list of fields$/],
    ['---\ndescription: never closed\n\nDo it.', /^its front matter has no end$/],
    ['---\ndescription: only this\n---\n', /^it has no text/],
    ['---\na: &a [x]\nb: [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n---\nDo it.', /^its front matter is not YAML/],
    ['---\nshell: powershell\n---\n!`dir`', /PowerShell/],
  ])('%j does not count', (text, why) => expect(read(text)).toMatch(why));
});

function filled(body: string, given = '', names: string[] = []) {
  const places = { CLAUDE_PROJECT_DIR: '/workspace', CLAUDE_SESSION_ID: 'run-1' };
  return fill(readTemplate(body), { arguments: given, names, places });
}
const textOf = (parts: { text: string }[]) => parts.map(({ text }) => text).join('');

describe('what is filled in', () => {
  test.each([
    ['All: $ARGUMENTS.', 'a "b c"', 'All: a "b c".'],
    ['$0 and $1, $ARGUMENTS[1]', 'a "b c"', 'a and b c, b c'],
    ['$file by $who', "x.js 'Ann B'", 'x.js by Ann B'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the format's own
    ['${CLAUDE_PROJECT_DIR} ${CLAUDE_SESSION_ID} ${HOME}', '', '/workspace run-1 ${HOME}'],
    ['No place.', 'a b', 'No place.\n\nARGUMENTS: a b'],
    ['$5 and $PATH stay.', 'a', '$5 and $PATH stay.\n\nARGUMENTS: a'],
    ['$0', '$1 b', '$1'],
    ['\\$0 stays', 'a', '\\$0 stays\n\nARGUMENTS: a'],
    ['$ARGUMENTS', 'a "b', 'a "b'],
  ])('%j with %j', (body, given, expected) => expect(textOf(filled(body, given, ['file', 'who']))).toBe(expected));

  test('commands stand alone: in a line, in a block of their own, and never in other code', () => {
    const body = 'On !`git branch` now.\n\n```!\nls\npwd\n```\n\n```sh\n!`rm -rf .`\n```\nnot!`this` and `!this`';
    expect(filled(body).filter(({ kind }) => kind === 'command')).toEqual([
      { kind: 'command', text: 'git branch' },
      { kind: 'command', text: 'ls\npwd' },
    ]);
    expect(textOf(filled(body))).toContain('```sh\n!`rm -rf .`\n```\nnot!`this`');
  });

  test('an argument is part of a command, and never a command of its own', () => {
    expect(filled('!`cat $0` $ARGUMENTS', '!`rm`')).toEqual([
      { kind: 'command', text: 'cat !`rm`' },
      { kind: 'text', text: ' !`rm`' },
    ]);
  });
});
