/** What holds for every command there can be, tried on thousands that chance makes up. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '#core/permissions/decide.ts';
import { plainView, tidy } from '#core/permissions/places.ts';
import { compilePolicy, type Mode } from '#core/permissions/policy.ts';
import type { Verdict } from '#core/permissions/verdict.ts';

interface Rules {
  allow?: string[];
  ask?: string[];
  deny?: string[];
}

function judge(
  tool: string,
  input: Record<string, unknown>,
  { allow = [], ask = [], deny = [] }: Rules,
  mode: Mode = 'default',
): Verdict {
  const policy = compilePolicy([{ name: 'person', file: 'f', allow, ask, deny }], {
    mode,
    root: '/repo',
    home: '/home/u',
    unattended: false,
    os: 'posix',
  });
  return decide({ tool, input, cwd: '/repo' }, policy, plainView);
}
const bash = (command: string, rules: Rules, mode?: Mode) => judge('Bash', { command }, rules, mode).decision;

const atoms = [
  'ls',
  'rm',
  ' ',
  ' ',
  '-rf',
  '"',
  "'",
  '\\',
  '$',
  '(',
  ')',
  '`',
  '{',
  '}',
  ';',
  '&',
  '|',
  '\n',
  '>',
  '<',
  'EOF',
  '<<',
  '=',
  'x',
  '*',
  '~',
  '#',
  '[',
  ']',
  '!',
  'if',
  'then',
  'fi',
  'for',
  'in',
  'do',
  'done',
];
const shellText = fc.array(fc.constantFrom(...atoms), { maxLength: 25 }).map((all) => all.join(''));
const modes: Mode[] = ['default', 'acceptEdits', 'plan', 'dontAsk', 'auto'];
const runs = { numRuns: 400 };

describe('any text', () => {
  test('gets an answer, and the same one again', () => {
    fc.assert(
      fc.property(fc.oneof(shellText, fc.string({ unit: 'binary' })), fc.constantFrom(...modes), (command, mode) => {
        const first = judge('Bash', { command }, { allow: ['Bash(ls *)'] }, mode);
        expect(judge('Bash', { command }, { allow: ['Bash(ls *)'] }, mode)).toEqual(first);
      }),
      runs,
    );
  });

  test('one more deny rule never allows more', () => {
    fc.assert(
      fc.property(
        shellText,
        fc.constantFrom('Bash(rm *)', 'Bash(ls)', 'Read(x)', 'Edit(x)', 'Bash('),
        (command, rule) => {
          if (bash(command, { allow: ['Bash'], deny: [rule] }) === 'allow')
            expect(bash(command, { allow: ['Bash'] })).toBe('allow');
        },
      ),
      runs,
    );
  });

  test('a command that no rule allows stays so behind any text', () => {
    fc.assert(
      fc.property(shellText, fc.constantFrom(';', '&&', '||', '|', '\n', '&'), (text, joint) => {
        fc.pre(
          bash(text, { allow: ['Bash(ls *)', 'Bash(rm *)'] }) === 'allow' &&
            !text.includes('#') &&
            !text.includes('<<'),
        );
        expect(bash(`${text} ${joint} make`, { allow: ['Bash(ls *)', 'Bash(rm *)'] })).not.toBe('allow');
      }),
      runs,
    );
  });

  test('quoted, it is only text', () => {
    const printable = fc.string({ unit: 'grapheme-ascii' }).map((text) => text.replaceAll("'", ''));
    fc.assert(
      fc.property(printable, (text) => {
        expect(bash(`echo '${text}'`, { deny: ['Bash(rm *)'] })).toBe('allow');
      }),
      runs,
    );
  });
});

describe('any quoting of a forbidden command', () => {
  const letter = (char: string) =>
    fc.constantFrom(char, `"${char}"`, `'${char}'`, `\\${char}`, `$'${char}'`, `${char}""`, `''${char}`);
  const spelled = fc.tuple(letter('r'), letter('m')).map((all) => all.join(''));
  const around = fc.constantFrom(
    (c: string) => c,
    (c: string) => `ls; ${c}`,
    (c: string) => `echo "$(${c})"`,
    (c: string) => `(${c})`,
    (c: string) => `timeout 5 ${c}`,
    (c: string) => `X=1 ${c}`,
  );

  test('is forbidden', () => {
    fc.assert(
      fc.property(spelled, around, (name, wrap) => {
        expect(bash(wrap(`${name} -rf x`), { allow: ['Bash'], deny: ['Bash(rm *)'] })).toBe('deny');
      }),
      runs,
    );
  });
});

describe('any path', () => {
  const name = fc.constantFrom('..', '.', 'src', 'a.ts', '', '.git', 'x y', '~', 'é', 'e\u0301');
  const path = fc.array(name, { minLength: 1, maxLength: 8 }).map((all) => all.join('/'));

  test('outside the project is never accepted by the mode', () => {
    fc.assert(
      fc.property(path, (file) => {
        const { decision } = judge('Edit', { file_path: file }, {}, 'acceptEdits');
        const real = tidy(
          file.startsWith('/')
            ? file
            : file === '~' || file.startsWith('~/')
              ? `/home/u/${file.slice(1)}`
              : `/repo/${file}`,
        );
        if (decision === 'allow') expect(real).toMatch(/^\/repo(\/(?!.*\.git(\/|$)).*)?$/);
      }),
      runs,
    );
  });
});
