/** What an administrator fixes, at the real doors: routines, models, addresses, features, and the runs themselves. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RoutineSpec } from '#contract/routines.ts';
import { effectiveSettings } from '#host/settings/effective.ts';
import { createLocks } from '#host/settings/locks.ts';
import { createRules } from '#host/settings/run-rules.ts';
import { readManaged } from '#host/settings/settings.ts';
import { managedFiles } from '../fakes/managed-files.ts';
import { hang, say, use } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';
import { realRuntime, type Setting } from '../fakes/real-runtime.ts';
import { verifies } from '../promises.ts';

async function governed(setting: Setting = {}) {
  const files = managedFiles();
  const { where } = files;
  const product = await realRuntime({
    ...{
      locks: createLocks(where),
      rules: createRules({ ...where, home: scratch() }),
      fixed: () => readManaged(where),
    },
    ...setting,
  });
  return { ...product, ...files };
}
const refused = (field: string, file: string) => ({
  ...{ code: 'input', field },
  message: expect.stringContaining(file),
  cure: expect.any(String),
});

test(
  verifies('locks-hold', 'a routine may not ask for a forbidden mode, model, network or loop, new or edited'),
  async () => {
    const { add, handlers, routine, write, file } = await governed();
    await add('first');
    const nightshift = { forbiddenModes: ['plan'], models: ['sonnet'], featuresOff: ['network', 'loops', 'auto'] };
    write({ nightshift });
    const model = 'claude-sonnet-5-5';
    const wishes: [Partial<RoutineSpec>, string][] = [
      [{ permissionMode: 'plan' }, 'permissionMode'],
      [{ permissionMode: 'auto' }, 'permissionMode'],
      [{ model: 'claude-opus-5-5' }, 'model'],
      [{ network: ['example.com'] }, 'network'],
      [{ prompt: '/loop 5m look' }, 'prompt'],
    ];
    for (const [change, field] of wishes) {
      const spec = { ...routine, model, ...change };
      await expect(handlers.routines.add({ id: 'second', spec })).rejects.toMatchObject(refused(field, file));
      const edit = { model, ...change };
      await expect(handlers.routines.edit({ routine: 'first', change: edit })).rejects.toMatchObject(
        refused(field, file),
      );
    }
    expect(await handlers.routines.list(undefined)).toMatchObject([
      { id: 'first', spec: { model: 'claude-opus-5-5' } },
    ]);
    // Holding back what is not allowed any more is always possible.
    expect(await handlers.routines.pause({ routine: 'first' })).toMatchObject({ spec: { paused: true } });
    expect(await handlers.routines.edit({ routine: 'first', change: { model } })).toMatchObject({ spec: { model } });
  },
);

test('a routine from before is stopped at its run, and nothing is asked of a model', async () => {
  const { add, handlers, ended, server, write, file } = await governed({ script: [say('never')] });
  await add();
  write({ nightshift: { forbiddenModes: ['acceptEdits'] } });
  const { run } = await handlers.routines.run({ routine: 'triage' });
  expect(await ended(run)).toMatchObject({ reason: { code: 'input', message: expect.stringContaining(file) } });
  write({ nightshift: { models: ['haiku'] } });
  const again = await handlers.routines.run({ routine: 'triage' });
  expect(await ended(again.run)).toMatchObject({
    reason: { code: 'input', message: expect.stringContaining('allows only: haiku') },
  });
  expect(server.requests).toHaveLength(0);
});

test('the fixed address and model are the ones that are asked, whatever the environment and the person say', async () => {
  const wrong = 'http://127.0.0.1:9';
  const { add, handlers, runtime, server, write, file, ended } = await governed({
    script: [say('nothing to do')],
    routine: { model: 'auto', checks: [] },
    env: { ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: wrong },
  });
  await handlers.model.setBaseUrl({ url: 'http://127.0.0.1:10' });
  write({ nightshift: { baseUrl: server.url }, model: 'haiku' });
  const status = {
    auto: 'claude-haiku-5-5',
    baseUrl: server.url,
    detail: expect.stringContaining(`Fixed by ${file}.`),
  };
  expect(await handlers.model.status(undefined)).toMatchObject(status);
  for (const url of [wrong, null])
    await expect(handlers.model.setBaseUrl({ url })).rejects.toMatchObject(refused('url', file));
  await add();
  const { run } = await handlers.routines.run({ routine: 'triage' });
  await ended(run);
  expect(server.requests.map(({ body }) => body.model)).toContain('claude-haiku-5-5');
  expect(runtime.open()).toEqual([]);
});

test('where loops are switched off, neither the agent nor a comment sets one up', async () => {
  const { add, handlers, ended, events, write, file } = await governed({
    script: [use('CronCreate', { cron: '*/5 * * * *', prompt: 'again' }), say('done')],
    routine: { checks: [] },
  });
  write({ nightshift: { featuresOff: ['loops'] } });
  await add();
  const { run } = await handlers.routines.run({ routine: 'triage' });
  await ended(run);
  const all = events(run);
  expect(all.filter(({ type }) => type === 'loop.created')).toEqual([]);
  expect(JSON.stringify(all.filter(({ type }) => type === 'permission.decided'))).toContain(file);
  const comments = [{ file: null, line: null, text: '/loop 5m look' }] as never;
  await expect(handlers.proposals.revise({ proposal: 'prop-00000001', comments })).rejects.toMatchObject({
    ...{ code: 'unsupported', field: 'loops', message: expect.stringContaining(file) },
  });
});

