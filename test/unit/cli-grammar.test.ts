/** What may be typed, and what is said when it is not that. */
import { describe, expect, test } from 'vitest';
import { exitCodeOf, taskCodes } from '#cli/exit-codes.ts';
import { Fault, faultCodes } from '#contract/faults.ts';
import { RoutineSpec } from '#contract/routines.ts';
import { readSchedule } from '#core/calendar/calendar.ts';
import { cli } from '../fakes/cli-shell.ts';

describe('unknown words and flags are refused with a suggestion', () => {
  test.each([
    [['routines', 'lst'], "Unknown command 'lst'", 'Did you mean list?', 'nightshift routines --help'],
    [['routins', 'list'], "Unknown command 'routins'", 'Did you mean routines?', 'nightshift --help'],
    [['routins', '--help'], "Unknown command 'routins'", 'Did you mean routines?', 'nightshift --help'],
    [['-h', 'routins'], "Unknown command 'routins'", 'Did you mean routines?', 'nightshift --help'],
    [['help', 'routins'], "Unknown command 'routins'", 'Did you mean routines?', 'nightshift --help'],
    [['routines', 'lst', '-h'], "Unknown command 'lst'", 'Did you mean list?', 'nightshift routines --help'],
    [['help', 'routines', 'lst'], "Unknown command 'lst'", 'Did you mean list?', 'nightshift routines --help'],
    [['due', '--now-wait'], "Unknown option '--now-wait'", 'Did you mean --no-wait?', 'nightshift due --help'],
    [['runs', 'show'], "Missing required argument 'run'", '', 'nightshift runs show --help'],
    [['runs', 'show', 'a', 'b'], 'Too many arguments', '', 'nightshift runs show --help'],
  ])('%j', async (argv, message, suggestion, help) => {
    const { code, out, err, attached } = await cli(argv, {});
    expect({ code, out, attached }).toEqual({ code: 2, out: '', attached: [] });
    expect(err).toContain(message);
    expect(err).toContain(suggestion);
    expect(err).toContain(help);
  });

  test.each([
    [['routines', 'add', 'x', '--prompt', 'p', '--repo', '.'], '--schedule'],
    [['routines', 'edit', 'x', '--turns', 'many'], '--turns'],
    [['routines', 'edit', 'x', '--dollars', '-3'], '--dollars'],
    [['routines', 'edit', 'x', '--effort', 'huge'], '--effort'],
    [['due', '--by', 'me'], '--by'],
    [['runs', 'list', '--limit', '1.5'], '--limit'],
  ])('%j names the flag', async (argv, flag) => {
    const { code, err } = await cli([...argv, '--json'], {});
    expect(code).toBe(2);
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'input', field: flag } });
  });
});

test.each([
  [['--help'], 'nightshift [options] [command]'],
  [['help'], 'nightshift [options] [command]'],
  [['help', 'help'], 'nightshift [options] [command]'],
  [['routines', '-h'], 'nightshift routines [options] [command]'],
  [['help', 'routines', 'add'], 'nightshift routines add [options] <name>'],
  [['routines', 'add', 'nosuch', '--help'], 'nightshift routines add [options] <name>'],
  [['routines', 'add', '--prompt', 'nosuch', '--help'], 'nightshift routines add [options] <name>'],
])('%j explains that command', async (argv, usage) => {
  const { code, out, err } = await cli(argv, {});
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain(`Usage: ${usage}`);
});

describe('a value that begins with a dash', () => {
  test.each([
    [['schedule', 'next', '-1 3 * * *'], "`nightshift schedule next … -- '-1 3 * * *'`"],
    [['schedule', 'plan', '--os', 'systemd', '-*/5 * * * *'], "`nightshift schedule plan … -- '-*/5 * * * *'`"],
    [['routines', 'add', "-1 o'clock", '--prompt', 'p'], "`nightshift routines add … -- '-1 o'\\''clock'`"],
  ])('%j: it says how to write it', async (argv, cure) => {
    const { code, err, attached } = await cli(argv, {});
    expect({ code, attached }).toEqual({ code: 2, attached: [] });
    expect(err).toContain('was taken for an option');
    expect(err).toContain(cure);
  });

  const calculator = '"-1" is no minute';
  test.each([
    [['schedule', 'next', '--tz', 'UTC', '--', '-1 3 * * *']],
    [['schedule', 'plan', '--', '-1 3 * * *']],
    [['routines', 'add', 'x', '--repo', '.', '--prompt', 'p', '--schedule=-1 3 * * *']],
    [['routines', 'add', 'x', '--repo', '.', '--prompt', 'p', '--schedule', '-1 3 * * *']],
  ])('%j: the calculator refuses it', async (argv) => {
    const add = ({ spec }: { spec: { schedule: string; timeZone: string } }) =>
      Promise.resolve(readSchedule(spec.schedule, spec.timeZone) as never);
    const { code, err } = await cli(argv, { routines: { add } });
    expect(code).toBe(2);
    expect(err).toContain(calculator);
    expect(err).toContain('Write 0 to 59');
  });
});

test('a command group alone shows its help on stderr and is a usage error', async () => {
  const { code, out, err } = await cli(['proposals'], {});
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('approve');
});

