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
  (
    | {
        kind: 'message';
        /** Null: a summary of the conversation, or an answer beside it. */
        turn: number | null;
        /** Of an answer beside the conversation: who was asked, and what for. */
        side: { purpose: SidePurpose; model: string } | null;
        id: string;
        content: ContentBlock[];
        stopReason: string;
        usage: Usage;
        /** Tokens that it could have, which was a matter of the money of that night. Absent: not recorded. */
        longest?: number | undefined;
      }
    /** It refused the request as it was: too long, with thinking that it did not accept any more, or bound to schemas. */
    | { kind: 'refused'; why: 'context' | 'thinking' | 'schema' }
  );

const sidePurposes = ['judge', 'grader', 'classifier', 'probe'] as const;
export type SidePurpose = (typeof sidePurposes)[number];

/** Of the run's own agent, or of its subagent `whose`. */
export function answersIn(events: readonly Event[], whose?: AgentId): RecordedAnswer[] {
  return events.flatMap((event, at): RecordedAnswer[] => {
    if (event.agent !== whose) return [];
    switch (event.type) {
      case 'message.finished': {
        const { content, stopReason, usage, turn, id = `msg_${turn}`, longest } = event;
        return [{ kind: 'message', at, turn, side: null, id, content, stopReason, usage, longest }];
      }
      case 'history.compacted': {
        const { usage, why, text } = event;
        const content = [{ type: 'text', text: summaryIn(text), citations: null }];
        const summary = {
          kind: 'message' as const,
          at,
          turn: null,
          side: null,
          id: `msg_summary_${at}`,
          content,
          stopReason: 'end_turn',
          usage,
        };
        return why === 'full' ? [{ kind: 'refused', at: at - 1, why: 'context' }, summary] : [summary];
      }
      case 'side.answered': {
        const { purpose, usage, model, answer } = event;
        const known = sidePurposes.find((one) => one === purpose);
        if (!known || !model || !answer) return [];
        return [{ kind: 'message', at, turn: null, side: { purpose: known, model }, ...answer, usage }];
      }
      case 'thinking.dropped':
        return [{ kind: 'refused', at: at - 1, why: 'thinking' }];
      case 'tools.offered':
        return event.refused === undefined ? [] : [{ kind: 'refused', at: at - 1, why: 'schema' }];
      default:
        return [];
    }
  });
}
