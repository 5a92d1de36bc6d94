/** What a page says to do next: its own places instead of a terminal's commands; reports told from plain endings. */
import { describe, expect, test } from 'vitest';
import { isReport, opening, rehearsalEnd, summary } from '#state/report.ts';
import { nextStep } from '#ui/next-step.ts';
import { sentence } from '#ui/words.ts';
import { run } from '../fakes/records.ts';

const terminal = 'Store one with `nightshift model key` (it reads standard input), or set ANTHROPIC_API_KEY.';

describe('the next step', () => {
  test.each([
    ['model.key_missing', terminal, undefined, { words: '', href: '/settings', link: 'Store a key in Settings' }],
    [
      'model.key_rejected',
      terminal,
      undefined,
      { words: '', href: '/settings', link: 'Store another key in Settings' },
    ],
    ['not_found', 'See `nightshift runs list`.', 'run', { words: '', href: '/runs', link: 'All runs' }],
    ['not_found', 'See `nightshift routines list`.', 'routine', { words: '', href: '/routines', link: 'All routines' }],
    ['not_found', undefined, 'proposal', { words: '', href: '/proposals', link: 'All proposals' }],
    [
      'not_found',
      'See `nightshift questions list`.',
      'question',
      { words: '', href: '/questions', link: 'All questions' },
    ],
    [
      'conflict',
      'Look: `nightshift questions show`.',
      'bind',
      { words: 'It has changed meanwhile: look at it again.' },
    ],
    [
      'conflict',
      'Approve with --with-files-that-run.',
      'withFilesThatRun',
      { words: 'Look at them, then tick that you have.' },
    ],
    [
      'model.retired',
      'Choose its successor: `nightshift routines edit triage --model claude-opus-5-5`.',
      'model',
      { words: 'Choose claude-opus-5-5 for the routine.', href: '/routines', link: 'All routines' },
    ],
    [
      'model.retired',
      'Start it again with its successor: `nightshift run --model claude-opus-5-5`.',
      'model',
      { words: 'Start it again with claude-opus-5-5.', href: '/runs', link: 'All runs' },
    ],
    [
      'model.wrong_address',
      'Correct the address with `nightshift model base-url <url>`.',
      'url',
      { words: 'Correct the address of the model.', href: '/settings', link: 'See the address in Settings' },
    ],
    ['repo.conflict', 'Land it with --into <branch>.', undefined, { words: 'Choose another branch.' }],
    ['repo.checkout_dirty', 'Land it with --into <branch>.', undefined, { words: 'Choose another branch.' }],
    [
      'host.unreachable',
      'Every `nightshift` command starts it.',
      undefined,
      { words: 'The page connects again by itself; then try again.' },
    ],
    [
      'conflict',
      'Follow it with `nightshift runs follow run-0000000abc`, or stop it first.',
      'routine',
      { words: '', href: '/runs/run-0000000abc', link: 'Open that run' },
    ],
    ['data.full', 'Free some space.', undefined, { words: 'Free some space.' }],
  ] as const)('%s, %s', (code, cure, field, step) =>
    expect(nextStep({ code, message: 'No.', cure, field })).toEqual(step),
  );

  test('a stored key that cannot be read keeps its own cure', () =>
    expect(nextStep({ code: 'model.key_missing', message: 'Locked.', cure: 'Unlock the keychain.' })).toEqual({
      words: 'Unlock the keychain.',
      href: '/settings',
      link: 'See the key in Settings',
    }));

  test('nothing to do is nothing to say', () => expect(nextStep({ code: 'conflict', message: 'No.' })).toBeNull());
});

describe('reports', () => {
  const ended = (message: string, permissionMode: 'plan' | 'acceptEdits') =>
    run({ outcome: 'nothing_to_propose', reason: { code: 'nothing_changed', message }, permissionMode });
  const long = `## Findings\n\n${'Two callers pass null. '.repeat(20)}`;
  const noRecording =
    'This is the rehearsal model: it has no recording for this routine. Add a key with `nightshift model key`, or set ANTHROPIC_API_KEY, and the same routine runs on a real model.';

  test.each([
    ['of a routine that may only read', ended('All is well.', 'plan'), true],
    ['at length', ended(long, 'acceptEdits'), true],
    ['a line of one that may edit', ended('No error recurs.', 'acceptEdits'), false],
    ['a rehearsal that ran out', ended(noRecording, 'plan'), false],
    ['a failure', run({ outcome: 'failed', reason: { code: 'limit.turns', message: long } }), false],
    ['a proposal', run(), false],
  ])('%s', (_, one, is) => expect(isReport(one)).toBe(is));

  test('what ends a rehearsal is told without the terminal’s cure', () => {
    expect(rehearsalEnd(noRecording)).toBe('This is the rehearsal model: it has no recording for this routine.');
    expect(rehearsalEnd(long)).toBeNull();
  });

  test('one line of it, without marks', () => {
    expect(summary('## Two *findings*\n\nThe `price` is read first.')).toBe('Two findings');
    expect(summary(`- ${'word '.repeat(100)}`).length).toBeLessThanOrEqual(161);
  });

  test('its opening ends between blocks and leaves no code fence open', () => {
    const text = `# Title\n\n\`\`\`js\nlet a;\n\nlet b;\n\`\`\`\n\n${'More words. '.repeat(40)}\n\nThe end.`;
    expect(opening(text, 30)).toEqual({ text: '# Title\n\n```js\nlet a;\n\nlet b;\n```', cut: true });
    expect(opening('Short.', 600)).toEqual({ text: 'Short.', cut: false });
  });
});

test.each([
  ['main has uncommitted changes', 'main has uncommitted changes.'],
  ['It is over.', 'It is over.'],
  ['`npm test` failed', '`npm test` failed.'],
])('%s as a sentence', (text, whole) => expect(sentence(text)).toBe(whole));
