/** Hooks of repository, person and administrator: which of them run, where, and how little they can allow. */
import { describe, expect, test } from 'vitest';
import { bash, hooks, type Places, product, propose } from '../fakes/hooked-product.ts';
import { say } from '../fakes/messages-server.ts';

describe('hooks of a repository [hooks-asked-for]', () => {
  test('are not run until a person has said yes to exactly these; an alert says so', async () => {
    const it = await product(
      {
        project: hooks({ PreToolUse: [['Bash', 'sh .claude/guard.sh']] }),
        files: { '.claude/guard.sh': 'echo no >&2; exit 2\n' },
      },
      { script: [bash('echo one'), propose, bash('echo two'), propose, bash('echo three'), propose] },
    );
    const first = await it.runOnce();
    expect(it.ran(first.id)).toEqual([]);
    expect(it.results(first.id)[0]?.text).toBe('one');
    const loaded = it.events(first.id).find((event) => event.type === 'hooks.loaded');
    expect(loaded).toMatchObject({ hooks: [{ moment: 'PreToolUse', state: 'untrusted' }] });
    const [alert] = await it.handlers.alerts.list({ all: false, limit: 10 });
    expect(alert?.text).toContain('nightshift hooks list');

    const seen = await it.trust();
    expect(seen.trust?.scripts).toEqual(['.claude/guard.sh']);
    expect(seen.hooks[0]?.state).toBe('runs');
    const { run: second } = await it.handlers.routines.run({ routine: 'triage' });
    await it.ended(second);
    expect(it.ran(second)).toMatchObject([{ outcome: 'blocked', decision: 'deny', reason: 'no' }]);
    expect(it.results(second)[0]).toMatchObject({ ok: false, code: 'hook.denied' });

    // The same settings, but the file that they name is another: it takes another yes.
    it.repository.write('.claude/guard.sh', 'echo other >&2; exit 2\n');
    it.repository.commit({});
    const { run: third } = await it.handlers.routines.run({ routine: 'triage' });
    await it.ended(third);
    expect(it.ran(third)).toEqual([]);
    await expect(
      it.handlers.hooks.trust({ repository: it.repository.root, hash: seen.trust?.hash ?? '', door: 'terminal' }),
    ).rejects.toMatchObject({ code: 'conflict', field: 'hash' });
    await it.trust();
    const revoked = await it.handlers.hooks.revoke({ repository: it.repository.root, door: 'terminal' });
    expect(revoked.hooks[0]?.state).toBe('untrusted');
  });

  test('that the routine requires block the run until then, and `off` switches them off', async () => {
    const project = hooks({ PreToolUse: [['', 'exit 2']] });
    const it = await product({ project, routine: { hooks: 'required' } }, { script: [bash('echo on'), propose] });
    const run = await it.runOnce();
    expect(run).toMatchObject({ outcome: 'failed', reason: { code: 'input' } });
    expect(run.reason?.cure).toContain('nightshift hooks list');
    expect(it.server.requests).toEqual([]);
    await it.trust();
    await it.handlers.routines.edit({ routine: 'triage', change: { hooks: 'off' } });
    const { run: off } = await it.handlers.routines.run({ routine: 'triage' });
    await it.ended(off);
    expect(it.results(off)[0]?.text).toBe('on');
    expect(it.events(off).find((event) => event.type === 'hooks.loaded')).toMatchObject({ hooks: [{ state: 'off' }] });
  });

  test('run in the sandbox of the run: no home, no host, and the run may not change what was trusted', async () => {
    const it = await product(
      {
        project: hooks({ PostToolUse: [['Bash', 'sh hook.sh']] }),
        files: { 'hook.sh': `echo "$CLAUDE_PROJECT_DIR $(ls ~/.claude 2>&1 | wc -l) $HOME" > ran.txt\n` },
      },
      { script: [bash('true'), bash('cat ran.txt; echo "echo evil" > hook.sh'), bash('true'), propose] },
    );
    await it.trust();
    const run = await it.runOnce();
    const { home } = process.env;
    expect(it.results(run.id)[1]?.text).toContain('/workspace');
    if (home) expect(it.results(run.id)[1]?.text).not.toContain(home);
    expect(it.ran(run.id).map(({ outcome }) => outcome)).toEqual(['ok', 'changed', 'changed']);
  });
});

