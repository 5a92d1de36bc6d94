/** What the tray, the badge and the closing of the window depend on: which proposals wait, which runs go on. */
import type { ApiClient } from '#contract/api.ts';
import type { Event } from '#contract/events.ts';

export interface Attention {
  /** False while no host answers; the sets are then what was known last. */
  connected: boolean;
  /** Ids of the proposals that wait for a person. */
  waiting: ReadonlySet<string>;
  /** Ids of the runs that have not ended. */
  running: ReadonlySet<string>;
}

export type Mood = 'idle' | 'working' | 'needs-you';

export const unknownAttention: Attention = { connected: false, waiting: new Set(), running: new Set() };

/** The state now, and the number of the last event that it holds at least. */
export async function readAttention(client: ApiClient): Promise<{ attention: Attention; seq: number }> {
  // The number is read first: an event that comes in between is then heard again, which changes nothing.
  const { seq } = await client.host.status();
  const [proposals, runs] = await Promise.all([
    client.proposals.list({ state: 'open', limit: 1000 }),
    client.runs.list({ limit: 1000 }),
  ]);
  const running = runs.filter((run) => run.state !== 'ended').map((run) => run.id);
  const waiting = proposals.map((proposal) => proposal.id);
  return { attention: { connected: true, waiting: new Set(waiting), running: new Set(running) }, seq };
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
    default:
      return attention;
  }
}

/** A proposal that waits outweighs a run that goes on: only the first needs a person. */
export function moodOf({ waiting, running }: Attention): Mood {
  if (waiting.size > 0) return 'needs-you';
  return running.size > 0 ? 'working' : 'idle';
}

/** The state as one sentence. */
export function sentenceOf({ connected, waiting, running }: Attention): string {
  if (!connected) return 'Not connected to the host.';
  const parts = [];
  if (waiting.size > 0)
    parts.push(waiting.size === 1 ? 'One proposal waits for you' : `${waiting.size} proposals wait for you`);
  if (running.size > 0) parts.push(running.size === 1 ? 'one run is at work' : `${running.size} runs are at work`);
  const text = parts.join('; ') || 'Nothing needs you';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function without(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const left = new Set(set);
  left.delete(id);
  return left;
}
