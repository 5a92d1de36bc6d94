/** What routines may do for good: given by a person only, bound to the routine's content, and gone with the first change of it. */
import { Fault } from '#contract/faults.ts';
import { type Grant, type Granted, type GrantState, grantable } from '#contract/grants.ts';
import type { Door, Question } from '#contract/questions.ts';
import type { Clock, Ids } from '#core/ports.ts';
import type { Routines } from '#core/routines/routines.ts';
import type { Store, Writer } from '#core/store/event-log.ts';
import { contentHash } from './content.ts';
import { covers } from './covers.ts';

/** Of one routine; more than that nobody looks through. */
const most = 1000;

export interface Grants {
  /** Latest first; what has lapsed by now is shown so. */
  list(filter: { routine?: string | undefined; state?: GrantState | undefined; limit: number }): Grant[];
  /** Throws `not_found`, and `conflict` when it has ended already. */
  revoke(id: string, by: Door): Grant;
  /** What counts now for a run of the routine that works by this content; nothing once the routine is another one. */
  inForce(routine: string, hash: string): Granted[];
  /** Records as lapsed what does not fit its routine any more. Of one routine, or of all. */
  lapse(routine?: string): void;
  /** Of the routine as its files are now. Null: it is gone or broken. */
  present(routine: string): string | null;
  /** Call in a commit. The same thing again is the same grant. */
  give(writer: Writer, routine: string, hash: string, granted: Granted, by: Door, from: Grant['from']): Grant;
  /** What an approval for good would give. Throws `input` where it never can, `conflict` when the routine has changed since. */
  fromAnswer(question: Question): { granted: Granted; hash: string };
}

interface Parts {
  store: Store;
  routines: Routines;
  clock: Clock;
  ids: Ids;
}

export function createGrants({ store, routines, clock, ids }: Parts): Grants {
  const active = (routine?: string) => store.read.grants({ routine, state: 'active', limit: 100_000 });

  /** Null: gone. Undefined: its files cannot be understood right now, which says nothing about its content. */
  function now(routine: string): string | null | undefined {
    try {
      const { spec } = routines.get(routine);
      return spec ? contentHash(spec) : undefined;
    } catch (error) {
      if (error instanceof Fault && error.code === 'not_found') return null;
      throw error;
    }
  }

  function lapse(only?: string): void {
    const stale = active(only).flatMap(({ id, routine, contentHash: given }) => {
      const hash = now(routine);
      return hash === undefined || hash === given ? [] : [{ id, routine, hash }];
    });
    if (stale.length === 0) return;
    store.commit((writer) => {
      for (const { id, routine, hash } of stale)
        writer.append({ type: 'grant.lapsed', routine, grant: id, contentHash: hash });
    });
  }

  function get(id: string): Grant {
    const grant = store.read.grant(id);
    if (grant) return grant;
    throw new Fault('not_found', `There is no grant "${id}".`, {
      field: 'grant',
      cure: 'See `nightshift grants list`.',
    });
  }

  return {
    list(filter) {
      lapse(filter.routine);
      return store.read.grants(filter);
    },
    revoke(id, by) {
      const { state, routine } = get(id);
      if (state !== 'active')
        throw new Fault('conflict', `The grant ${id} is ${state} already: it allows nothing any more.`, {
          field: 'grant',
          cure: `There is nothing left to take back; \`nightshift grants list --routine ${routine}\` shows what is in force.`,
        });
      store.commit((writer) => writer.append({ type: 'grant.revoked', routine, grant: id, by }));
      return get(id);
    },
    inForce(routine, hash) {
      if (active(routine).length === 0) return [];
      lapse(routine);
      if (now(routine) !== hash) return [];
      return active(routine).flatMap((grant) => (grant.contentHash === hash ? [grant.granted] : []));
    },
    lapse,
    present: (routine) => now(routine) ?? null,
    give(writer, routine, hash, granted, by, from) {
      const had = active(routine);
      const same = had.find((each) => each.contentHash === hash && isSame(each.granted, granted));
      if (same) return same;
      if (had.length >= most)
        throw new Fault('conflict', `The routine "${routine}" has ${most} grants already.`, {
          field: 'routine',
          cure: 'Revoke some, or write one rule in its routine.yaml that says what they say.',
        });
      const grant: Grant = {
        ...{ id: ids.next('grant'), routine, contentHash: hash, granted, state: 'active' },
        ...{ givenAt: new Date(clock.now()).toISOString(), givenBy: by, from, endedAt: null, ended: null },
      };
      writer.append({ type: 'grant.given', routine, grant });
      return grant;
    },
    fromAnswer(question) {
      const { action, run, routine } = question;
      const found = grantable(question);
      if ('refused' in found) throw refusal(question, found.refused);
      const { granted } = found;
      if (
        granted.kind === 'rule' &&
        action.kind === 'tool_call' &&
        !covers(granted.rule, action.tool, action.input, action.cwd)
      )
        throw refusal(
          question,
          'A rule that says exactly this would not allow it: a part of it is always for a person.',
        );
      const spec = store.records.spec(run);
      const hash = spec ? contentHash(spec) : null;
      if (hash === null || now(routine) !== hash)
        throw new Fault('conflict', `The routine "${routine}" has changed since this run began.`, {
          field: 'always',
          cure: `Approve it this once: \`nightshift questions approve ${question.id}\`.`,
        });
      return { granted, hash };
    },
  };
}

function refusal({ id }: Question, why: string): Fault {
  const cure = `Approve it this once: \`nightshift questions approve ${id}\`.`;
  return new Fault('input', `This cannot be granted for good. ${why}`, { field: 'always', cure });
}

function isSame(a: Granted, b: Granted): boolean {
  return a.kind === 'rule' ? b.kind === 'rule' && a.rule === b.rule : b.kind === 'host' && a.host === b.host;
}
