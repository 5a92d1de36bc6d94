/** Routines from the terminal: what is typed becomes the contract's fields, and what is wrong is named. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { instantFrom } from '#cli/instant-input.ts';
import { Fault } from '#contract/faults.ts';
import { cli } from '../fakes/cli-shell.ts';
import { limits, occurrence, routine, spec } from '../fakes/records.ts';

const add = ['routines', 'add', 'Log triage', '--prompt', 'Read it.', '--repo', 'orders', '--schedule', '0 3 * * *'];
const scratch = mkdtempSync(join(tmpdir(), 'nightshift-cli-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function recording() {
  const seen: unknown[] = [];
  const keep = (input: unknown) => {
    seen.push(input);
    return Promise.resolve(routine());
  };
  return { seen, handlers: { routines: { add: keep, edit: keep, fireAt: keep } } };
}

describe('routines add', () => {
  test('a relative repository becomes absolute, the zone is that of the machine, the rest has defaults', async () => {
    const { seen, handlers } = recording();
    const { code } = await cli(add, handlers);
    expect(code).toBe(0);
    expect(seen).toEqual([
      {
        spec: spec({
          prompt: 'Read it.',
          schedule: '0 3 * * *',
          checks: [],
          repository: '/home/someone/projects/orders',
        }),
      },
    ]);
  });

  test('every flag reaches its field', async () => {
    const { seen, handlers } = recording();
    const more = '--id lt --tz Asia/Tokyo --description d --model m --effort high --mode plan --turns 5 --minutes 0.5';
    const argv = [
      ...add,
      ...more.split(' '),
      '--dollars',
      '1',
      '--branch-prefix',
      'n/',
      '--check',
      'a b',
      '--check',
      'c',
    ];
    expect((await cli(argv, handlers)).code).toBe(0);
    expect(seen[0]).toMatchObject({
      id: 'lt',
      spec: {
        ...{ timeZone: 'Asia/Tokyo', description: 'd', model: 'm', effort: 'high', permissionMode: 'plan' },
        ...{ limits: limits({ turns: 5, minutes: 0.5, dollars: 1 }), branchPrefix: 'n/', checks: ['a b', 'c'] },
      },
    });
  });

  test('the prompt comes from standard input or from a file', async () => {
    const file = join(scratch, 'prompt.md');
    writeFileSync(file, 'From the file: ä');
    const { seen, handlers } = recording();
    const withPrompt = (value: string) => add.map((word) => (word === 'Read it.' ? value : word));
    await cli(withPrompt('-'), handlers, { stdin: 'From the pipe' });
    await cli(withPrompt(`@${file}`), handlers);
    expect(seen).toMatchObject([{ spec: { prompt: 'From the pipe' } }, { spec: { prompt: 'From the file: ä' } }]);
    const missing = await cli(withPrompt('@nowhere.md'), handlers);
    expect(missing.code).toBe(2);
    expect(missing.err).toContain('/home/someone/projects/nowhere.md');
    expect(missing.err).toContain('--prompt');
  });

  test.each([
    ['a cron that never fires', 'spec.schedule', '--schedule'],
    ['a time zone that does not exist', 'spec.timeZone', '--tz'],
    ['a folder that is no repository', 'spec.repository', '--repo'],
  ])('%s: the flag and the field are named with the cure', async (message, field, flag) => {
    const fault = new Fault('input', message, { field, cure: 'Do otherwise.' });
    const handlers = { routines: { add: () => Promise.reject(fault) } };
    const human = await cli(add, handlers);
    expect(human.code).toBe(2);
    expect(human.err).toContain(message);
    expect(human.err).toContain(`${flag} (${field})`);
    expect(human.err).toContain('Do otherwise.');
    const json = await cli([...add, '--json'], handlers);
    expect(json).toMatchObject({ code: 2, out: '' });
    expect(JSON.parse(json.err)).toEqual({ error: { code: 'input', message, field, cure: 'Do otherwise.', flag } });
  });

  test('what the contract refuses names its field too', async () => {
    const { code, err } = await cli([...add, '--branch-prefix', 'no-slash'], recording().handlers);
    expect(code).toBe(2);
    expect(err).toContain('--branch-prefix (spec.branchPrefix)');
  });
});

test('what was typed is said back: mode, rules, hosts, checks and limits', async () => {
  const permissions = { allow: ['Bash(npm test)'], ask: [], deny: ['Bash(rm *)'] };
  const saved = routine({
    spec: spec({
      ...{ permissionMode: 'dontAsk', permissions, network: ['packages.example.org:443'], checks: ['npm test'] },
      limits: limits({ dollars: 1.5, toolCalls: 40 }),
    }),
  });
  const answers = { routines: { add: async () => saved, edit: async () => saved } };
  for (const argv of [add, ['routines', 'edit', 'log-triage', '--dollars', '1.5']]) {
    const { out } = await cli(argv, answers);
    for (const word of ['dontAsk', 'allow Bash(npm test)', 'deny Bash(rm *)', 'packages.example.org:443', '$1.5 a run'])
      expect(out).toContain(word);
    expect(out).toMatch(/checks +npm test\n/);
    expect(out).toContain('40 tool calls');
  }
});

describe('routines edit', () => {
  test('sends only what was named', async () => {
    const { seen, handlers } = recording();
    await cli(['routines', 'edit', 'log-triage', '--turns', '5'], handlers);
    await cli(['routines', 'edit', 'log-triage', '--no-check'], handlers);
    expect(seen).toEqual([
      { routine: 'log-triage', change: { limits: { turns: 5 } } },
      { routine: 'log-triage', change: { checks: [] } },
    ]);
  });

  test('without any field is refused', async () => {
    const { code, err } = await cli(['routines', 'edit', 'log-triage'], recording().handlers);
    expect(code).toBe(2);
    expect(err).toContain('Name at least one field');
  });
});

describe('routines run --at', () => {
  const now = Date.parse('2026-11-20T22:00:00.000Z');
  test.each([
    ['+10s', '2026-11-20T22:00:10.000Z'],
    ['+2h', '2026-11-21T00:00:00.000Z'],
    ['2026-11-21T03:00:00+01:00', '2026-11-21T02:00:00.000Z'],
    ['2026-11-21T03:00Z', '2026-11-21T03:00:00.000Z'],
    ['2026-11-21T03:00:00.250Z', '2026-11-21T03:00:00.250Z'],
  ])('%s', (text, instant) => expect(instantFrom(text, now)).toBe(instant));

  test.each(['tomorrow', '+10', '10s', '2026-11-21T03:00:00', '2026-13-01T00:00Z', ''])('%j is refused', (text) =>
    expect(() => instantFrom(text, now)).toThrow(Fault),
  );

  test('asks for a due instant and tells what the OS holds', async () => {
    const { seen, handlers } = recording();
    const { out } = await cli(['routines', 'run', 'log-triage', '--at', '+10s'], handlers);
    expect(seen).toEqual([{ routine: 'log-triage', at: '2026-11-20T22:00:10.000Z' }]);
    expect(out).toContain('systemd user timer, next 03:00');
  });

  test('one instant, in whole seconds and in the zone of the routine, whatever the OS says beside it', async () => {
    const asked: string[] = [];
    const fireAt = async ({ at }: { at: string }) => {
      asked.push(at);
      const detail = 'systemd user timer, next 2026-11-21 07:00:11 Asia/Tokyo';
      return routine({ spec: spec({ timeZone: 'Asia/Tokyo' }), registration: { state: 'registered', detail } });
    };
    const clock = { now: () => now + 345, after: () => () => {} };
    const { out } = await cli(['routines', 'run', 'x', '--at', '+10s'], { routines: { fireAt } }, { shell: { clock } });
    expect(asked).toEqual(['2026-11-20T22:00:11.000Z']);
    expect(out.match(/2026-\S+ \S+/g)).toEqual(['2026-11-21 07:00:11', '2026-11-21 07:00:11']);
  });
});

const none = { list: async () => [] };

describe('what is shown', () => {
  const problem = { file: 'routine.yaml', line: 3, field: 'schedule', message: 'no cron', cure: 'Mend it.' };
  const broken = routine({ id: 'broken', spec: null, problem, next: [] });

  test('a broken routine is named with file and line, beside the sound ones', async () => {
    const { code, out } = await cli(['routines', 'list'], { routines: { list: async () => [routine(), broken] } });
    expect(code).toBe(0);
    expect(out).toContain('broken: broken: routine.yaml:3: schedule: no cron');
    expect(out).toMatch(/log-triage +active +At 03:00 AM +2026-11-21 03:00:00 +\/srv\/orders/);
  });

  test('what was added says which repository it works on', async () => {
    expect((await cli(add, recording().handlers)).out).toMatch(/^ {2}repository +\/srv\/orders$/m);
  });

  test.each([
    ['systemd user timer, next 2026-11-20 22:59:59 Europe/Berlin', 'systemd user timer'],
    ['systemd user timer, next 2026-11-20 23:00 Europe/Berlin', 'systemd user timer'],
    [
      'systemd user timer, next 2026-11-20 22:01 UTC; only now',
      'systemd user timer, next 2026-11-20 22:01 UTC; only now',
    ],
    ['systemd user timer, next 2026-11-20 21:59 UTC; only now', 'systemd user timer; only now'],
  ])('an instant that has passed is not called the next one: %s', async (detail, shown) => {
    const get = async () => routine({ next: [], registration: { state: 'registered', detail } });
    const { out } = await cli(['routines', 'show', 'log-triage'], { routines: { get }, grants: none });
    expect(out).toMatch(new RegExp(`^alarm +${shown}$`, 'm'));
  });

  test('one is not called many', async () => {
    const get = async () => routine({ spec: spec({ limits: limits({ turns: 1, minutes: 1, dollars: 2 }) }) });
    const { out } = await cli(['routines', 'show', 'log-triage'], { routines: { get }, grants: none });
    expect(out).toContain('1 turn, 1 minute, $2');
  });

  test('JSON is the contract and nothing else', async () => {
    const { out, err } = await cli(['routines', 'list', '--json'], {
      routines: { list: async () => [routine(), broken] },
    });
    expect(JSON.parse(out)).toEqual([routine(), broken]);
    expect(err).toBe('');
  });

  test('text of others cannot steer the terminal', async () => {
    const name = 'red \u001b[31m\u001b]0;title\u0007 \u202edne\u0090';
    const { out } = await cli(['routines', 'show', 'x'], {
      routines: { get: async () => routine({ spec: spec({ name }) }) },
      grants: none,
    });
    expect(out).toContain('red ');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(out).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  test('colour on a terminal only, and not with NO_COLOR', async () => {
    const handlers = { routines: { list: async () => [broken] } };
    const painted = async (env: NodeJS.ProcessEnv) => {
      const text: string[] = [];
      await cli(['routines', 'list'], handlers, {
        shell: { env, out: { isTTY: true, write: (part) => void text.push(part) } },
      });
      return text.join('').includes('\u001b[');
    };
    expect([await painted({}), await painted({ NO_COLOR: '1' })]).toEqual([true, false]);
    expect((await cli(['routines', 'list'], handlers)).out).not.toContain('\u001b[');
  });

  test('the ledger says who noticed, and why a row is not a run', async () => {
    const skipped = occurrence({ state: 'skipped', run: null, reason: 'A run was still open.' });
    const { out } = await cli(['routines', 'ledger', 'log-triage'], {
      routines: { ledger: async () => [occurrence(), skipped] },
    });
    expect(out).toMatch(/claimed .* os_timer/);
    expect(out).toMatch(/skipped .*A run was still open\./);
  });
});