test('help goes to stdout and documents every exit code', async () => {
  const { code, out } = await cli(['--help'], {});
  expect(code).toBe(0);
  for (const line of ['0    ', '1    ', '2    ', '3    ', '4    ', '5    ', '130  '])
    expect(out).toContain(`\n  ${line}`);
});

test('the help of `run` documents what its exit codes mean', async () => {
  const { out } = await cli(['run', '--help'], {});
  for (const code of Object.values(taskCodes)) expect(out).toContain(`\n  ${code}   `);
});

describe('what a flag says to hold without it is what holds', () => {
  const held = {
    ...RoutineSpec.parse({ name: 'x', prompt: 'x', repository: '/x', schedule: 'manual', timeZone: 'UTC' }),
    ...{ hooks: 'trusted', memory: 'review', web: 'off', network: 'off' },
  };
  const fields = {
    ...{ model: held.model, effort: held.effort, mode: held.permissionMode, 'when-asked': held.whenAsked },
    ...{ hooks: held.hooks, memory: held.memory, web: held.web, host: held.network },
    ...{ 'answer-within': `${held.answerWithin / 1440}d`, rounds: held.goalRounds, iterations: held.iterations },
    ...{ turns: held.limits.turns, minutes: held.limits.minutes, dollars: held.limits.dollars },
    ...{ tokens: held.limits.tokens, 'output-tokens': held.limits.outputTokens, 'tool-calls': held.limits.toolCalls },
    'branch-prefix': held.branchPrefix,
  };
  const told = async (...argv: string[]) => {
    const { out } = await cli([...argv, '--help'], {});
    const flags = out.split(/\n {2}(?=-)/).map((each) => each.replace(/\s+/g, ' '));
    return (flag: string) =>
      /default: (?:")?([^)"]+)/.exec(flags.find((each) => each.startsWith(`--${flag} `)) ?? '')?.[1];
  };

  test.each([['run'], ['routines', 'add']])('%s %s', async (...argv) => {
    const said = await told(...argv);
    for (const [flag, value] of Object.entries(fields)) expect(said(flag), flag).toBe(String(value));
  });

  test('the cap of a day', async () => {
    const said = await told('routines', 'add');
    expect(said('dollars-per-day')).toBe(String(held.limits.dollarsPerDay));
  });

  test('an edit leaves what is not named as it was', async () => {
    const said = await told('routines', 'edit');
    for (const flag of Object.keys(fields)) expect(said(flag), flag).toBeUndefined();
  });
});

test('the version is printed without a host', async () => {
  expect(await cli(['--version'], {})).toEqual({ code: 0, out: '1.2.3\n', err: '', attached: [] });
});

test('a key on the command line is refused and not repeated [key-unseen]', async () => {
  const { code, out, err, attached } = await cli(['model', 'key', 'sk-secret-value'], {});
  expect({ code, attached }).toEqual({ code: 2, attached: [] });
  expect(out + err).not.toContain('sk-secret-value');
  expect(err).toContain('nightshift model key');
});

describe('exit codes', () => {
  test.each([
    ['input', 2],
    ['not_found', 3],
    ['host.unreachable', 4],
    ['conflict', 5],
    ['host.busy', 5],
    ['repo.conflict', 5],
    ['repo.checkout_dirty', 5],
    ['internal', 1],
    ['sandbox.unavailable', 1],
  ] as const)('%s → %i', (code, exit) => {
    expect(exitCodeOf(new Fault(code, 'x'))).toBe(exit);
  });

  test('a fault that names a field is bad input, unless its code says more', () => {
    expect(exitCodeOf(new Fault('repo.missing', 'x', { field: 'spec.repository' }))).toBe(2);
    expect(exitCodeOf(new Fault('not_found', 'x', { field: 'run' }))).toBe(3);
  });

  test('every fault has one of the documented codes', () => {
    for (const code of faultCodes) expect([1, 2, 3, 4, 5]).toContain(exitCodeOf(new Fault(code, 'x')));
  });
});

test('no host and none to be started: unreachable for status, nothing to do for stop', async () => {
  const attach = () => Promise.reject(new Fault('host.unreachable', 'No host is running.', { cure: 'Start one.' }));
  const status = await cli(['host', 'status'], {}, { shell: { attach } });
  expect(status.code).toBe(4);
  expect(status.err).toContain('Start one.');
  expect(await cli(['host', 'stop'], {}, { shell: { attach } })).toMatchObject({
    code: 0,
    out: 'No host is running.\n',
  });
});

test('an interrupted command says that the host goes on, and ends with 130', async () => {
  const interrupt = new AbortController();
  const handlers = {
    host: {
      doctor: () => {
        interrupt.abort();
        return new Promise<never>(() => {});
      },
    },
  };
  const { code, err } = await cli(['doctor'], handlers, { shell: { signal: interrupt.signal } });
  expect(code).toBe(130);
  expect(err).toContain('Interrupted');
});

test('a bug shows no detail of the host, and its own stack only for bugs of the terminal itself', async () => {
  const handlers = { routines: { list: () => Promise.reject(new TypeError('secret detail')) } };
  const { code, err } = await cli(['routines', 'list'], handlers);
  expect(code).toBe(1);
  expect(err).toContain('(internal)');
  expect(err).not.toContain('secret detail');
});
