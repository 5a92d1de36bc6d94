/** Grants: given by an answer, bound to what the routine is, weaker than every prohibition, and taken back in mid-run. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import type { Question } from '#contract/questions.ts';
import { createRules } from '#host/settings/run-rules.ts';
import { call, hang, reply, say } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';
import { brokenService, realRuntime, type Setting } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';

const command = 'node answer.test.js; printf "a*b \\\\(%s)\\n" "$USER"';
const bash = (text: string) => reply([call('Bash', { command: text })]);
const propose = reply([call('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] })]);
const rules = () => createRules({ home: scratch(), platform: 'linux', system: scratch() });

async function product(setting: Setting) {
  const made = await realRuntime({
    rules: rules(),
    ...setting,
    routine: { permissionMode: 'default', ...setting.routine },
  });
  await made.add();
  const { handlers, happens } = made;
  /** Starts a run and waits until it is parked on a question, or over. */
  async function start() {
    const { run } = await handlers.routines.run({ routine: 'triage' });
    await happens((e) => (e.type === 'run.parked' || e.type === 'run.ended') && e.run === run);
    return run;
  }
  async function asked(run: string): Promise<Question> {
    const [question] = await handlers.questions.list({ run, state: 'open', limit: 10 });
    if (!question) throw new Error('nothing is asked');
    return question;
  }
  const answer = (question: Question, more: { always?: boolean; decision?: 'approve' | 'deny' } = {}) =>
    handlers.questions.answer({
      answers: [{ question: question.id, bind: question.bind, decision: 'approve', ...more }],
      door: 'terminal',
    });
  const list = (state?: 'active' | 'lapsed' | 'revoked') =>
    handlers.grants.list({ routine: 'triage', ...(state ? { state } : {}), limit: 100 });
  return { ...made, start, asked, answer, list };
}

const codes = (events: Event[]) =>
  events.flatMap((e) => (e.type === 'permission.decided' ? [`${e.decision} ${e.code}`] : []));