test('a file that cannot be read forbids what it might have forbidden', async () => {
  const { add, handlers, write, file, where } = await governed();
  await add();
  write('{ "nightshift": { "baseUrl": ');
  const fault = { code: 'input', field: file, message: expect.stringContaining('not JSON'), cure: expect.any(String) };
  await expect(add('second')).rejects.toMatchObject(fault);
  await expect(handlers.model.setBaseUrl({ url: null })).rejects.toMatchObject(fault);
  expect(() => createLocks(where).feature('demo')).toThrow(expect.objectContaining(fault));
  expect(await handlers.model.status(undefined)).toMatchObject({
    rehearsal: false,
    detail: expect.stringContaining(file),
  });
  write({ nightshift: { featuresOff: ['demo'] } });
  expect(() => createLocks(where).feature('demo')).toThrow(
    expect.objectContaining({ code: 'unsupported', field: 'demo' }),
  );
  expect(() => createLocks(where).feature('drill')).not.toThrow();
  expect(file).toBe(join(where.system, 'etc/nightshift/managed-settings.json'));
});

test('a host that a deny rule names is not reached by way of the routine either', async () => {
  const { handlers, routine, write, file } = await governed();
  write({ permissions: { deny: ['WebFetch(domain:example.com)', 'WebFetch(domain:*.example.org)'] } });
  for (const network of [['example.com'], ['EXAMPLE.com:8443'], ['api.example.org'], ['*.example.org'], ['*.com']])
    await expect(handlers.routines.add({ id: 'one', spec: { ...routine, network } })).rejects.toMatchObject(
      refused('network', file),
    );
  const network = ['example.org', 'api.example.com', 'notexample.com'];
  await expect(handlers.routines.add({ id: 'one', spec: { ...routine, network } })).resolves.toBeDefined();
});

test.skipIf(process.platform !== 'linux')(
  'a host that a person allowed is not reached when the administrator has switched the network off meanwhile (bubblewrap, Linux only)',
  async () => {
    const { add, handlers, happens, ended, events, write, file } = await governed({
      script: [use('RequestApproval', { host: 'c.nightshift.invalid', why: 'x' }), say('never')],
    });
    await add();
    const { run } = await handlers.routines.run({ routine: 'triage' });
    await happens((e) => e.type === 'run.parked');
    write({ nightshift: { featuresOff: ['network'] } });
    const [asked] = await handlers.questions.list({ state: 'open', limit: 10 });
    const answer = { question: asked?.id ?? '', bind: asked?.bind ?? '', decision: 'approve' as const };
    await handlers.questions.answer({ answers: [answer], door: 'browser' });
    expect(await ended(run)).toMatchObject({ reason: { code: 'input', message: expect.stringContaining(file) } });
    expect(events(run).filter((e) => e.type === 'tool.finished' && e.ok)).toEqual([]);
  },
);

