/** The rehearsal model: recorded answers that take the same way as real ones, through the SDK and the protocol. */
import { readFile } from 'node:fs/promises';
import { rehearsalNotice } from '#contract/host.ts';
import { free } from '#core/budget/prices.ts';
import type { Log, ResolvedModel } from '#core/ports.ts';
import { resource } from '#host/self.ts';
import { streamMessage } from './anthropic.ts';
import { Cassette } from './cassette.ts';
import { type CassetteServer, startCassetteServer } from './cassette-server.ts';

export interface Rehearsal {
  /** Plays `resources/rehearsal/<recording>.json`; without such a file it answers that it has no recording. */
  model(recording: string): ResolvedModel;
  close(): Promise<void>;
}

/** `pace`: milliseconds between pieces of an answer. The server starts with the first call. */
export function createRehearsal(options: { pace: number; log: Log }): Rehearsal {
  let server: Promise<CassetteServer> | undefined;
  const start = () => {
    options.log.info(rehearsalNotice);
    return startCassetteServer(loadCassette, options.pace);
  };
  return {
    model: (recording) => ({
      id: 'rehearsal',
      rehearsal: true,
      rates: free,
      retries: 0,
      async *stream(request, signal) {
        server ??= start();
        const { url, token } = await server;
        yield* streamMessage({ key: token, baseUrl: url(recording), model: 'rehearsal' }, request, signal);
      },
    }),
    close: async () => {
      const running = server;
      server = undefined;
      await (await running)?.close();
    },
  };
}

/** Null when there is no such recording. Throws when the file is there and broken: it ships with the product. */
export async function loadCassette(recording: string): Promise<Cassette | null> {
  if (!/^[a-z0-9-]{1,60}$/.test(recording)) return null;
  try {
    return Cassette.parse(JSON.parse(await readFile(resource('rehearsal', `${recording}.json`), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
