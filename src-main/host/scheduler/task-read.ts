/** Reads what `schtasks /query /xml ONE` prints, as far as it takes to compare it with what we wrote. */

/** Path of the task (`\Nightshift\x`) → its XML. */
export function tasksIn(printed: string): Map<string, string> {
  const found = printed.matchAll(/<!--\s*(\\[^\r\n]*?)\s*-->\s*(<Task\b[\s\S]*?<\/Task>)/g);
  return new Map([...found].map((match) => [match[1] ?? '', match[2] ?? '']));
}

const telling = [
  ...['StartBoundary', 'Interval', 'Duration', 'DaysInterval', 'WeeksInterval', 'Day', 'Week', 'Command', 'Arguments'],
  ...[
    'WakeToRun',
    'StartWhenAvailable',
    'DisallowStartIfOnBatteries',
    'StopIfGoingOnBatteries',
    'MultipleInstancesPolicy',
  ],
];

/**
 * Equal for two texts of the same task: Windows adds elements, moves them and writes durations in its own way, and the
 * console's code page may spoil what is not ASCII.
 */
export function taskFingerprint(xml: string): string {
  const found = telling.map((name) => {
    const values = [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map((match) => match[1] ?? '');
    return `${name}=${values.map(plain).sort().join('|')}`;
  });
  const empty = [
    ...xml.matchAll(
      /<(Sunday|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|January|February|March|April|May|June|July|August|September|October|November|December)\s*\/>/g,
    ),
  ];
  return [
    ...found,
    empty
      .map((match) => match[1])
      .sort()
      .join(),
  ].join('\n');
}

function plain(value: string): string {
  const time = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(value);
  if (time) {
    const [days = 0, hours = 0, minutes = 0, seconds = 0] = time.slice(1).map((part) => Number(part ?? 0));
    return `${((days * 24 + hours) * 60 + minutes) * 60 + seconds}s`;
  }
  return value.replace(/&quot;/g, '"').replace(/[^\x20-\x7e]+/g, '?');
}