describe('an answer for good', () => {
  test('becomes the rule that says exactly this, and the next run is not asked', async () => {
    const { start, asked, answer, ended, list, events, handlers } = await product({
      script: [bash(command), propose, bash(command), bash(`${command} # more`), propose],
    });
    const first = await start();
    const [answered] = await answer(await asked(first), { always: true });
    expect(await ended(first)).toMatchObject({ state: 'ended' });
    const [grant] = await list('active');
    expect(grant).toMatchObject({
      ...{ id: answered?.grant, routine: 'triage', givenBy: 'terminal' },
      granted: { kind: 'rule', rule: 'Bash(node answer.test.js; printf "a\\*b \\\\\\\\(%s)\\\\n" "$USER")' },
    });
    const second = await start();
    expect((await asked(second)).action).toMatchObject({ command: `${command} # more` });
    const decided = events(second).filter((e) => e.type === 'permission.decided');
    expect(decided[0]).toMatchObject({ decision: 'allow', source: 'grant: granted to the routine' });
    await handlers.runs.stop({ run: second });
    await ended(second);
  });

  test('holds for one file, whatever its name, and for no other', async () => {
    const file = 'src/[id].{js}';
    const write = (path: string) => reply([call('Write', { file_path: path, content: 'x' })]);
    const { start, asked, answer, ended, list, happens } = await product({
      script: [write(file), write(`/workspace/${file}`), write('src/i.js'), propose],
    });
    const run = await start();
    await answer(await asked(run), { always: true });
    expect((await list('active'))[0]?.granted).toEqual({ kind: 'rule', rule: 'Edit(/src/\\[id\\].\\{js\\})' });
    await happens((e) => e.type === 'question.asked' && JSON.stringify(e.question.action).includes('src/i.js'));
    const next = await asked(run);
    expect(next.action).toMatchObject({ path: 'src/i.js' });
    await answer(next);
    await ended(run);
  });

  test.each([
    ['what is always a person’s', 'npm publish', {}],
    ['what hides what it runs', '$PROGRAM --all', {}],
    ['what a rule wants asked each time', 'make it', { permissions: { allow: [], ask: ['Bash(make:*)'], deny: [] } }],
    ['a place that is protected', 'echo x > .git/hooks/pre-commit', {}],
    ['a deletion by a computed name', 'rm -rf "$X"/*', {}],
  ])('is refused for %s, with the reason and the cure', async (_what, text, routine) => {
    const { start, asked, answer, list, handlers, ended } = await product({ script: [bash(text), propose], routine });
    const run = await start();
    const question = await asked(run);
    await expect(answer(question, { always: true })).rejects.toMatchObject({
      ...{ code: 'input', field: 'always', cure: expect.stringContaining(`questions approve ${question.id}`) },
    });
    expect(await list()).toEqual([]);
    expect((await asked(run)).state).toBe('open');
    await handlers.runs.stop({ run });
    await ended(run);
  });

  test('is refused for money, for a no, and for a routine that has changed since', async () => {
    const { start, asked, answer, handlers, ended, store } = await product({ script: [bash(command), propose] });
    const run = await start();
    const question = await asked(run);
    await expect(answer(question, { always: true, decision: 'deny' })).rejects.toMatchObject({ field: 'always' });
    await handlers.routines.edit({ routine: 'triage', change: { prompt: 'Something else.' } });
    await expect(answer(question, { always: true })).rejects.toMatchObject({ code: 'conflict', field: 'always' });
    const action = { kind: 'budget' as const, scope: 'run' as const, spentMicros: 1, capMicros: 1, addMicros: 1 };
    const money: Question = { ...question, id: 'ask-00000001', bind: 'f'.repeat(64), code: 'limit.dollars', action };
    store.commit((writer) => writer.append({ type: 'question.asked', run, question: money }));
    await expect(answer(money, { always: true })).rejects.toMatchObject({ code: 'input', field: 'always' });
    await handlers.runs.stop({ run });
    await ended(run);
  });
});

