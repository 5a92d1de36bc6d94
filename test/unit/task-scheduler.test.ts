/** Task Scheduler plans against a model of its triggers, and tasks as XML against the rules of the published schema. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Schedule } from '#contract/schedules.ts';
import { dueBetween, dueInstants } from '#host/scheduler/due-instants.ts';
import { horizonOf } from '#host/scheduler/horizon.ts';
import { plan } from '#host/scheduler/plan.ts';
import { taskFingerprint, tasksIn } from '#host/scheduler/task-read.ts';
import { taskFile, taskXml, windowsArguments } from '#host/scheduler/task-xml.ts';
import { hardCases } from '../fakes/hard-schedules.ts';
import { hostileTexts } from '../fakes/hostile-texts.ts';
import { moods, readTriggers, taskFires } from '../fakes/task-clock.ts';
import { taskFaults } from '../fakes/task-schema.ts';

const now = Date.UTC(2026, 10, 20, 12);
const day = 86_400_000;
const end = now + 731 * day;
const cron = (expression: string): Schedule => ({ kind: 'cron', expression });
const toSecond = (at: number) => Math.ceil(at / 1000) * 1000;

function spans(zones: string[]): [number, number][] {
  const changes = zones.flatMap((zone) => horizonOf(now).changes(zone));
  const ahead = changes.filter(({ at }) => at > now && at < end - 2 * day).slice(0, 3);
  return [now, ...ahead.map(({ at }) => at)].map((at) => [Math.floor((at - day / 2) / 9e5) * 9e5, at + day]);
}

test('every due instant has a trigger, however Windows takes a change of clocks; exact ones have no other', () => {
  let checked = 0;
  let exact = 0;
  for (const [index, { schedule, zone, title }] of hardCases(1).entries()) {
    const machine = [zone, zone, 'Europe/Berlin', 'Asia/Kolkata'][index % 4] ?? zone;
    const made = plan(schedule, 'windows', zone, now, { zone: machine });
    expect(made.triggers, title).toBeLessThanOrEqual(48);
    const triggers = readTriggers(made.xml);
    expect(triggers).toHaveLength(made.triggers);
    if (made.kind === 'exact') exact++;
    const due = dueInstants(schedule, zone);
    const few = (dueBetween(due, now, end, 60) ?? []).filter((_, i) => i % 5 === 0);
    const rare = few.map((at): [number, number] => [at - day / 2, at + day / 2]);
    for (const span of [...spans([zone, machine]), ...rare])
      for (const mood of rare.includes(span) ? moods.slice(0, 1) : moods) {
        const wanted = new Set((dueBetween(due, span[0], span[1], 10_000) ?? []).map(toSecond));
        const held = taskFires(triggers, machine, span, mood);
        const why = `${title} on ${machine} (${mood.fold}, ${mood.repeat})`;
        // What is not on a whole minute may be up to a minute late in a superset.
        const covered = (at: number) =>
          held.has(at) || (made.kind === 'superset' && held.has(Math.ceil(at / 6e4) * 6e4));
        const lost = [...wanted].filter((at) => at < span[1] - 6e4 && !covered(at));
        expect(
          lost.map((at) => new Date(at).toISOString()),
          `${why}: lost`,
        ).toEqual([]);
        checked += wanted.size;
        const quiet = !spans([zone, machine])
          .slice(1)
          .some(([from, to]) => span[0] < to && span[1] > from);
        if (made.kind === 'exact' && quiet)
          expect(
            [...held].filter((at) => !wanted.has(at)),
            `${why}: too many`,
          ).toEqual([]);
      }
  }
  expect(checked).toBeGreaterThan(8_000);
  expect(exact).toBeGreaterThan(50);
}, 120_000);

test.each([
  ['*/7 * * * *', 9],
  ['*/5 8-18 1-15 * 1-5', 2],
  ['*/15 9-17 * * 1-5', 1],
  ['0 3 * * *', 1],
  ['1,3,8,20,33,41,59 */5 * * *', 7],
])('%s takes %i triggers', (expression, count) => {
  expect(plan(cron(expression), 'windows', 'UTC', now)).toMatchObject({ kind: 'exact', triggers: count });
});

test('a date that not every month has is not said exactly a day off, where every month has it', () => {
  // 28 February in UTC, each year.
  expect(plan(cron('30 2 29 * 1'), 'windows', 'Pacific/Apia', now, { zone: 'UTC' }).kind).toBe('superset');
  expect(plan(cron('30 2 28 * 1'), 'windows', 'Pacific/Apia', now, { zone: 'UTC' }).kind).toBe('exact');
});

test('more than 48 become fewer that fire more often', () => {
  const made = plan(cron('0,1,3,7,12,20,30,44 1,2,4,8,13,21 1W * 1#1,2#2,3#3'), 'windows', 'UTC', now);
  expect(made.kind).toBe('superset');
  expect(made.triggers).toBeLessThanOrEqual(48);
});

