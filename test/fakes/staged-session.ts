/** One session over a real store and the real model client, against a scripted Messages API. */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Draft, Event } from '#contract/events.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { createPurse } from '#core/budget/purse.ts';
import { modeJudge } from '#core/permissions/gate.ts';
import type { Clock, ResolvedModel } from '#core/ports.ts';
import type { SessionParts } from '#core/session/parts.ts';
import { runSession } from '#core/session/session.ts';
import { openStore, type Store } from '#core/store/event-log.ts';
import { createIds, systemClock } from '#host/clock.ts';
import { createModels } from '#host/model/models.ts';
import { resolvePaths } from '#host/paths.ts';
import { type Step, startMessagesServer } from './messages-server.ts';
import { scratch, silent, spec } from './places.ts';
import { recordingHands } from './recording-hands.ts';

interface Stage {
  change?: Partial<RoutineSpec>;
  model?: string;
  /** The model that goes on after a refusal. */
  fallback?: string;
  /** Tokens that both models hold. */
  window?: number;
  /** What the address counts every prompt at. */
  tokens?: number;
  hands?: ReturnType<typeof recordingHands>;
  clock?: Clock;
  /** What the address gives as its list of models; known before the session begins. */
  models?: object;
  /** What the session has beside the usual. */
  more?(store: Store): Partial<SessionParts>;
}

export const stagedRun = 'run-00000001';

export async function stageSession(script: Step[], stage: Stage = {}) {
  const {
    clock = systemClock,
    models: list,
    change = {},
    model = 'claude-opus-5-5',
    fallback,
    window,
    tokens,
    hands = recordingHands(),
  } = stage;
  const directory = scratch();
  const server = await startMessagesServer(script, list, tokens);
  const vault = { get: async () => null, set: async () => {}, delete: async () => {} };
  const env = { ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url };
  const paths = resolvePaths({ NIGHTSHIFT_HOME: directory });
  const models = createModels({ env, paths, vault, log: silent, maxRetries: 0 });
  if (list) await models.list(true);
  const store = openStore(join(directory, 'a.db'), clock);
  onTestFinished(async () => {
    store.close();
    await models.close();
    await server.close();
  });
  const wanted = spec({ whenAsked: 'deny', ...change });
  const run = stagedRun;
  const add = (...drafts: Draft[]) => store.commit((w) => drafts.map((draft) => w.append(draft)));
  add({ type: 'run.queued', run, routine: 'triage', trigger: { kind: 'person' } });
  add({ type: 'message.added', run, text: 'Do the work.', from: 'routine' });
  const resolve = async (id: string): Promise<ResolvedModel> => ({
    ...(await models.resolve(id, 'triage')),
    ...(window ? { window } : {}),
  });
  const go = async (id = model) =>
    runSession({
      ...{ store, hands, run, clock, spec: wanted, signal: new AbortController().signal },
      ...{ ids: createIds(clock), judge: modeJudge(wanted.permissionMode) },
      purse: createPurse({ store, clock, startOfDay: (at) => at - (at % 86_400_000) }),
      fallback: async () => (fallback ? await resolve(fallback) : null),
      model: await resolve(id),
      ...stage.more?.(store),
    });
  const events = () => store.events({ after: 0, limit: 1000 });
  const only = <T extends Event['type']>(type: T) =>
    events().filter((event): event is Extract<Event, { type: T }> => event.type === type);
  /** Messages of each request, without cache marks. */
  const sent = () =>
    server.requests.map(({ body }) =>
      JSON.parse(JSON.stringify(body.messages, (key, value) => (key === 'cache_control' ? undefined : value))),
    );
  return { server, store, hands, go, add, events, only, sent };
}
