/** What a person may see of alerts and put away, over any door. */
import type { Alert } from '#contract/alerts.ts';
import type { Handlers } from '#contract/api.ts';
import { Fault } from '#contract/faults.ts';
import type { Door } from '#contract/questions.ts';
import type { Store } from '#core/store/event-log.ts';

export function alertMethods(store: Store): Handlers['alerts'] {
  function known(seq: number): Alert {
    const alert = store.read.alert(seq);
    if (alert) return alert;
    throw new Fault('not_found', `There is no alert ${seq}.`, { field: 'seq', cure: 'See `nightshift alerts list`.' });
  }

  /** Those of them that nobody has put away by now. */
  function putAway(alerts: readonly Alert[], by: Door): void {
    const open = alerts.flatMap(({ seq, dismissedAt }) => (dismissedAt === null ? [seq] : []));
    if (open.length > 0) store.commit((writer) => writer.append({ type: 'alert.dismissed', alerts: open, by }));
  }

  return {
    list: async ({ all, limit }) => store.read.alerts({ open: !all, limit }),
    async dismiss({ seq, door }) {
      putAway([known(seq)], door);
      return known(seq);
    },
    async dismissAll({ through, door }) {
      const alerts = store.read.alerts({ open: true, through, limit: Number.MAX_SAFE_INTEGER });
      putAway(alerts, door);
      return alerts.map(({ seq }) => known(seq));
    },
  };
}
