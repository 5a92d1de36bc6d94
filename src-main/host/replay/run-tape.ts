/** Plays a tape in a throw-away store against recorded answers on loopback, and gives every request that was sent. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentId } from '#contract/agents.ts';
import type { CassetteHead, SentRequest } from '#contract/cassettes.ts';
import type { Event } from '#contract/events.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { free } from '#core/budget/prices.ts';
import type { ResolvedModel } from '#core/ports.ts';
import { answersIn } from '#core/replay/answers.ts';
import { type PlayEnd, type PlayParts, play } from '#core/replay/play.ts';
import { playThread, threadTapes } from '#core/replay/play-thread.ts';
import { createTape } from '#core/replay/tape.ts';
import { openStore } from '#core/store/event-log.ts';
import { streamMessage } from '#host/model/anthropic.ts';
import { findModel, type ModelFacts } from '#host/model/model-table.ts';
import { startTapeServer, type TapeServer } from './tape-server.ts';

export interface TapeRun {
  events: readonly Event[];
  spec: RoutineSpec;
  seenAt: string;
  /** What is known of models: it decides on the parameters of a request. */
  models: readonly ModelFacts[];
  instructions?: PlayParts['instructions'];
  changes?: CassetteHead['changes'];
}

export interface Played {
  requests: SentRequest[];
  end: PlayEnd;
}

/** The run's own conversation, then that of each of its subagents. Leaves nothing behind. */
export async function runTape(run: TapeRun): Promise<Played> {
  const own = run.events.filter(({ agent }) => agent === undefined);
  const { requests, end } = await played({ ...run, events: own });
  for (const [agent, events] of threadTapes(run.events)) {
    const thread = await played({ ...run, events, instructions: undefined }, agent);
    requests.push(...thread.requests.map((request) => ({ ...request, agent })));
  }
  return { requests, end };
}

async function played(
  { events, spec, seenAt, models, instructions, changes = [] }: TapeRun,
  agent?: AgentId,
): Promise<Played> {
  const answers = answersIn(events, agent);
  const tape = createTape(events);
  const folder = await mkdtemp(join(tmpdir(), 'nightshift-replay-'));
  const server = await startTapeServer();
  try {
    const store = openStore(join(folder, 'replay.db'), tape.clock);
    try {
      const model = (id: string) => answering(server, id, findModel(models, id));
      const parts = { store, tape, answers, spec, seenAt, offer: server.offer, model };
      if (agent !== undefined) await playThread(parts, agent);
      const end: PlayEnd =
        agent === undefined
          ? await play({
              ...parts,
              changes: new Map(changes.map(({ commit, patch }) => [commit, patch])),
              ...(instructions ? { instructions } : {}),
            })
          : { kind: 'ended', verdicts: [] };
      return { requests: [...server.requests], end };
    } finally {
      store.close();
    }
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function answering({ baseUrl, token }: TapeServer, id: string, facts: ModelFacts | null): ResolvedModel {
  return {
    ...{ id, rehearsal: false, rates: free, retries: 0 },
    ...(facts?.window ? { window: facts.window } : {}),
    ...(facts?.maxAnswer ? { maxAnswer: facts.maxAnswer } : {}),
    stream: (request, signal) => streamMessage({ key: token, baseUrl, model: id, facts }, request, signal),
  };
}
