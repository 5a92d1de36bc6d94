/** A routine's regression test: a recorded run of it, kept in the repository, still leads to the same conversation. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCassette, writeCassette } from '#host/replay/cassette-file.ts';
import { replayCassette } from '#host/replay/replay.ts';
import { productRoot } from '#host/self.ts';
import { cli } from '../fakes/cli-shell.ts';
import { scratch } from '../fakes/places.ts';

const file = join(productRoot, 'test', 'cassettes', 'mend-the-answer.jsonl');
const text = readFileSync(file, 'utf8');
const lines = text.trimEnd().split('\n');

/** System prompt and tools are Nightshift's own and may change with it; the conversation may not. */
test('the recorded run asks the same, whatever Nightshift itself says to every model by now', async () => {
  const report = await replayCassette(readCassette(text), { ignore: ['system', 'tools'] });
  expect(report).toMatchObject({ same: true, first: null, recorded: 6, sent: 6, departs: null });
});

describe('nightshift runs replay', () => {
  const replay = (...argv: string[]) => cli(['runs', 'replay', ...argv], {});

  test('says that it is the same with exit code 0, and asks no host', async () => {
    const { code, out, attached } = await replay(file, '--ignore', 'system', 'tools');
    expect(out).toMatch(/^run-[0-9a-z]+: the same, all 6 requests\.\n$/);
    expect(code).toBe(0);
    expect(attached).toEqual([]);
  });

  test('shows the first difference with exit code 1, for people and as JSON', async () => {
    const changed = [file, '--ignore', 'system', 'tools', '--prompt', 'Mend it.'];
    const shown = await replay(...changed);
    expect(shown.code).toBe(1);
    expect(shown.out).toMatch(
      /differs from request 1 of 6 on \(turn 1\)\.\n {2}messages\.2\n {4}- .*Find out why.*\n {4}\+ .*Mend it\./,
    );
    const json = await replay(...changed, '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({
      ...{ same: false, recorded: 6 },
      first: { request: 1, turn: 1, differences: [{ part: 'messages.2' }] },
    });
  });

  test('as a regression test: several files at once, and what is expected of them as a word', async () => {
    expect((await replay(file)).code).toBe(1);
    const both = await replay(file, file, '--expect', 'conversation');
    expect(both.out.match(/the same, all 6 requests/g)).toHaveLength(2);
    expect(both.code).toBe(0);
    expect((await replay(file, '--expect', 'conversation', '--prompt', 'Mend it.')).code).toBe(1);
    expect((await replay(file, '--expect', 'verdicts', '--prompt', 'Mend it.')).code).toBe(0);
    const listed = await replay(file, file, '--expect', 'conversation', '--json');
    expect(JSON.parse(listed.out)).toMatchObject([{ same: true }, { same: true, verdicts: { found: 0, differ: [] } }]);
    expect((await replay(file, '/nowhere.jsonl', '--expect', 'conversation')).code).toBe(2);
    expect((await replay(file, '--expect', 'nothing')).code).toBe(2);
  });

  test('tells of every request that differs, each difference once', async () => {
    const { out } = await replay(file, '--expect', 'conversation', '--prompt', 'Mend it.', '--json');
    const { differing } = JSON.parse(out);
    expect(differing.map(({ request }: { request: number }) => request)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(differing[0].differences).toHaveLength(1);
    for (const { differences } of differing.slice(1)) expect(differences).toEqual([]);
    const shown = await replay(file, '--expect', 'conversation', '--prompt', 'Mend it.');
    expect(shown.out).toContain('5 later requests differ by nothing else.');
  });

  test('takes another table of models, and refuses what is none', async () => {
    const table = join(scratch(), 'models.json');
    const facts = JSON.parse(lines[0] ?? '').models;
    writeFileSync(table, JSON.stringify(facts.map((each: object) => ({ ...each, maxAnswer: 4000 }))));
    const { code, out } = await replay(file, '--ignore', 'system', 'tools', '--model-table', table);
    expect(out).toMatch(/settings\.max_tokens\n {4}- 32000\n {4}\+ 4000/);
    expect(code).toBe(1);
    expect((await replay(file, '--ignore', 'system', 'tools', '--model-table', 'own')).code).toBeLessThan(2);
    writeFileSync(table, '[{ "id": 1 }]');
    expect(await replay(file, '--model-table', table)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/table of models.*0\.id/),
    });
    writeFileSync(table, 'no');
    expect(await replay(file, '--model-table', table)).toMatchObject({
      code: 2,
      err: expect.stringContaining('is no JSON'),
    });
  });

  const changed = (at: number, to: string | null) =>
    [...lines.slice(0, at), ...(to === null ? [] : [to]), ...lines.slice(at + 1)].join('\n');
  const part = lines.findIndex((line) => line.startsWith('{"kind":"part"'));
  const stranger = (lines[2] ?? '').replaceAll(/run-[0-9a-z]+/g, 'run-00000000');
  test.each([
    ['', 'line 1: it does not begin as a cassette does'],
    ['# Read me', 'line 1: it does not begin as a cassette does'],
    ['{"kind":"cassette","version":1}', 'line 1: product'],
    [(lines[0] ?? '').replace('"version":1', '"version":9'), 'newer Nightshift (format 9)'],
    [changed(4, '{"kind":"event"'), 'line 5: it is no JSON'],
    [changed(4, '{"kind":"event","event":{"type":"run.flew"}}'), 'line 5: event'],
    [changed(2, stranger), 'line 3: the event is not of this run'],
    [changed(4, null), 'not what it was written with'],
    [changed(part, null), 'system: it is no text'],
    [lines.slice(0, -1).join('\n'), 'its last line is missing'],
    [`${text}${lines[4]}\n`, 'something follows its last line'],
    [`${lines[0]}\n${text}`, 'line 2: a second cassette begins'],
    [`${text.slice(0, 4000)}\u0000\uFFFD`, 'it is no JSON'],
  ])('refuses a broken file with line and cure: %.40s', async (broken, why) => {
    const path = join(scratch(), 'broken.jsonl');
    writeFileSync(path, broken);
    const { code, err } = await replay(path);
    expect(err).toContain(why);
    expect(err).toMatch(/field {2}.*cassette/);
    expect(err).toMatch(/cure/);
    expect(code).toBe(2);
  });

  test('a file that is not there, and one without its beginning in the log, are refused, too', async () => {
    expect(await replay('/nowhere/a.jsonl')).toMatchObject({ code: 2, err: expect.stringContaining('ENOENT') });
    const path = join(scratch(), 'beheaded.jsonl');
    const { events, ...rest } = readCassette(text);
    writeFileSync(path, writeCassette({ ...rest, events: events.slice(1) }));
    expect(await replay(path)).toMatchObject({ code: 2, err: expect.stringContaining('how its run began') });
  });
});

describe('nightshift runs export', () => {
  const cassette = async () => ({ name: 'a.jsonl', text, requests: 6, departs: null });

  test('writes the file for its owner alone, and never over another one', async () => {
    const path = join(scratch(), 'run.jsonl');
    const argv = ['runs', 'export', 'run-00000001a', '--cassette', path];
    const { code, out } = await cli(argv, { runs: { cassette } });
    expect(code).toBe(0);
    expect(out).toContain(`${path}: 6 requests`);
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(await cli(argv, { runs: { cassette } })).toMatchObject({ code: 2, err: expect.stringContaining('EEXIST') });
  });
});
