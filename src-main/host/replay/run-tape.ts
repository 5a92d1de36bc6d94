/** Plays a tape in a throw-away store against recorded answers on loopback, and gives every request that was sent. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CassetteHead, SentRequest } from '#contract/cassettes.ts';
import type { Event } from '#contract/events.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { free } from '#core/budget/prices.ts';
import type { ResolvedModel } from '#core/ports.ts';
import { answersIn } from '#core/replay/answers.ts';
import { type PlayEnd, type PlayParts, play } from '#core/replay/play.ts';
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

/** Leaves nothing behind. */
export async function runTape({ events, spec, seenAt, models, instructions, changes = [] }: TapeRun): Promise<Played> {
  const answers = answersIn(events);
  const tape = createTape(events);
  const folder = await mkdtemp(join(tmpdir(), 'nightshift-replay-'));
  const server = await startTapeServer();
  try {
    const store = openStore(join(folder, 'replay.db'), tape.clock);
    try {
      const end = await play({
        ...{ store, tape, answers, spec, seenAt, offer: server.offer },
        changes: new Map(changes.map(({ commit, patch }) => [commit, patch])),
        model: (id) => answering(server, id, findModel(models, id)),
        ...(instructions ? { instructions } : {}),
      });
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
