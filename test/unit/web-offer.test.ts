/** What of the web a run is offered: only what routine, rules and address agree on, and said where they do not. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RoutineSpec } from '#contract/routines.ts';
import { openStore } from '#core/store/event-log.ts';
import { offerTools } from '#core/supervisor/offer.ts';
import { systemClock } from '#host/clock.ts';
import { createRules } from '#host/settings/run-rules.ts';
import { scratch, spec } from '../fakes/places.ts';

const run = 'run-00000001';

/** The last offer of a run of such a routine, by the real rules. */
async function offered(change: Partial<RoutineSpec>, more: { can?: object; strict?: boolean; trial?: boolean } = {}) {
  const folder = scratch();
  const store = openStore(join(folder, 'a.db'), systemClock);
  onTestFinished(() => store.close());
  store.commit((writer) => writer.append({ type: 'run.queued', run, routine: 'triage', trigger: { kind: 'person' } }));
  const wanted = spec(change);
  const rules = await createRules({ home: folder, managedFolder: join(folder, 'none') } as never).load(
    ...([wanted, folder, folder] as const),
  );
  const web = { search: true, fetch: true, ...more.can };
  const parts = {
    ...{ store, run, spec: wanted, rules, trial: more.trial ?? false, signal: new AbortController().signal },
    model: { structured: () => more.strict ?? false, web: async () => web },
  };
  await offerTools(parts);
  const events = () => store.events({ after: 0, limit: 100 }).filter(({ type }) => type === 'tools.offered');
  return { store, parts, events, last: events().at(-1) };
}
const rules = (lists: Partial<RoutineSpec['permissions']>) => ({ allow: [], ask: [], deny: [], ...lists });
const everywhere = { allowed: null, blocked: [] };
const both: RoutineSpec['web'] = ['search', 'fetch'];

test('nothing is offered, and nothing recorded, where the routine wants nothing and the model is bound to nothing', async () => {
  expect((await offered({})).events()).toEqual([]);
  expect((await offered({ web: [] })).events()).toEqual([]);
});

test.each(['default', 'acceptEdits', 'dontAsk', 'auto', 'plan'] as const)(
  'in the mode %s the hosts of the routine bound both ways; registries and other ports are none',
  async (permissionMode) => {
    const network = ['docs.example.com', '*.example.org', 'registry:npm', 'odd.example.net:8443', 'localhost'];
    const { last } = await offered({ web: both, network, permissionMode });
    const reach = { allowed: ['docs.example.com', 'example.org'], blocked: [] };
    expect(last).toMatchObject({ web: { search: reach, fetch: reach }, problems: [] });
  },
);

test('without hosts the search is open and the fetch is not offered, with the reason', async () => {
  const { last } = await offered({ web: both });
  expect(last).toMatchObject({ web: { search: everywhere, fetch: null } });
  expect(last).toMatchObject({ problems: [expect.stringContaining('WebFetch(domain:…)')] });
});

test('rules open, narrow and close it', async () => {
  const open = await offered({ web: both, permissions: rules({ allow: ['WebFetch(domain:docs.example.com)'] }) });
  expect(open.last).toMatchObject({ web: { fetch: { allowed: ['docs.example.com'] } } });
  const wide = await offered({
    ...{ web: both, network: ['docs.example.com'] },
    permissions: rules({ allow: ['WebFetch', 'WebSearch'], deny: ['WebFetch(domain:*.bad.example)'] }),
  });
  const anywhereBut = { allowed: null, blocked: ['bad.example'] };
  expect(wide.last).toMatchObject({ web: { search: anywhereBut, fetch: anywhereBut } });
  const shut = await offered({
    ...{ web: both, network: ['docs.example.com'] },
    permissions: rules({ deny: ['WebFetch'], ask: ['WebSearch'] }),
  });
  expect(shut.last).toMatchObject({
    web: null,
    problems: [expect.stringContaining('WebSearch is not offered'), expect.stringContaining('WebFetch is not offered')],
  });
});

test('a host below which something is refused is left out altogether', async () => {
  const { last } = await offered({
    ...{ web: ['search'], network: ['example.com', 'docs.example.org'] },
    permissions: rules({ deny: ['WebFetch(domain:secret.example.com)'] }),
  });
  expect(last).toMatchObject({
    web: { search: { allowed: ['docs.example.org'] }, fetch: null },
    problems: [expect.stringContaining('example.com is left out, because secret.example.com is refused')],
  });
});

test('where every host is left out, the search is not open instead', async () => {
  const { last } = await offered({
    ...{ web: ['search'], network: ['example.com'] },
    permissions: rules({ deny: ['WebFetch(domain:secret.example.com)'] }),
  });
  expect(last).toMatchObject({ web: null, problems: [expect.stringContaining('is left out')] });
});

test('an address that cannot, and a trial, offer nothing and say so', async () => {
  const cannot = await offered({ web: both }, { can: { search: false, fetch: false } });
  expect(cannot.last).toMatchObject({
    web: null,
    problems: [expect.stringMatching(/does not search/), expect.any(String)],
  });
  const trial = await offered({ web: both, network: ['docs.example.com'] }, { trial: true });
  expect(trial.last).toMatchObject({ web: null, problems: [expect.stringContaining('A trial run reaches nothing')] });
});

test('inputs are bound from the first answer on or never, and the same offer is recorded once', async () => {
  const it = await offered({}, { strict: true });
  expect(it.last).toMatchObject({ strict: true, web: null });
  await offerTools(it.parts);
  await offerTools({ ...it.parts, model: {} });
  expect(it.events()).toHaveLength(1);
  const late = await offered({});
  const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
  const said = { content: [{ type: 'text', text: 'hm' }], stopReason: 'end_turn', usage, costMicros: 1 };
  late.store.commit((writer) => writer.append({ type: 'message.finished', run, turn: 1, ...said }));
  await offerTools({ ...late.parts, model: { structured: () => true } });
  expect(late.events()).toEqual([]);
});

test('what came from outside and spoke to the agent closes the web for the goes after it', async () => {
  const it = await offered({ web: ['search'] });
  expect(it.last).toMatchObject({ web: { search: everywhere } });
  it.store.commit((writer) => writer.append({ type: 'run.tainted', run, call: 'c', sign: 's', excerpt: 'e' }));
  await offerTools(it.parts);
  expect(it.events().at(-1)).toMatchObject({ web: null, problems: [expect.stringContaining('closed')] });
});
