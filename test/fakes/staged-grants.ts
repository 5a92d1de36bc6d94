/** Grants and trial runs on the stage: what its events say of them, and trials as a test has put them there. */
import type { Handlers } from '#contract/api.ts';
import type { Draft, Event } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { type Grant, type Granted, grantable } from '#contract/grants.ts';
import type { Door, Question } from '#contract/questions.ts';
import { reduceGrant } from '#contract/state.ts';
import type { Trial } from '#contract/trials.ts';

export function stagedGrants(say: (draft: Draft) => Event, events: readonly Event[]) {
  const trials = new Map<string, Trial>();
  const all = (): Grant[] => {
    const given = events.flatMap((event) => (event.type === 'grant.given' ? [event.grant] : []));
    return given.map((grant) => events.reduce<Grant>((known, event) => reduceGrant(known, event) ?? known, grant));
  };
  const one = <T>(value: T | undefined, what: string): T => {
    if (value === undefined) throw new Fault('not_found', `There is no such ${what}.`);
    return value;
  };
  const hand = (
    granted: Granted,
    routine: string,
    { contentHash, ...rest }: Pick<Grant, 'contentHash' | 'givenBy' | 'from'>,
  ) => {
    const id = `grant-${String(all().length).padStart(8, '0')}`;
    const given = { state: 'active' as const, givenAt: new Date().toISOString(), endedAt: null, ended: null };
    say({ type: 'grant.given', routine, grant: { id, routine, contentHash, granted, ...given, ...rest } });
  };
  /** What an answer "always" becomes. */
  const give = (question: Question, givenBy: Door) => {
    const found = grantable(question);
    if ('refused' in found) throw new Fault('input', found.refused, { field: 'always' });
    const from = { kind: 'question' as const, question: question.id };
    hand(found.granted, question.routine, { contentHash: 'c'.repeat(64), givenBy, from });
  };
  const grants: Handlers['grants'] = {
    list: async ({ routine, state, limit }) =>
      all()
        .filter((each) => (routine === undefined || each.routine === routine) && (state ?? each.state) === each.state)
        .reverse()
        .slice(0, limit),
    async revoke({ grant, door }) {
      const { routine } = one(
        all().find(({ id }) => id === grant),
        'grant',
      );
      say({ type: 'grant.revoked', routine, grant, by: door });
      return one(
        all().find(({ id }) => id === grant),
        'grant',
      );
    },
  };
  const routines: Pick<Handlers['routines'], 'rehearse' | 'trial' | 'signTrial'> = {
    rehearse: async () => ({
      ...{ dueAt: new Date(Date.now() + 5000).toISOString(), firedBy: 'os_timer', detail: 'systemd user timer' },
    }),
    trial: async ({ routine }) => one(trials.get(routine), 'trial run'),
    async signTrial({ routine, door }) {
      const { run, contentHash, needed } = one(trials.get(routine), 'trial run');
      if (run === null || contentHash === null) return [];
      const before = all().length;
      for (const { granted } of needed)
        hand(granted, routine, { contentHash, givenBy: door, from: { kind: 'trial', run } });
      return all().slice(before);
    },
  };
  return { trials, grants, routines, give };
}
