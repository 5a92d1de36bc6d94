/** Alerts on the stage: what its events say of them. */
import type { Alert } from '#contract/alerts.ts';
import type { Handlers } from '#contract/api.ts';
import type { Draft, Event } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { reduceAlert } from '#contract/state.ts';

export function stagedAlerts(say: (draft: Draft) => Event, events: readonly Event[]): Handlers['alerts'] {
  const all = (): Alert[] => {
    const raised = events.flatMap((event) => reduceAlert(undefined, event) ?? []);
    return raised.map((alert) => events.reduce<Alert>((known, event) => reduceAlert(known, event) ?? known, alert));
  };
  const open = () => all().filter(({ dismissedAt }) => dismissedAt === null);
  return {
    list: async ({ all: every, limit }) => (every ? all() : open()).reverse().slice(0, limit),
    async dismiss({ seq, door }) {
      say({ type: 'alert.dismissed', alerts: [seq], by: door });
      const alert = all().find((each) => each.seq === seq);
      if (!alert) throw new Fault('not_found', `There is no alert ${seq}.`);
      return alert;
    },
    async dismissAll({ through, door }) {
      const alerts = open().flatMap(({ seq }) => (seq <= through ? [seq] : []));
      say({ type: 'alert.dismissed', alerts, by: door });
      return all().filter(({ seq }) => alerts.includes(seq));
    },
  };
}
