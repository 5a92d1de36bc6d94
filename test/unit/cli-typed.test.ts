/** Run by npm, paths are meant from where the person is, and the commands we suggest are those that run there. */
import { describe, expect, test } from 'vitest';
import { personsFolder, typed } from '#cli/typed.ts';
import { Fault } from '#contract/faults.ts';
import { cli } from '../fakes/cli-shell.ts';
import { proposal, routine, run } from '../fakes/records.ts';

const npm = {
  npm_lifecycle_event: 'nightshift',
  npm_package_name: 'nightshift',
  npm_package_json: '/opt/night shift/package.json',
  INIT_CWD: '/opt/night shift',
};
const other = { ...npm, npm_package_name: 'somebody-elses' };

test('relative paths are meant from where npm was called, not from the folder it runs us in', () => {
  expect(personsFolder({ ...npm, INIT_CWD: '/home/me/orders' }, '/opt/night shift')).toBe('/home/me/orders');
  expect(personsFolder({ INIT_CWD: '/home/me/orders' }, '/here')).toBe('/here');
  expect(personsFolder({ ...other, INIT_CWD: '/home/me/orders' }, '/here')).toBe('/here');
});

test('a suggested command is rewritten in backticks and at the start of a line, and nothing else is', () => {
  const text = 'Run `nightshift doctor` on the nightshift branch, or\n  nightshift runs follow x\n`nightshift …`';
  expect(typed(text, npm)).toBe(
    'Run `npm run -s nightshift -- doctor` on the nightshift branch, or\n  npm run -s nightshift -- runs follow x\n`nightshift …`',
  );
  expect([typed(text, {}), typed(text, other)]).toEqual([text, text]);
});

test('called from outside its folder, the command names the folder', () => {
  const outside = { ...npm, INIT_CWD: '/home/me' };
  expect(typed('`nightshift due`', outside)).toBe("`npm --prefix '/opt/night shift' run -s nightshift -- due`");
  expect(typed('`nightshift due`', { ...npm, INIT_CWD: '/opt/night shift/src' })).toBe(
    '`npm run -s nightshift -- due`',
  );
});

describe('every command that is printed can be run as it stands', () => {
  const reason = { code: 'model.key_missing' as const, message: 'No key', cure: 'Use `nightshift model key`.' };
  const problem = { file: 'routine.yaml', message: 'no cron', cure: 'Use `nightshift routines edit`.' };
  const registration = { state: 'unavailable' as const, detail: 'no timers; run `nightshift due` yourself' };
  const checks = [{ name: 'OS scheduler', state: 'warning' as const, detail: 'none', cure: 'Run `nightshift due`' }];
  const absent = new Fault('not_found', 'There is no such run.', { cure: 'See `nightshift runs list`.' });
  const model = { auto: 'm', rehearsal: true, key: 'none' as const, detail: '`nightshift model key`.', baseUrl: null };
  const handlers = {
    routines: {
      list: async () => [routine({ spec: null, problem, next: [] })],
      get: async () => routine({ registration }),
      fireAt: async () => routine({ registration }),
      run: async () => ({ run: run().id }),
    },
    runs: {
      list: async () => [],
      get: async ({ run: id }: { run: string }) => {
        if (id === run().id) return run({ outcome: 'failed', reason });
        throw absent;
      },
    },
    proposals: {
      get: async () => proposal(),
      diff: async () => ({ patch: '+`nightshift due` in a file\n' }),
      revise: async () => proposal({ state: 'revising' }),
    },
    host: { doctor: async () => checks },
    model: { status: async () => model },
  };
  test.each([
    [['routines', 'list']],
    [['routines', 'show', 'log-triage']],
    [['routines', 'run', 'log-triage']],
    [['routines', 'run', 'log-triage', '--at', '+5m']],
    [['runs', 'list']],
    [['runs', 'show', run().id]],
    [['runs', 'show', 'run-00000000']],
    [['runs', 'show', 'a', 'b']],
    [['proposals', 'show', proposal().id]],
    [['proposals', 'revise', proposal().id, '--comment', 'Less']],
    [['doctor']],
    [['model', 'status']],
  ])('%j', async (argv) => {
    const { out, err } = await cli(argv, handlers, { shell: { env: npm } });
    const said = (out + err).replace('+`nightshift due` in a file', '');
    expect(said).toContain('npm run -s nightshift -- ');
    expect(said).not.toMatch(/(`|^\s*)nightshift [a-z]/m);
  });

  test('a diff is shown as it is, and JSON keeps to the contract', async () => {
    const shown = await cli(['proposals', 'show', proposal().id], handlers, { shell: { env: npm } });
    expect(shown.out).toContain('+`nightshift due` in a file');
    const json = await cli(['runs', 'show', 'run-00000000', '--json'], handlers, { shell: { env: npm } });
    expect(JSON.parse(json.err).error.cure).toBe('See `nightshift runs list`.');
  });
});
