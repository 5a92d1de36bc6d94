/** Bad input at the terminal: one sentence that names the flag, and one next step; nobody has to know the schema. */
import { describe, expect, test } from 'vitest';
import { Fault } from '#contract/faults.ts';
import { cli, type SomeHandlers } from '../fakes/cli-shell.ts';
import { occurrence, routine, run, runId } from '../fakes/records.ts';
import { verifies } from '../promises.ts';

const add = ['routines', 'add', 'Log triage', '--prompt', 'Read it.', '--repo', 'orders', '--schedule', '0 3 * * *'];
const edit = ['routines', 'edit', 'log-triage'];
const task = ['run', '--prompt', 'Mend it.', '--repo', 'orders'];
const key = 'sk-short';

const nobody = () => {
  throw new Fault('not_found', 'There is no routine called "nope".', { cure: 'See `nightshift routines list`.' });
};
const handlers: SomeHandlers = {
  routines: {
    add: async () => routine(),
    edit: async () => routine(),
    get: async () => nobody(),
    ledger: async () => [],
  },
  runs: { list: async () => [], start: async () => ({ run: runId }) },
};

describe('what the contract refuses', () => {
  test.each([
    [[...edit, '--turns', '0'], '--turns is too small.', 'Use a whole number from 1 to 500.'],
    [[...edit, '--minutes', '9999'], '--minutes is too large.', 'Use a number from 0.1 to 1440.'],
    [[...edit, '--dollars', '0'], '--dollars is too small.', 'Use a number from 0.01 to 1000.'],
    [[...task, '--dollars', '0'], '--dollars is too small.', 'Use a number from 0.01 to 1000.'],
    [[...task, '--budget', '0'], '--budget is too small.', 'Use a number from 0.01 to 1000.'],
    [[...task, '--budget=0'], '--budget is too small.', 'Use a number from 0.01 to 1000.'],
    [[...task, '--tokens', '1'], '--tokens is too small.', 'Use a whole number from 1000 to 10000000000.'],
    [[...task, '--output-tokens', '1'], '--output-tokens is too small.', 'Use a whole number from 1000 to'],
    [[...task, '--tool-calls', '0'], '--tool-calls is too small.', 'Use a whole number from 1 to 100000.'],
    [[...edit, '--dollars-per-day', '0'], '--dollars-per-day is too small.', 'Use a number from 0.01'],
    [[...edit, '--name', 'x'.repeat(81)], '--name is too long.', 'Use 1 to 80 characters.'],
    [['routines', 'add', ' ', ...add.slice(3)], '<name> is empty.', 'Use 1 to 80 characters.'],
    [[...add, '--prompt', '-'], '--prompt is empty.', 'Write what the agent is to do.'],
    [[...add, '--branch-prefix', 'n'], '--branch-prefix is not written', 'separated by / and ending in /, such as'],
    [[...add, '--branch-prefix', 'a..b/'], '--branch-prefix is not written', 'git refuses'],
    [[...add, '--id', 'Night_Work'], '--id is not written', 'lower-case letters, digits and inner hyphens'],
    [['runs', 'list', '--limit', '0'], '--limit is too small.', 'Use at least 1.'],
    [['runs', 'list', '--limit', '1001'], '--limit is too large.', 'Use at most 1000.'],
    [['model', 'base-url', 'foo'], '<url> is not written', 'or `default`.'],
    [['model', 'base-url', 'ftp://example.org'], '<url> is not written', 'or `default`.'],
  ])(verifies('errors-cure', '%j'), async (argv, message, cure) => {
    const { code, out, err } = await cli(argv, handlers);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`error: ${message}`);
    expect(err).toMatch(new RegExp(`^ {2}cure .*${cure.replaceAll('.', '\\.')}`, 'm'));
    expect(err).not.toMatch(/expected|received|Invalid|pattern/);
  });

  test('as JSON names the flag beside the field', async () => {
    const { code, out, err } = await cli([...task, '--budget', '0', '--json'], handlers);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    const { error } = JSON.parse(err);
    expect(error).toMatchObject({ code: 'input', field: 'task.limits.dollars', flag: '--budget' });
    expect(error.message).toBe('--budget is too small.');
  });

  test('a key that is too short is refused without being shown', async () => {
    const { code, err } = await cli(['model', 'key'], {}, { stdin: key.slice(0, 7) });
    expect(code).toBe(2);
    expect(err).toContain('key is too short.');
    expect(err).toContain('whole and on one line');
    expect(err).not.toContain('sk-shor');
  });
});

