/** A host whose events a test speaks itself: the five calls the window's shell makes, nothing else. */
import type { Alert } from '#contract/alerts.ts';
import type { ApiClient } from '#contract/api.ts';
import type { Event, StreamItem } from '#contract/events.ts';
import type { Proposal } from '#contract/proposals.ts';
import { noUsage, type Run } from '#contract/runs.ts';
import type { Attached } from '#electron/host-link.ts';

export interface ScriptedHost {
  attach(): Promise<Attached>;
  /** How often somebody attached. */
  attached: number;
  /** Sequence numbers after which a stream was asked for. */
  followed: number[];
  proposals: Proposal[];
  runs: Pick<Run, 'id' | 'state'>[];
  alerts: Pick<Alert, 'seq'>[];
  seq: number;
  say(event: object): void;
  /** Ends the connection as a killed host does. */
  die(): void;
}

export function createScriptedHost(): ScriptedHost {
  let listeners = new Set<(item: StreamItem | null) => void>();
  let gone = Promise.withResolvers<void>();

  async function* follow(signal?: AbortSignal): AsyncGenerator<StreamItem> {
    const queue: (StreamItem | null)[] = [];
    let wake = () => {};
    const hear = (item: StreamItem | null) => {
      queue.push(item);
      wake();
    };
    listeners.add(hear);
    signal?.addEventListener('abort', () => hear(null));
    for (;;) {
      while (queue.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      const item = queue.shift();
      if (!item) throw new Error('closed');
      yield item;
    }
  }

  const client = {
    host: { status: async () => ({ seq: host.seq }) },
    proposals: { list: async () => host.proposals },
    runs: { list: async () => host.runs },
    alerts: { list: async () => host.alerts },
    events: {
      follow: async ({ after }: { after: number }, options?: { signal?: AbortSignal }) => {
        host.followed.push(after);
        return follow(options?.signal);
      },
    },
  } as unknown as ApiClient;

  const host: ScriptedHost = {
    attached: 0,
    followed: [],
    proposals: [],
    runs: [],
    alerts: [],
    seq: 0,
    attach: async () => {
      host.attached += 1;
      return { client, socket: '/nonexistent/host.sock', closed: gone.promise, close: host.die };
    },
    say: (event) => {
      host.seq += 1;
      const full = { seq: host.seq, at: '2026-11-21T03:00:00.000Z', ...event } as Event;
      for (const listener of listeners) listener({ kind: 'event', event: full });
    },
    die: () => {
      const ended = listeners;
      listeners = new Set();
      for (const listener of ended) listener(null);
      gone.resolve();
      gone = Promise.withResolvers();
    },
  };
  return host;
}

/** A proposal with everything empty that a test does not name. */
export function scriptedProposal(more: Partial<Proposal> = {}): Proposal {
  return {
    id: 'prop-00000001',
    run: 'run-00000001',
    routine: 'log-triage',
    state: 'open',
    revision: 1,
    title: 'Close the connection when a write fails',
    explanation: '',
    rootCause: null,
    notDone: null,
    repository: '/nonexistent',
    branch: 'nightshift/log-triage/run-00000001',
    baseBranch: 'main',
    base: 'a'.repeat(40),
    head: 'b'.repeat(40),
    commits: [],
    files: [],
    before: null,
    after: null,
    usage: noUsage,
    costMicros: 0,
    model: 'rehearsal',
    rehearsal: true,
    comments: [],
    openedAt: '2026-11-21T03:00:00.000Z',
    decidedAt: null,
    into: null,
    landedAs: null,
    landedHow: null,
    pruneAt: null,
    ...more,
  };
}