describe('a hook can only narrow', () => {
  test('its `allow` lifts no rule, and its input passes the rules again', async () => {
    const say = (output: object) =>
      `echo '${JSON.stringify({ hookSpecificOutput: { hookEventName: 'PreToolUse', ...output } })}'`;
    const it = await product(
      {
        person: {
          ...hooks({
            PreToolUse: [
              ['Bash', say({ permissionDecision: 'allow' }), { if: 'Bash(curl *)' }],
              ['Bash', say({ updatedInput: { command: 'git push origin main' } }), { if: 'Bash(echo swap*)' }],
              ['Bash', say({ updatedInput: { command: 'echo better' } }), { if: 'Bash(echo good*)' }],
              ['Bash', say({ updatedInput: { nonsense: 1 } }), { if: 'Bash(echo bad*)' }],
            ],
          }),
          permissions: { deny: ['Bash(curl:*)'] },
        },
        routine: { whenAsked: 'deny' },
      },
      { script: [bash('curl example.com'), bash('echo swap'), bash('echo good'), bash('echo bad'), propose] },
    );
    const run = await it.runOnce();
    expect(it.results(run.id).map(({ ok, code, text }) => [ok, code, text.slice(0, 6)])).toMatchObject([
      [false, 'rule.deny', expect.anything()],
      [false, expect.stringMatching(/^auto|^rule|^mode/), expect.anything()],
      [true, null, 'better'],
      [false, 'tool.input', expect.anything()],
      [true, null, expect.anything()],
    ]);
    expect(it.ran(run.id).map(({ decision }) => decision)).toEqual(['allow', null, null, null]);
  });

  test('`ask` parks the run on a question; after the yes it is not run again', async () => {
    const output = {
      hookSpecificOutput: {
        hookEventName: 'PreToolUse',
        permissionDecision: 'ask',
        permissionDecisionReason: 'Look at it',
      },
    };
    const it = await product(
      { person: hooks({ PreToolUse: [['Bash', `echo '${JSON.stringify(output)}'`]] }) },
      { script: [bash('echo done'), propose] },
    );
    await it.add();
    const { run } = await it.handlers.routines.run({ routine: 'triage' });
    await it.happens((event) => event.type === 'run.parked' && event.run === run);
    const [question] = await it.handlers.questions.list({ run, limit: 10 });
    expect(question).toMatchObject({ code: 'hook.asks', why: expect.stringContaining('Look at it') });
    const { id, bind } = question as NonNullable<typeof question>;
    await it.handlers.questions.answer({ door: 'terminal', answers: [{ question: id, bind, decision: 'approve' }] });
    await it.ended(run);
    expect(it.results(run)[0]).toMatchObject({ ok: true, text: 'done' });
    expect(it.ran(run)).toHaveLength(1);
  });
});

describe('who switches hooks off', () => {
  const own = (command: string) => hooks({ Stop: [['', command]] });
  const states = async (places: Places) => {
    const it = await product(places);
    const { hooks: found } = await it.handlers.hooks.list({ repository: it.repository.root });
    return Object.fromEntries(found.map(({ layer, state }) => [layer, state]));
  };

  test('an administrator all, a person theirs and below, a repository only its own', async () => {
    const [project, person, managed] = [own('p'), own('q'), own('r')];
    expect(await states({ project, person, managed })).toEqual({
      managed: 'runs',
      person: 'runs',
      project: 'untrusted',
    });
    expect(await states({ project, person, managed: { ...managed, disableAllHooks: true } })).toEqual({
      ...{ managed: 'off', person: 'off', project: 'off' },
    });
    expect(await states({ project, person, managed: { ...managed, allowManagedHooksOnly: true } })).toEqual({
      ...{ managed: 'runs', person: 'off', project: 'off' },
    });
    expect(await states({ project, person: { ...person, disableAllHooks: true }, managed })).toEqual({
      ...{ managed: 'runs', person: 'off', project: 'off' },
    });
    expect(await states({ project: { ...project, disableAllHooks: true }, person, managed })).toEqual({
      ...{ managed: 'runs', person: 'runs', project: 'off' },
    });
  });

  test('one command in two files runs once', async () => {
    const it = await product({ person: own('date'), managed: own('date') }, { script: [say('Done.')] });
    const run = await it.runOnce();
    expect(it.ran(run.id)).toHaveLength(1);
  });
});