describe('a grant', () => {
  async function granted(script: Setting['script'] = []) {
    const made = await product({ script: [bash(command), propose, ...script] });
    const run = await made.start();
    await made.answer(await made.asked(run), { always: true });
    await made.ended(run);
    return made;
  }

  test('lapses once, visibly, when the routine’s files change by hand, and does not come back with the old text', async () => {
    const { list, paths, store, start, asked, handlers, ended } = await granted([bash(command), propose]);
    const skill = join(paths.routines, 'triage', 'SKILL.md');
    const before = readFileSync(skill, 'utf8');
    writeFileSync(skill, `${before}\nAnd more.\n`);
    await handlers.due({ by: 'sweep' });
    expect(await list('lapsed')).toMatchObject([{ ended: expect.stringContaining('changed') }]);
    writeFileSync(skill, before);
    expect(await list('active')).toEqual([]);
    const run = await start();
    expect((await asked(run)).code).toBe('rule.none');
    const all = store.events({ after: 0, limit: 10_000 });
    expect(all.filter((e) => e.type === 'grant.lapsed')).toHaveLength(1);
    await handlers.runs.stop({ run });
    await ended(run);
  });

  test('outlives a change of when, how late and how dear; ends with the routine', async () => {
    const { handlers, list } = await granted();
    await handlers.routines.edit({ routine: 'triage', change: { schedule: 'nightly', limits: { dollars: 1 } } });
    expect(await list('active')).toHaveLength(1);
    await handlers.routines.remove({ routine: 'triage' });
    expect(await list('lapsed')).toMatchObject([{ ended: 'The routine is gone.' }]);
  });

  test('says nothing while the files cannot be understood, and counts again when they are mended unchanged', async () => {
    const { list, paths } = await granted();
    const skill = join(paths.routines, 'triage', 'SKILL.md');
    const before = readFileSync(skill, 'utf8');
    writeFileSync(skill, 'broken');
    expect(await list('active')).toHaveLength(1);
    writeFileSync(skill, before);
    expect(await list('active')).toHaveLength(1);
  });

  test('is weaker than a deny rule and an ask rule of the repository', async () => {
    const repository = testRepository(brokenService);
    const settings = join(repository.root, '.claude', 'settings.local.json');
    mkdirSync(join(repository.root, '.claude'), { recursive: true });
    const { start, asked, answer, ended, events, list, handlers } = await product({
      ...{ repository, script: [bash(command), propose, bash(command), propose, bash(command), propose] },
    });
    const first = await start();
    await answer(await asked(first), { always: true });
    await ended(first);
    writeFileSync(settings, JSON.stringify({ permissions: { deny: ['Bash(node:*)'] } }));
    const denied = await start();
    await ended(denied);
    expect(codes(events(denied))[0]).toBe('deny rule.deny');
    writeFileSync(settings, JSON.stringify({ permissions: { ask: ['Bash(node:*)'] } }));
    const again = await start();
    expect((await asked(again)).code).toBe('rule.ask');
    expect(await list('active')).toHaveLength(1);
    await handlers.runs.stop({ run: again });
    await ended(again);
  });

  test('that is revoked in mid-run is asked again at the next call', async () => {
    const { handlers, happens, list, asked, server, events, ended } = await granted([
      bash(command),
      hang(),
      bash(command),
      propose,
    ]);
    const { run } = await handlers.routines.run({ routine: 'triage' });
    await happens((e) => e.type === 'tool.finished' && e.run === run);
    await server.arrived(4);
    const [grant] = await list('active');
    await handlers.grants.revoke({ grant: grant?.id ?? '', door: 'terminal' });
    await expect(handlers.grants.revoke({ grant: grant?.id ?? '', door: 'terminal' })).rejects.toMatchObject({
      cure: expect.stringContaining('nightshift grants list --routine'),
      code: 'conflict',
    });
    server.release();
    await happens((e) => e.type === 'run.parked' && e.run === run);
    expect((await asked(run)).action).toMatchObject({ command });
    expect(codes(events(run))).toEqual(['allow null', 'ask rule.none']);
    await handlers.runs.stop({ run });
    await ended(run);
  });

  test('of a host is in the network list of the next go, until it is revoked', async () => {
    const seen: string[][] = [];
    const real = rules();
    const { store, start, asked, answer, list, ended, handlers } = await product({
      script: [bash(command), propose, say('nothing'), say('nothing')],
      routine: { network: ['packages.example.org'] },
      rules: {
        load(spec, ...more) {
          seen.push(spec.network);
          return real.load(spec, ...more);
        },
      },
    });
    const run = await start();
    const question = await asked(run);
    const action = { kind: 'host' as const, call: 'toolu_x', host: 'API.example.com:8443', policyVersion: 'v' };
    const host: Question = { ...question, id: 'ask-00000001', code: 'net.host_not_allowed', action };
    const private_: Question = { ...host, id: 'ask-00000002', code: 'net.resolved_private' };
    store.commit((writer) => {
      for (const each of [host, private_]) writer.append({ type: 'question.asked', run, question: each });
    });
    await expect(answer(private_, { always: true })).rejects.toMatchObject({ code: 'input', field: 'always' });
    await answer(host, { always: true });
    await answer(question);
    await ended(run);
    await ended(await start());
    const [grant] = await list('active');
    expect(grant?.granted).toEqual({ kind: 'host', host: 'api.example.com:8443' });
    await handlers.grants.revoke({ grant: grant?.id ?? '', door: 'browser' });
    await ended(await start());
    const [own, both] = [['packages.example.org'], ['packages.example.org', 'api.example.com:8443']];
    expect(seen).toEqual([own, both, both, own]);
  });
});
