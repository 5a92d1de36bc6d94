/** What of an instruction file is for the agent, what it imports, and for which files it counts. */
import { describe, expect, test } from 'vitest';
import { readDocument } from '#core/instructions/document.ts';

describe('an instruction file', () => {
  test('loses its comments, but not those that are code', () => {
    const text = 'Use tabs.\n<!-- for\npeople only -->\n```html\n<!-- stays -->\n```\nEnd.';
    expect(readDocument(text).body).toBe('Use tabs.\n\n```html\n<!-- stays -->\n```\nEnd.');
  });

  test.each([
    ['See @docs/style.md and @./more.md.', ['docs/style.md', './more.md']],
    ['@~/.claude/mine.md', ['~/.claude/mine.md']],
    ['A name with @docs/two\\ words.md in it', ['docs/two words.md']],
    ['(twice) @a.md @a.md', ['a.md']],
    ['Ask @ann or write to ann@example.com, or @ann@example.com', []],
    ['`@not/this.md`, ``@nor `this`.md``', []],
    ['```\n@not/this.md\n```\n~~~\n@nor/that.md\n~~~', []],
    ['<!-- @not/this.md -->', []],
  ])('%j imports %j', (text, imports) => {
    expect(readDocument(text).imports).toEqual(imports);
  });

  test.each([
    ['---\npaths: "src/**/*.ts, test/**"\n---\nRule', ['src/**/*.ts', 'test/**']],
    ['---\npaths:\n  - "*.md"\n---\nRule', ['*.md']],
    ['---\r\ndescription: words\r\n---\r\nRule', null],
    ['Rule', null],
  ])('%j counts for %j', (text, paths) => {
    expect(readDocument(text)).toMatchObject({ body: 'Rule', paths, problem: null });
  });

  test.each([['---\npaths: [\n---\nRule'], ['---\npaths: {a: 1}\n---\nRule'], ['---\npaths: []\n---\nRule']])(
    '%j says what is wrong with it and counts everywhere',
    (text) => {
      const { paths, problem, body } = readDocument(text);
      expect({ paths, body }).toEqual({ paths: null, body: 'Rule' });
      expect(problem).toMatch(/front matter|paths/);
    },
  );

  test('a line of dashes in the middle is no front matter', () => {
    expect(readDocument('One\n---\npaths: x\n---\nTwo')).toMatchObject({
      paths: null,
      body: 'One\n---\npaths: x\n---\nTwo',
    });
  });
});
