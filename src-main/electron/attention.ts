/** What the tray, the badge and the closing of the window depend on: which proposals wait, which alerts stand, which runs go on. */
import type { ApiClient } from '#contract/api.ts';
import type { Event } from '#contract/events.ts';

export interface Attention {
  /** False while no host answers; the sets are then what was known last. */
  connected: boolean;
  /** Ids of the proposals that wait for a person. */
  waiting: ReadonlySet<string>;
  /** Ids of the runs that have not ended. */
  running: ReadonlySet<string>;
  /** Sequence numbers of the alerts that nobody has put away. */
  alerts: ReadonlySet<number>;
}

export type Mood = 'idle' | 'working' | 'needs-you';

export const unknownAttention: Attention = {
  connected: false,
  waiting: new Set(),
  running: new Set(),
  alerts: new Set(),
};

/** The state now, and the number of the last event that it holds at least. */
export async function readAttention(client: ApiClient): Promise<{ attention: Attention; seq: number }> {
  // The number is read first: an event that comes in between is then heard again, which changes nothing.
  const { seq } = await client.host.status();
  const [proposals, runs, open] = await Promise.all([
    client.proposals.list({ state: 'open', limit: 1000 }),
    client.runs.list({ limit: 1000 }),
    client.alerts.list({ limit: 1000 }),
  ]);
  const running = runs.filter((run) => run.state !== 'ended').map((run) => run.id);
  const waiting = new Set(proposals.map((proposal) => proposal.id));
  const alerts = new Set(open.map((alert) => alert.seq));
  return { attention: { connected: true, waiting, running: new Set(running), alerts }, seq };
}

/** The state after `event`. Hearing an event twice is harmless. */
export function attend(attention: Attention, event: Event): Attention {
  switch (event.type) {
    case 'run.queued':
    case 'run.started':
    case 'run.resumed':
      return { ...attention, running: new Set(attention.running).add(event.run) };
    case 'run.ended':
      return { ...attention, running: without(attention.running, event.run) };
    case 'proposal.opened':
    case 'proposal.revised':
      return { ...attention, waiting: new Set(attention.waiting).add(event.proposal.id) };
    case 'proposal.reopened':
      return { ...attention, waiting: new Set(attention.waiting).add(event.proposal) };
    case 'proposal.revision_requested':
    case 'proposal.approved':
    case 'proposal.rejected':
    case 'proposal.pruned':
      return { ...attention, waiting: without(attention.waiting, event.proposal) };
    case 'alert.raised':
      return { ...attention, alerts: new Set(attention.alerts).add(event.seq) };
    case 'alert.dismissed':
      return { ...attention, alerts: without(attention.alerts, ...event.alerts) };
    default:
      return attention;
  }
}

/** What the badge counts. */
export const needsOf = ({ waiting, alerts }: Attention): number => waiting.size + alerts.size;

/** What waits for a person outweighs a run that goes on: only the first needs one. */
export function moodOf(attention: Attention): Mood {
  const { running } = attention;
  if (needsOf(attention) > 0) return 'needs-you';
  return running.size > 0 ? 'working' : 'idle';
}

/** The state as one sentence. */
export function sentenceOf({ connected, waiting, running, alerts }: Attention): string {
  if (!connected) return 'Not connected to the host.';
  const parts = [];
  if (waiting.size > 0)
    parts.push(waiting.size === 1 ? 'One proposal waits for you' : `${waiting.size} proposals wait for you`);
  if (alerts.size > 0) parts.push(alerts.size === 1 ? 'one alert to look at' : `${alerts.size} alerts to look at`);
  if (running.size > 0) parts.push(running.size === 1 ? 'one run is at work' : `${running.size} runs are at work`);
  const text = parts.join('; ') || 'Nothing needs you';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function without<T>(set: ReadonlySet<T>, ...gone: readonly T[]): ReadonlySet<T> {
  const left = new Set(set);
  for (const each of gone) left.delete(each);
  return left;
}