describe('a field that is no flag of the command', () => {
  test.each([
    [['routines', 'why', 'log-triage', 'bogus'], "'bogus' is no instant.", '<instant> (at)'],
    [['budget', 'set', 'abc'], "'abc' cannot be <dollars>. It must be a number such as 2 or 0.5.", '<dollars>'],
    [['budget', 'set', '0'], '<dollars> is too small.', '<dollars> (dollarsPerDay)'],
    [['schedule', 'next', 'whenever'], '"whenever" is not understood.', '<schedule>'],
    [['routines', 'run', 'log-triage', '--at', 'bogus'], "'bogus' is no instant.", '--at'],
    [[...edit, '--schedule', ''], 'It must not be empty.', '--schedule'],
  ])('%j names the argument', async (argv, message, field) => {
    const { code, err } = await cli(argv, handlers);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).toMatch(new RegExp(`^ {2}field {2}${field.replaceAll(/[()]/g, '\\$&')}$`, 'm'));
  });
});

describe('an empty value', () => {
  const flags = [
    '--repo',
    '--prompt',
    '--schedule',
    '--tz',
    '--model',
    '--check',
    '--branch-prefix',
    '--id',
    '--turns',
  ];
  test.each([...flags.flatMap((flag) => [[flag, ''] as const, [flag, ' '] as const])])(
    'of %s is refused, naming it: %j',
    async (flag, value) => {
      const { code, err, attached } = await cli([...add, flag, value, '--json'], handlers);
      expect({ code, attached }).toEqual({ code: 2, attached: [] });
      expect(JSON.parse(err)).toMatchObject({ error: { code: 'input', field: flag } });
    },
  );

  test.each([
    ['runs', 'list', '--routine', ''],
    ['due', '--routine', ''],
    ['proposals', 'approve', 'prop-00000001', '--into', ''],
    ['routines', 'run', 'log-triage', '--at', ''],
  ])('%s %s … %s is refused', async (...argv) => {
    expect((await cli(argv, {})).code).toBe(2);
  });

  test('a description may be emptied', async () => {
    expect((await cli([...edit, '--description', ''], handlers)).code).toBe(0);
  });
});

describe('routines add', () => {
  test('names all that is missing at once', async () => {
    const { code, err, attached } = await cli(['routines', 'add', 'x'], {});
    expect({ code, attached }).toEqual({ code: 2, attached: [] });
    for (const flag of ['--prompt', '--repo', '--schedule']) expect(err).toContain(flag);
  });

  test('a name that no id can be made of: the id can be given', async () => {
    const fault = new Fault('input', 'The name "Ночь" has no letters.', { field: 'name', cure: 'Use a letter.' });
    const { code, err } = await cli(add, { routines: { add: () => Promise.reject(fault) } });
    expect(code).toBe(2);
    expect(err).toContain('--id night-work');
  });
});

test.each([[['--no-check', '--check', 'npm test']], [['--check', 'npm test', '--no-check']]])(
  'checks are not both taken away and given: %j',
  async (flags) => {
    const { code, err } = await cli([...edit, ...flags], handlers);
    expect(code).toBe(2);
    expect(err).toContain('--no-check');
  },
);

describe('what does not exist', () => {
  test.each([
    [['runs', 'show', 'nope'], '`nightshift runs list`'],
    [['runs', 'stop', 'run-'], '`nightshift runs list`'],
    [['proposals', 'show', 'nope'], '`nightshift proposals list`'],
    [['routines', 'show', 'No Such'], '`nightshift routines list`'],
    [['questions', 'show', 'nope'], '`nightshift questions list`'],
    [['questions', 'approve', 'nope'], '`nightshift questions list`'],
    [['grants', 'revoke', 'nope'], '`nightshift grants list`'],
    [['routines', 'ledger', 'nope'], '`nightshift routines list`'],
    [['runs', 'list', '--routine', 'nope'], '`nightshift routines list`'],
  ])('%j: not found, and where to look', async (argv, cure) => {
    const { code, out, err } = await cli(argv, handlers);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toContain(cure);
  });

  test('what a removed routine has left behind is shown', async () => {
    const left: SomeHandlers = {
      routines: { get: async () => nobody(), ledger: async () => [occurrence()] },
      runs: { list: async () => [run()] },
    };
    expect((await cli(['runs', 'list', '--routine', 'nope'], left)).out).toContain(runId);
    expect((await cli(['routines', 'ledger', 'nope'], left)).out).toContain(runId);
  });

  test('a routine that has done nothing yet is no error', async () => {
    const quiet: SomeHandlers = { ...handlers, routines: { get: async () => routine(), ledger: async () => [] } };
    expect(await cli(['runs', 'list', '--routine', 'log-triage'], quiet)).toMatchObject({ code: 0, err: '' });
    expect((await cli(['routines', 'ledger', 'log-triage'], quiet)).out).toContain('The ledger is empty');
  });
});

