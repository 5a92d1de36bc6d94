/** What a person said to a session that its agent has not been told yet; and the telling, at a clean point. */
import type { Event } from '#contract/events.ts';
import type { Store, Writer } from '#core/store/event-log.ts';

/** Oldest first. */
export type Spoken = { seq: number; text: string }[];

/** `spoken` is alive: each `apply` changes it. */
export function createSpoken(): { spoken: Readonly<Spoken>; apply(event: Event): void } {
  const spoken: Spoken = [];
  return {
    spoken,
    apply(event) {
      if (event.type === 'person.said') spoken.push({ seq: event.seq, text: event.text });
      else if (event.type === 'message.added' && event.said !== undefined) {
        const at = spoken.findIndex(({ seq }) => seq === event.said);
        if (at >= 0) spoken.splice(at, 1);
      }
    },
  };
}

/** What of the run's events nobody has told its agent. */
export function unheard(store: Store, run: string): Readonly<Spoken> {
  const { spoken, apply } = createSpoken();
  for (const event of store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER })) apply(event);
  return spoken;
}

/** Call it when every call of the last answer has its result: the API wants those first. */
export function tell(writer: Writer, run: string, spoken: Readonly<Spoken>): void {
  for (const { seq, text } of [...spoken])
    writer.append({ type: 'message.added', run, text, from: 'person', said: seq });
}
