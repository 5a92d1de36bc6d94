/** Texts of everything that XML, shells, unit files and property lists treat in a special way; always the same ones. */

const parts = [
  ...[
    '&',
    '<',
    '>',
    '"',
    "'",
    '%',
    '%%',
    '$',
    '${HOME\u007d',
    '\\',
    '\n',
    '\t',
    '\r',
    ';',
    ' ',
    '🦉',
    'é',
    ']]>',
    '<!--',
  ],
  ...['&amp;', '\u2028', 'a', '[Service]', '`id`', '#', '=', '\\\\', '%i', '\\n'],
];

export function hostileTexts(count: number, more: string[] = []): string[] {
  const all = [...parts, ...more];
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  return Array.from({ length: count }, () => Array.from({ length: 1 + next(9) }, () => all[next(all.length)]).join(''));
}
