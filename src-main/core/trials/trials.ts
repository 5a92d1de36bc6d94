/** Trial runs: asked for by a person, fired like any other due instant, and turned into grants by a signature. */
import { createHash } from 'node:crypto';
import type { Handlers } from '#contract/api.ts';
import { Fault } from '#contract/faults.ts';
import { isTrial, noUsage, type Run } from '#contract/runs.ts';
import type { Trial } from '#contract/trials.ts';
import { readSchedule } from '#core/calendar/calendar.ts';
import { contentHash } from '#core/grants/content.ts';
import type { Grants } from '#core/grants/grants.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Clock, Log } from '#core/ports.ts';
import { canonical } from '#core/questions/bind.ts';
import type { Alarms } from '#core/routines/alarms.ts';
import type { Routines } from '#core/routines/routines.ts';
import type { Store } from '#core/store/event-log.ts';
import { harvest } from './harvest.ts';

/** Milliseconds ahead: enough to register with the OS scheduler. */
const lead = 5000;
/** The tick looks twice a minute, so by then the instant has been claimed. Milliseconds. */
const claimedWithin = 60_000;

interface Parts {
  store: Store;
  routines: Routines;
  grants: Grants;
  ledger: Ledger;
  alarms: Alarms;
  clock: Clock;
  log: Log;
  look(by: 'host', routine: string): Promise<unknown>;
}

export interface Trials {
  methods: Pick<Handlers['routines'], 'rehearse' | 'trial' | 'signTrial'>;
  /** Milliseconds since the epoch until which the host must stay for one; in the past when none is near. */
  until(): number;
  /** Fires nothing any more; the next host does. */
  close(): void;
}

export function createTrials({ store, routines, grants, ledger, alarms, clock, log, look }: Parts): Trials {
  let until = 0;
  const timers = new Set<() => void>();

  /** Whole seconds, as the schedulers count, and never an instant of the routine's own schedule. */
  function instant(schedule: string, timeZone: string): number {
    const at = Math.ceil((clock.now() + lead) / 1000) * 1000;
    return readSchedule(schedule, timeZone, clock.now()).next(at - 1, 1)[0] === at ? at + 1000 : at;
  }

  /** The instant of a trial that is asked for and not claimed yet. */
  const waiting = (routine: string): number | undefined =>
    store.records.trials(routine, store.records.accountedTo(routine) ?? 0)[0];

  function view(routine: string): Trial {
    const run = store.read.runs({ routine, limit: 1000 }).find(isTrial);
    const next = waiting(routine);
    if (next !== undefined) return pending(routine, next);
    if (run) return tried(run);
    throw new Fault('not_found', `The routine "${routine}" has had no trial run.`, {
      field: 'routine',
      cure: `Start one: \`nightshift routines rehearse ${routine}\`.`,
    });
  }

  function tried(run: Run): Trial {
    const { routine, id, trigger } = run;
    const spec = store.records.spec(id);
    if (!spec || trigger.kind !== 'schedule') throw new Error(`run ${id} is no trial run`);
    const hash = contentHash(spec);
    const { needed, ...rest } = harvest(
      store.events({ after: 0, run: id, limit: Number.MAX_SAFE_INTEGER }),
      spec.network,
    );
    const given = new Set(grants.inForce(routine, hash).map(canonical));
    const end = run.endedAt === null ? clock.now() : Date.parse(run.endedAt);
    return {
      ...{ routine, run: id, dueAt: trigger.dueAt, outcome: run.outcome, reason: run.reason },
      state: run.state === 'ended' ? 'ended' : 'running',
      claimedBy: store.read.occurrenceOf(id)?.claimedBy ?? null,
      contentHash: hash,
      current: grants.present(routine) === hash,
      needed: needed.map((each) => ({ ...each, inForce: given.has(canonical(each.granted)) })),
      ...rest,
      ...{ usage: run.usage, costMicros: run.costMicros, toolCalls: run.toolCalls },
      milliseconds: run.startedAt === null ? 0 : Math.max(0, end - Date.parse(run.startedAt)),
      bind: bindOf([id, hash, needed.map(({ granted }) => granted)]),
    };
  }

  return {
    close() {
      for (const cancel of timers) cancel();
    },
    until: () => (until - clock.now() > lead + 2 * claimedWithin ? 0 : until),
    methods: {
      async rehearse({ routine }) {
        const { spec } = routines.usable(routine);
        const open = ledger.openRun(routine);
        if (open && (!open.parkedOn || isTrial(open)))
          throw new Fault('conflict', `The routine "${routine}" is at work already: run ${open.id}.`, {
            field: 'routine',
            cure: `Follow it with \`nightshift runs follow ${open.id}\`, or stop it first.`,
          });
        // What was due until now is accounted for first: a folder that appeared by hand has no account yet.
        await look('host', routine);
        if (waiting(routine) !== undefined)
          throw new Fault('conflict', `A trial run of "${routine}" is due in a moment already.`, {
            field: 'routine',
            cure: `See \`nightshift routines trial ${routine}\`.`,
          });
        const at = instant(spec.schedule, spec.timeZone);
        store.commit((writer) => {
          writer.records.addTrial(routine, at);
          writer.append({ type: 'routine.changed', routine, what: 'edited' });
          writer.outbox.add('alarms', '');
        });
        until = at + claimedWithin;
        await alarms.sync();
        const dueAt = new Date(at).toISOString();
        const { state, detail } = alarms.of(routine);
        if (state === 'registered') return { dueAt, firedBy: 'os_timer', detail };
        const fire = () =>
          void look('host', routine).catch((error: unknown) => log.error('firing a trial run', error, { routine }));
        timers.add(clock.after(Math.max(1, at - clock.now()), fire));
        return { dueAt, firedBy: 'host', detail: `No OS timer holds it (${state}: ${detail}), so this host fires it.` };
      },
      async trial({ routine }) {
        return view(routine);
      },
      async signTrial({ routine, bind, door }) {
        const trial = view(routine);
        const { run, contentHash: hash, needed } = trial;
        refuseUnsigned(trial, bind);
        if (run === null || hash === null) return [];
        return store.commit((writer) =>
          needed.map(({ granted }) => grants.give(writer, routine, hash, granted, door, { kind: 'trial', run })),
        );
      },
    },
  };
}

function refuseUnsigned({ routine, state, current, bind }: Trial, seen: string): void {
  const again = `Try it again: \`nightshift routines rehearse ${routine}\`.`;
  if (state !== 'ended')
    throw new Fault('conflict', `The trial run of "${routine}" is not over yet.`, {
      field: 'routine',
      cure: `See \`nightshift routines trial ${routine}\`, and answer what it asks.`,
    });
  if (!current)
    throw new Fault('conflict', `The routine "${routine}" has changed since it was tried.`, {
      field: 'routine',
      cure: again,
    });
  if (bind !== seen)
    throw new Fault('conflict', 'The list is not the one that was shown.', {
      field: 'bind',
      cure: `Look at it again: \`nightshift routines trial ${routine}\`.`,
    });
}

function pending(routine: string, at: number): Trial {
  return {
    ...{ routine, state: 'waiting', dueAt: new Date(at).toISOString(), run: null, claimedBy: null },
    ...{ outcome: null, reason: null, contentHash: null, current: true },
    ...{ needed: [], recorded: [], refused: [], environment: [] },
    ...{ usage: noUsage, costMicros: 0, toolCalls: 0, milliseconds: 0, bind: bindOf([routine, at]) },
  };
}

function bindOf(what: unknown): string {
  return createHash('sha256').update(canonical(what)).digest('hex');
}