test.skipIf(process.platform !== 'linux').each<[string, unknown]>([
  ['turned to garbage', '{ "permissions": { "deny": ['],
  ['forbade its mode', { nightshift: { forbiddenModes: ['acceptEdits'] } }],
  ['forbade its model', { nightshift: { models: ['sonnet'] } }],
  ['forbade what was asked', { permissions: { deny: ['Bash(touch:*)'] } }],
])(
  'while a run was parked the administrator %s: what a person allowed is not done, and the file is named (bubblewrap, Linux only)',
  async (_what, content) => {
    const touch = use('Bash', { command: 'touch asked.txt' });
    const { add, handlers, happens, ended, events, write, file, server } = await governed({
      script: [touch, say('never')],
      routine: { checks: [], permissions: { allow: [], ask: ['Bash(touch:*)'], deny: [] } },
    });
    await add();
    const { run } = await handlers.routines.run({ routine: 'triage' });
    await happens((e) => e.type === 'run.parked');
    write(content);
    const [asked] = await handlers.questions.list({ state: 'open', limit: 10 });
    const answer = { question: asked?.id ?? '', bind: asked?.bind ?? '', decision: 'approve' as const };
    await handlers.questions.answer({ answers: [answer], door: 'browser' });
    await happens((e) => e.type === 'run.ended' || (e.type === 'question.asked' && e.question.id !== asked?.id));
    if ((await handlers.runs.get({ run })).parkedOn) await handlers.runs.stop({ run });
    await ended(run);
    const told = events(run).filter(
      (e) =>
        e.seq > 0 &&
        (e.type === 'tool.finished' ||
          e.type === 'run.ended' ||
          e.type === 'permission.decided' ||
          e.type === 'policy.loaded'),
    );
    expect(JSON.stringify(told)).toContain(file);
    expect(told.filter((e) => e.type === 'tool.finished' && e.ok)).toEqual([]);
    expect(server.requests.length).toBeLessThanOrEqual(2);
  },
);

test('a file that turns to garbage stops the next run of a routine from before, and the screens name it', async () => {
  const { add, handlers, ended, server, write, file, where } = await governed({ script: [say('never')] });
  await add();
  write('\u0000\u0001 not even text');
  const { run } = await handlers.routines.run({ routine: 'triage' });
  expect(await ended(run)).toMatchObject({
    outcome: 'failed',
    reason: {
      code: expect.stringMatching(/input|model\./),
      message: expect.stringContaining(file),
      cure: expect.any(String),
    },
  });
  expect(server.requests).toEqual([]);
  expect(effectiveSettings({ ...where, home: scratch(), root: null })).toMatchObject({
    files: expect.arrayContaining([expect.objectContaining({ file, state: 'broken' })]),
  });
});

test.skipIf(process.platform !== 'linux').each<[string, unknown]>([
  ['turns to garbage', '{ "permissions": { "deny": ['],
  ['forbids its mode', { nightshift: { forbiddenModes: ['acceptEdits'] } }],
  ['forbids its next command', { permissions: { deny: ['Bash(touch:*)'] } }],
])(
  'a file that %s while a run is at work counts from its next call on (bubblewrap, Linux only)',
  async (what, content) => {
    const { add, handlers, ended, events, write, file, server, happens } = await governed({
      script: [use('Write', { file_path: 'a.txt', content: 'a' }), hang()],
      routine: { checks: [] },
    });
    await add();
    const { run } = await handlers.routines.run({ routine: 'triage' });
    await happens((e) => e.type === 'tool.finished');
    await server.arrived(2);
    write(content);
    server.push(use('Bash', { command: 'touch b.txt' }), say('It was denied.'));
    server.release();
    const { outcome, reason } = await ended(run);
    const done = events(run).flatMap((e) => (e.type === 'tool.finished' ? [e.ok] : []));
    expect(done).toEqual([true, false]);
    if (what !== 'forbids its next command')
      expect([outcome, reason]).toMatchObject(['failed', { code: 'input', message: expect.stringContaining(file) }]);
    else expect(JSON.stringify(events(run).filter(({ type }) => type === 'permission.decided'))).toContain(file);
  },
);