describe('model base-url', () => {
  const seen: unknown[] = [];
  const model = {
    setBaseUrl: async ({ url }: { url: string | null }) => {
      seen.push(url);
      return { auto: 'm', rehearsal: false, key: 'none' as const, detail: '', baseUrl: url };
    },
  };

  test('plain http to another machine is refused with a cure, and nothing is sent', async () => {
    const { code, err } = await cli(['model', 'base-url', 'http://models.example.org'], { model });
    expect({ code, seen }).toEqual({ code: 2, seen: [] });
    expect(err).toContain('https');
    expect(err).toContain('--insecure');
  });

  test('https, this machine, default, and http when it is asked for are taken', async () => {
    for (const url of ['https://models.example.org', 'http://127.0.0.1:8080', 'http://localhost:1', 'default'])
      expect((await cli(['model', 'base-url', url], { model })).code).toBe(0);
    expect((await cli(['model', 'base-url', 'http://models.example.org', '--insecure'], { model })).code).toBe(0);
    expect(seen).toEqual([
      ...['https://models.example.org', 'http://127.0.0.1:8080', 'http://localhost:1', null],
      'http://models.example.org',
    ]);
  });
});

describe('model price', () => {
  const seen: unknown[] = [];
  const status = { auto: 'm', rehearsal: false, key: 'none' as const, detail: '', baseUrl: null };
  const model = {
    setPrice: async (input: { model: string; price: object | null }) => {
      seen.push(input);
      return { ...status, ownPrices: { [input.model]: { input: 1, output: 5, cacheWrite: 1.25, cacheRead: 1 } } };
    },
  };

  test.each([
    [['model', 'price', 'qwen3'], '--free'],
    [['model', 'price', 'qwen3', '--free', '--forget'], 'one of the three'],
    [['model', 'price', 'qwen3', '--free', '--input', '1'], 'one of the three'],
    [['model', 'price', 'qwen3', '--input', '1'], '--output'],
    [['model', 'price', 'qwen3', '--output', '1'], '--input'],
  ])('%j: refused with a cure, and nothing is sent', async (argv, said) => {
    const { code, err } = await cli(argv, { model });
    expect({ code, seen }).toEqual({ code: 2, seen: [] });
    expect(err).toContain(said);
  });

  test('a cache whose price nobody says is taken for dear; free and forgotten are said', async () => {
    const { out } = await cli(['model', 'price', 'qwen3', '--input', '1', '--output', '5'], { model });
    expect(out).toContain('qwen3: $1 in, $5 out, $1.25 cache write, $1 cache read, per million tokens');
    await cli(['model', 'price', 'qwen3', '--input', '0', '--output', '5', '--cache-read', '0.1'], { model });
    await cli(['model', 'price', 'qwen3', '--free'], { model });
    await cli(['model', 'price', 'qwen3', '--forget'], { model });
    expect(seen).toEqual([
      { model: 'qwen3', price: { input: 1, output: 5, cacheWrite: 1.25, cacheRead: 1 } },
      { model: 'qwen3', price: { input: 0, output: 5, cacheWrite: 0, cacheRead: 0.1 } },
      { model: 'qwen3', price: { input: 0, output: 0, cacheWrite: 0, cacheRead: 0 } },
      { model: 'qwen3', price: null },
    ]);
  });
});

test.skipIf(process.platform !== 'linux')(
  'without a keychain, a place is named that works for nights that the OS starts (Linux: environment.d)',
  async () => {
    const fault = new Fault('vault.unavailable', 'No keychain answers here.', { cure: 'Start one.' });
    const setKey = () => Promise.reject(fault);
    const { code, err } = await cli(['model', 'key'], { model: { setKey } }, { stdin: 'sk-ant-0123456789' });
    expect(code).toBe(1);
    expect(err).toContain('Start one. For nights');
    expect(err).toContain('~/.config/environment.d/nightshift.conf');
  },
);
