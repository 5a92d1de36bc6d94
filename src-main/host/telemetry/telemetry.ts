/** Sends each run that has ended to a collector, if a person has named one: in order, again after a failure, across restarts. */
import type { Handlers } from '#contract/api.ts';
import { Fault } from '#contract/faults.ts';
import type { Telemetry } from '#contract/traces.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { traceOf } from '#core/traces/trace.ts';

interface Parts {
  store: Store;
  clock: Clock;
  log: Log;
  version: string;
}

export interface TelemetryDesk {
  methods: Handlers['telemetry'];
  /** Nothing is sent any more; what waits is sent by the next host. */
  close(): void;
}

/** Milliseconds to the next attempt after one that failed. */
const againAfter = 60_000;
const facts = { endpoint: 'telemetry_endpoint', through: 'telemetry_through', last: 'telemetry_last' } as const;

export function openTelemetry({ store, clock, log, version }: Parts): TelemetryDesk {
  let sending = false;
  let closed = false;
  let later = () => {};
  const endpoint = () => store.records.fact(facts.endpoint) || null;
  const through = () => Number(store.records.fact(facts.through) ?? 0);
  const note = (name: (typeof facts)[keyof typeof facts], value: string) =>
    store.commit((writer) => writer.records.setFact(name, value));

  /** Runs that have ended since, oldest first. */
  const waiting = () =>
    store
      .events({ after: through(), limit: Number.MAX_SAFE_INTEGER })
      .flatMap((event) => (event.type === 'run.ended' ? [event] : []));

  /** One run after the other, oldest first. */
  async function sendAll(): Promise<void> {
    for (let to = endpoint(); to !== null && !closed; to = endpoint()) {
      const [next] = waiting();
      if (!next) return;
      // Loaded only where it is switched on.
      const { sendRun } = await import('./otlp.ts');
      const events = store.events({ after: 0, run: next.run, limit: Number.MAX_SAFE_INTEGER });
      const upTo = events.filter(({ seq }) => seq <= next.seq);
      await sendRun({ endpoint: to, version }, traceOf(next.run, upTo));
      if (closed) return;
      store.commit((writer) => {
        writer.records.setFact(facts.through, String(next.seq));
        writer.records.setFact(facts.last, attempt(true, `${next.run} was sent.`));
      });
    }
  }

  async function send(): Promise<void> {
    if (sending || closed) return;
    sending = true;
    later();
    try {
      await sendAll();
    } catch (error) {
      if (closed) return;
      log.error('telemetry', error, { run: waiting()[0]?.run });
      const why = error instanceof Error && error.message ? error.message : 'it does not answer';
      note(facts.last, attempt(false, `The collector could not be reached: ${why}`));
      later = clock.after(againAfter, () => void send());
    } finally {
      sending = false;
    }
  }

  const attempt = (ok: boolean, message: string) =>
    JSON.stringify({ at: new Date(clock.now()).toISOString(), ok, message: message.slice(0, 500) });

  function status(): Telemetry {
    const last = store.records.fact(facts.last);
    const to = endpoint();
    return { endpoint: to, waiting: to === null ? 0 : waiting().length, last: last ? JSON.parse(last) : null };
  }

  const deaf = store.listen((item) => {
    if (item.kind === 'event' && item.event.type === 'run.ended' && endpoint() !== null) void send();
  });
  if (endpoint() !== null) void send();

  return {
    methods: {
      get: async () => status(),
      async set({ endpoint: to }) {
        if (to && new URL(to).username !== '')
          throw new Fault('input', 'An address may not hold a name or a password.', {
            field: 'endpoint',
            cure: 'Give the address of a collector on this machine; let that one know the password.',
          });
        const wasOff = endpoint() === null;
        store.commit((writer) => {
          writer.records.setFact(facts.endpoint, to ?? '');
          // What happened before it was switched on is nobody's business.
          if (wasOff) writer.records.setFact(facts.through, String(store.seq()));
        });
        void send();
        return status();
      },
    },
    close() {
      closed = true;
      later();
      deaf();
    },
  };
}
