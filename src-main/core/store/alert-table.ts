/** Keeps the table of alerts equal to what the shared reducer makes of the events. */
import type { Alert } from '#contract/alerts.ts';
import type { Event } from '#contract/events.ts';
import { reduceAlert } from '#contract/state.ts';
import type { Sql } from './database.ts';

export interface AlertReads {
  alert(seq: number): Alert | undefined;
  /** Latest first. `open`: only what nobody has put away. `through`: only up to this sequence number. */
  alerts(filter: { open: boolean; through?: number; limit: number }): Alert[];
}

export function createAlertTable(sql: Sql): { read: AlertReads; apply(event: Event): void } {
  const columns = 'seq, at, run AS about, routine, text, dismissed_at AS dismissedAt';
  const get = sql.prepare(`SELECT ${columns} FROM alerts WHERE seq = ?`);
  const all = sql.prepare(`SELECT ${columns} FROM alerts WHERE seq <= ? ORDER BY seq DESC LIMIT ?`);
  const open = sql.prepare(
    `SELECT ${columns} FROM alerts WHERE dismissed_at IS NULL AND seq <= ? ORDER BY seq DESC LIMIT ?`,
  );
  const put = sql.prepare(
    `INSERT INTO alerts VALUES (@seq, @at, @about, @routine, @text, @dismissedAt)
     ON CONFLICT(seq) DO UPDATE SET dismissed_at = excluded.dismissed_at`,
  );
  const alert = (seq: number) => get.get(seq) as Alert | undefined;
  const take = (seq: number, event: Event) => {
    const before = alert(seq);
    const after = reduceAlert(before, event);
    if (after && after !== before) put.run(after);
  };
  return {
    apply(event) {
      if (event.type === 'alert.raised') take(event.seq, event);
      if (event.type === 'alert.dismissed') for (const seq of event.alerts) take(seq, event);
    },
    read: {
      alert,
      alerts({ open: onlyOpen, through = Number.MAX_SAFE_INTEGER, limit }) {
        return (onlyOpen ? open : all).all(through, limit) as Alert[];
      },
    },
  };
}
