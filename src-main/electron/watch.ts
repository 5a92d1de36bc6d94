/** Follows the host's events for the shell, across any number of hosts, and never gives up before it is told to. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Event } from '#contract/events.ts';
import type { Fault } from '#contract/faults.ts';
import type { Proposal } from '#contract/proposals.ts';
import type { Question } from '#contract/questions.ts';
import { toFault } from '#contract/wire-faults.ts';
import { type Attention, attend, readAttention, unknownAttention } from './attention.ts';
import type { HostLink } from './host-link.ts';

export interface Watcher {
  /** Called after every change. */
  changed(attention: Attention): void;
  /** A proposal, or a new revision of one, waits for a person. */
  proposed(proposal: Proposal): void;
  /** A run stands still until a person answers. */
  asked(question: Question): void;
  /** No host could be attached to, and why. */
  failed(fault: Fault): void;
}

/** Milliseconds between two tries to reach a host. */
const pause = 2_000;

/** What waits for a person from here on. */
function announce(event: Event, watcher: Watcher): void {
  if (event.type === 'proposal.opened' || event.type === 'proposal.revised') watcher.proposed(event.proposal);
  if (event.type === 'question.asked') watcher.asked(event.question);
}

/** Resolves when `signal` aborts; never rejects. */
export async function watch(host: HostLink, watcher: Watcher, signal: AbortSignal): Promise<void> {
  let attention = unknownAttention;
  let heard: number | undefined;
  const change = (next: Attention) => {
    attention = next;
    watcher.changed(next);
  };
  while (!signal.aborted) {
    try {
      const { client } = await host.attached();
      const now = await readAttention(client);
      change(now.attention);
      // What was committed between two hosts is heard too; a shorter log is another log and starts from its end.
      const after = heard !== undefined && heard <= now.seq ? heard : now.seq;
      for await (const item of await client.events.follow({ after }, { signal })) {
        if (item.kind !== 'event') continue;
        heard = item.event.seq;
        change(attend(attention, item.event));
        announce(item.event, watcher);
      }
    } catch (error) {
      if (!signal.aborted) watcher.failed(toFault(error));
    }
    if (signal.aborted) return;
    change({ ...attention, connected: false });
    await wait(pause, undefined, { signal }).catch(() => {});
  }
}
