/** What the model's address answered in a recorded run, one entry for each request that counted, oldest first. */
import type { AgentId } from '#contract/agents.ts';
import type { ContentBlock, Event } from '#contract/events.ts';
import type { Usage } from '#contract/runs.ts';
import { summaryIn } from '#core/session/summary-words.ts';

interface Place {
  /** Index of the event that it ended in. */
  at: number;
}

/** Tries that were lost and asked for again are no part of it: they left nothing in the conversation. */
export type RecordedAnswer = Place &
  /** `turn` null: a summary of the conversation. */
  (
    | { kind: 'message'; turn: number | null; id: string; content: ContentBlock[]; stopReason: string; usage: Usage }
    /** It refused the conversation as it was, because it was too long or held thinking that it did not accept any more. */
    | { kind: 'refused'; why: 'context' | 'thinking' }
  );

/** Of the run's own agent, or of its subagent `whose`. */
export function answersIn(events: readonly Event[], whose?: AgentId): RecordedAnswer[] {
  return events.flatMap((event, at): RecordedAnswer[] => {
    if (event.agent !== whose) return [];
    switch (event.type) {
      case 'message.finished': {
        const { content, stopReason, usage, turn, id = `msg_${turn}` } = event;
        return [{ kind: 'message', at, turn, id, content, stopReason, usage }];
      }
      case 'history.compacted': {
        const { usage, why, text } = event;
        const content = [{ type: 'text', text: summaryIn(text), citations: null }];
        const summary = {
          kind: 'message' as const,
          at,
          turn: null,
          id: `msg_summary_${at}`,
          content,
          stopReason: 'end_turn',
          usage,
        };
        return why === 'full' ? [{ kind: 'refused', at: at - 1, why: 'context' }, summary] : [summary];
      }
      case 'thinking.dropped':
        return [{ kind: 'refused', at: at - 1, why: 'thinking' }];
      default:
        return [];
    }
  });
}
