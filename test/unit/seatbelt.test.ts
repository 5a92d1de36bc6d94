/** Every word of the macOS profile and of its launcher's arguments, and that no path can become a rule. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SeatbeltView, sandboxExecArguments, seatbelt } from '#host/sandbox/seatbelt.ts';

const view: SeatbeltView = {
  worktree: '/Users/sam/Library/Application Support/Nightshift/worktrees/run-1',
  access: 'write',
  scratch: '/private/var/folders/x/T/nightshift-run-1/inside',
  home: '/Users/sam',
  shown: ['/Users/sam/.nvm/versions/node/v24.0.0/bin/node', '/Applications/Nightshift.app/Contents/Resources/hands.js'],
  git: ['/private/var/folders/x/T/nightshift-run-1/repository', '/Users/sam/code/orders/.git/objects'],
  sealed: [
    { path: '/Users/sam/Library/Application Support/Nightshift/worktrees/run-1/libs', writable: true },
    { path: '/Users/sam/Library/Application Support/Nightshift/worktrees/run-1/libs/a', writable: false },
    { path: '/Users/sam/Library/Application Support/Nightshift/worktrees/run-1/vendored', writable: false },
  ],
  port: null,
};
const golden = (name: string) => readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8');
const rules = (profile: string) => profile.split('\n').filter((line) => line.startsWith('('));

describe('the profile', () => {
  test('word for word', () => expect(seatbelt(view).profile).toBe(golden('seatbelt.sb')));

  test('its parameters and arguments, word for word', () => {
    const { parameters } = seatbelt(view);
    expect(`${JSON.stringify(parameters, null, 2)}\n`).toBe(golden('seatbelt-parameters.json'));
    expect(sandboxExecArguments({ profile: 'P', parameters: { A: '/a b', B: '/-c' } }, ['/bin/x', '-y'])).toEqual([
      ...['-p', 'P', '-D', 'A=/a b', '-D', 'B=/-c', '--', '/bin/x', '-y'],
    ]);
  });

  test('a run that only reads differs by one right, one with a network by one port', () => {
    const [all, reading, reaching] = [view, { ...view, access: 'read' as const }, { ...view, port: 4321 }].map((each) =>
      rules(seatbelt(each).profile),
    );
    expect(all?.filter((line) => !reading?.includes(line))).toEqual([
      '(allow file-write* (subpath (param "SCRATCH")) (subpath (param "WORKTREE")))',
    ]);
    expect(reading?.filter((line) => !all?.includes(line))).toEqual([
      '(allow file-write* (subpath (param "SCRATCH")))',
    ]);
    expect(reaching?.filter((line) => !all?.includes(line))).toEqual([
      '(allow network-outbound (remote ip "localhost:4321"))',
    ]);
  });

  test('begins closed, ends with what nothing may open again, and balances its brackets', () => {
    const lines = rules(seatbelt(view).profile);
    expect(lines.slice(0, 2)).toEqual(['(version 1)', '(deny default)']);
    expect(lines.slice(-4).every((line) => line.startsWith('(deny '))).toBe(true);
    // Last rule wins: the home directory is closed before what is shown of it is opened.
    const at = (start: string) => lines.findIndex((line) => line.startsWith(start));
    expect(at('(deny file-read* file-write*')).toBeLessThan(at('(allow file-read* (subpath (param "SHOWN_0"))'));
    expect(at('(allow file-write*')).toBeLessThan(at('(deny file-read-data file-write* (subpath (param "GIT_LINK")))'));
    for (const line of lines) expect(line.split('(').length).toBe(line.split(')').length);
    expect(lines.join('\n')).not.toMatch(
      /network\*|mach-lookup\)|securityd|pasteboard|mDNSResponder|trustd|allow default/,
    );
  });
});

describe('paths', () => {
  const odd = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((name) => !/[/\0]/.test(name));

  test('never reach the text of the profile, and arrive to the letter or are refused', () => {
    const text = seatbelt(view).profile;
    fc.assert(
      fc.property(odd, (name) => {
        const worktree = `/Users/sam/w/${name}`;
        try {
          const made = seatbelt({ ...view, worktree });
          const plain = (profile: string) => profile.replace(/ \(literal \(param "ABOVE_\d+"\)\)/g, '');
          expect(plain(made.profile)).toBe(plain(text));
          expect(made.parameters.WORKTREE).toBe(worktree);
          expect(sandboxExecArguments(made, [])).toContain(`WORKTREE=${worktree}`);
        } catch (error) {
          expect(error).toMatchObject({ code: 'sandbox.unavailable', cure: expect.any(String) });
          // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what it is about
          expect(/[\x00-\x1f\x7f]/.test(name) || ['.', '..'].includes(name) || !name.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each(['", (allow default) "', "x') (allow default)", 'a\\"b', '%n$(id)`id`', 'ä 日本 🌙', '-D HOME=x'])(
    'one called %s is only a name',
    (name) => {
      const made = seatbelt({ ...view, worktree: `/w/${name}` });
      expect(made.profile).not.toContain(name);
      expect(made.parameters.WORKTREE).toBe(`/w/${name}`);
    },
  );

  test.each<[string, Partial<SeatbeltView>]>([
    ['relative', { worktree: 'w' }],
    ['the root', { worktree: '/' }],
    ['with a step up', { worktree: '/w/../Users' }],
    ['with a line break', { scratch: '/w/a\n(allow default)' }],
    ['with a NUL', { scratch: '/w/a\0' }],
    ['half a character', { scratch: '/w/\ud800' }],
    ['a toolchain that is the home', { shown: ['/Users/sam'] }],
    ['a toolchain above the home', { shown: ['/Users'] }],
    ['a toolchain above the worktree', { shown: ['/Users/sam/Library'] }],
    ['a worktree that is the home', { worktree: '/Users/sam' }],
    ['scratch above the worktree', { scratch: '/Users/sam/Library/Application Support/Nightshift' }],
    ['no port', { port: 0 }],
    ['a port that is text', { port: Number.NaN }],
  ])('%s is refused', (_, change) => {
    expect(() => seatbelt({ ...view, ...change })).toThrow(expect.objectContaining({ code: 'sandbox.unavailable' }));
  });
});
