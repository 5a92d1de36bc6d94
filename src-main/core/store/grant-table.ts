/** Keeps the table of grants equal to what the shared reducer makes of the events. */
import type { Event } from '#contract/events.ts';
import type { Grant } from '#contract/grants.ts';
import { reduceGrant } from '#contract/state.ts';
import type { Sql } from './database.ts';

export interface GrantReads {
  grant(id: string): Grant | undefined;
  /** Latest first. */
  grants(filter: { routine?: string | undefined; state?: string | undefined; limit: number }): Grant[];
}

export function createGrantTable(sql: Sql): { read: GrantReads; apply(event: Event): void } {
  const get = sql.prepare('SELECT body FROM grants WHERE id = ?').pluck();
  const list = sql
    .prepare(
      `SELECT body FROM grants WHERE routine = COALESCE(@routine, routine) AND state = COALESCE(@state, state)
       ORDER BY given_at DESC, id DESC LIMIT @limit`,
    )
    .pluck();
  const ofRoutine = sql
    .prepare('SELECT body FROM grants WHERE routine = ? AND state = ? ORDER BY given_at DESC, id DESC LIMIT ?')
    .pluck();
  const put = sql.prepare(
    `INSERT INTO grants VALUES (?, ?, ?, ?, ?)
     ON CONFLICT(id) DO UPDATE SET state = excluded.state, body = excluded.body`,
  );
  const revive = (body: unknown) => JSON.parse(String(body)) as Grant;
  const grant = (id: string) => {
    const body = get.get(id);
    return body === undefined ? undefined : revive(body);
  };
  return {
    apply(event) {
      if (event.type !== 'grant.given' && event.type !== 'grant.revoked' && event.type !== 'grant.lapsed') return;
      const before = grant(typeof event.grant === 'string' ? event.grant : event.grant.id);
      const after = reduceGrant(before, event);
      if (!after || after === before) return;
      put.run(after.id, after.routine, after.state, after.givenAt, JSON.stringify(after));
    },
    read: {
      grant,
      grants({ routine, state, limit }) {
        // Asked before every tool call, so by its index.
        if (routine !== undefined && state !== undefined) return ofRoutine.all(routine, state, limit).map(revive);
        return list.all({ routine: routine ?? null, state: state ?? null, limit }).map(revive);
      },
    },
  };
}
