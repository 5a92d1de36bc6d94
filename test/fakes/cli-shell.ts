/** The terminal door without a process: a whole command line runs against handlers given by the test, over the real router. */
import { isContractProcedure } from '@orpc/contract';
import { createRouterClient } from '@orpc/server';
import { runCli } from '#cli/run-cli.ts';
import type { HostLink, Shell } from '#cli/shell.ts';
import { type ApiClient, api, type Handlers } from '#contract/api.ts';
import { createRouter } from '#server/router.ts';
import { manualClock } from './manual-clock.ts';

type Partly<T> = { [K in keyof T]?: T[K] extends (...args: never[]) => unknown ? T[K] : Partly<T[K]> };
export type SomeHandlers = Partly<Handlers>;

/** A client of these handlers; inputs, outputs and faults go through the contract as on the wire. */
export function clientOf(handlers: SomeHandlers): ApiClient {
  const log = { info: () => {}, error: () => {} };
  const router = createRouter(complete(api, handlers, []) as Handlers, log);
  return createRouterClient(router, { context: {} }) as unknown as ApiClient;
}

function complete(contract: unknown, handlers: unknown, path: string[]): unknown {
  if (isContractProcedure(contract))
    return handlers ?? (() => Promise.reject(new Error(`${path.join('.')} was not expected`)));
  return Object.fromEntries(
    Object.entries(contract as object).map(([key, inner]) => [
      key,
      complete(inner, (handlers as Record<string, unknown> | undefined)?.[key], [...path, key]),
    ]),
  );
}

/** One attachment whose end the test decides. */
export function linkTo(client: ApiClient, hostPid = 1): HostLink & { end(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { client, hostPid, started: false, closed: promise, close: resolve, end: resolve };
}

interface Setting {
  /** In turn, one per attachment; the last one again and again. */
  links?: HostLink[];
  stdin?: string;
  shell?: Partial<Shell>;
}

/** Runs one command line and returns what a person or a script would have seen. */
export async function cli(argv: string[], handlers: SomeHandlers, { links, stdin = '', shell }: Setting = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const attached: { start: boolean }[] = [];
  const queue = links ?? [linkTo(clientOf(handlers))];
  const code = await runCli(argv, {
    out: { write: (text) => void out.push(text) },
    err: { write: (text) => void err.push(text) },
    stdin: sourceOf([stdin]),
    env: {},
    cwd: '/home/someone/projects',
    zone: 'Europe/Berlin',
    clock: manualClock('2026-11-20T22:00:00.000Z'),
    signal: new AbortController().signal,
    version: '1.2.3',
    attach: async (how) => {
      attached.push(how);
      const link = queue[Math.min(attached.length - 1, queue.length - 1)];
      if (!link) throw new Error('the test has no attachment left');
      return link;
    },
    ...shell,
  });
  return { code, out: out.join(''), err: err.join(''), attached };
}

export async function* sourceOf(chunks: string[]): AsyncGenerator<string> {
  yield* chunks;
}