test('every plan is a task by the rules of the schema', () => {
  for (const { schedule, zone, title } of hardCases(2)) {
    if (schedule.kind === 'manual') continue;
    expect(taskFaults(plan(schedule, 'windows', zone, now, { zone: 'Europe/Berlin' }).xml), title).toEqual([]);
  }
});

const golden = (name: string) => new URL(`../golden/${name}`, import.meta.url);
const example = plan(cron('*/20 9-17 * 1-11 1-5'), 'windows', 'Europe/Berlin', now).xml;

test('a task, word for word', () => expect(example).toBe(readFileSync(golden('task.xml'), 'utf8')));

test.each([
  ['<Command>', '<Comand>'],
  ['<StartBoundary>2026', '<StartBoundary>26'],
  ['<Interval>PT20M', '<Interval>20M'],
  ['<Monday />', '<Moonday />'],
  ['Context="Author"', 'Context="Nobody"'],
  ['<Enabled>true</Enabled><StartBoundary>', '<StartBoundary>'],
])('the rules notice %s → %s', (from, to) => {
  const spoilt = example.replace(from, to).replace('</Command>', to === '<Comand>' ? '</Comand>' : '</Command>');
  const again = from.startsWith('<Enabled>')
    ? spoilt.replace('</StartBoundary>', '</StartBoundary><Enabled>true</Enabled>')
    : spoilt;
  expect(taskFaults(again)).not.toEqual([]);
});

const xmllint = spawnSync('xmllint', ['--version']).status === 0;

test.skipIf(!xmllint)('every plan is valid by the schema itself (needs xmllint)', () => {
  for (const { schedule, zone, title } of hardCases(1)) {
    if (schedule.kind === 'manual') continue;
    const input = taskFile(plan(schedule, 'windows', zone, now).xml);
    const done = spawnSync('xmllint', ['--nonet', '--noout', '--schema', golden('task.xsd').pathname, '-'], { input });
    expect(done.stderr.toString(), title).toContain('validates');
  }
});

test('the file is UTF-16 with its mark, and says so', () => {
  const file = taskFile(example);
  expect([...file.subarray(0, 2)]).toEqual([0xff, 0xfe]);
  expect(file.toString('utf16le')).toMatch(/^\uFEFF<\?xml version="1.0" encoding="UTF-16"\?>\n<Task /);
});

test('400 hostile names and arguments come back as they were', () => {
  const spec = { command: 'C:\\n.exe', wake: false, triggers: [] };
  for (const text of hostileTexts(400)) {
    const xml = taskXml({ ...spec, description: text, arguments: windowsArguments(['a', text, 'b']) });
    expect(unescaped(/<Description>([\s\S]*?)<\/Description>/.exec(xml)?.[1] ?? '')).toBe(text);
    expect(windowsWords(unescaped(/<Arguments>([\s\S]*?)<\/Arguments>/.exec(xml)?.[1] ?? ''))).toEqual([
      'a',
      text,
      'b',
    ]);
  }
  expect(() => taskXml({ ...spec, command: `C:\\${'x'.repeat(260)}`, description: '', arguments: '' })).toThrow(
    RangeError,
  );
});

test('what Windows prints is compared by what it means', () => {
  const printed = `<?xml version="1.0"?>\r\n<Tasks>\r\n<!-- \\Other\\x -->\r\n<Task version="1.2"></Task>\r\n<!-- \\Nightshift\\a -->\r\n${example}</Tasks>`;
  const read = tasksIn(printed.replace('PT20M', 'PT1200S').replace('<Enabled>true</Enabled><Start', '<Start'));
  expect([...read.keys()]).toEqual(['\\Other\\x', '\\Nightshift\\a']);
  expect(taskFingerprint(read.get('\\Nightshift\\a') ?? '')).toBe(taskFingerprint(example));
  expect(taskFingerprint(example.replace('<Monday />', ''))).not.toBe(taskFingerprint(example));
  expect(taskFingerprint(example.replace('T09:00:00', 'T19:00:00'))).not.toBe(taskFingerprint(example));
});

function unescaped(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#13': '\r' };
  return text.replace(/&(#?\w+);/g, (_, name: string) => named[name] ?? '?');
}

/** As a Windows program's start-up code splits its command line: runs of backslashes count only before a quote. */
function windowsWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quoted = false;
  for (const [token, slashes] of line.matchAll(/(\\*)"|\\+|[\s\S]/g)) {
    if (slashes !== undefined) {
      word = (word ?? '') + '\\'.repeat(Math.floor(slashes.length / 2));
      if (slashes.length % 2 === 1) word += '"';
      else quoted = !quoted;
    } else if (/[ \t]/.test(token) && !quoted) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + token;
  }
  return word === null ? words : [...words, word];
}
