/** What a session has asked a person, folded from its events, and how often it was denied. */
import type { AgentId } from '#contract/agents.ts';
import type { Event } from '#contract/events.ts';
import type { Question } from '#contract/questions.ts';
import { isDenial, reduceQuestion } from '#contract/state.ts';

/** After so many denials with one code in a row, or so many in all, a person should look (security.md §4.8). */
export const denialsInARow = 3;
export const denialsInAll = 20;

export interface Asked {
  /** Oldest first. */
  questions: Question[];
  /** Denials since the start, or since a person last said that the run may go on. */
  denials: string[];
  /** Millionths of a dollar that were added to the cap of the run. */
  addedMicros: number;
  /** Kinds of questions that were answered with no, or not at all, since a person last spoke to the session. */
  refusals: string[];
  /** A person stopped the run instead of answering. */
  stopped: boolean;
}

/**
 * `asked` is alive: each `apply` extends it. What is asked about money is everybody's; about calls, it is the question of
 * whoever made them: the subagent `own`, or the agent of the run itself.
 */
export function createAsked(own?: AgentId): { asked: Readonly<Asked>; apply(event: Event): void } {
  const asked: Asked = { questions: [], denials: [], addedMicros: 0, refusals: [], stopped: false };
  return {
    asked,
    apply(event) {
      if (event.type === 'question.asked') {
        if (event.agent === own || event.question.action.kind === 'budget') asked.questions.push(event.question);
      } else if (event.type === 'question.used') update(asked, event);
      // What it had asked was withdrawn because it belongs to what is left behind, not because anybody stopped the run.
      else if (event.type === 'history.rewound') asked.stopped = false;
      else if (event.type === 'run.resumed') asked.stopped ||= event.why === 'stopped';
      else if (event.type === 'question.answered') {
        update(asked, event);
        answered(asked, event);
      } else if (event.type === 'message.added' && event.from === 'person')
        Object.assign(asked, { denials: [], refusals: [], stopped: false });
      else if (event.type === 'tool.finished' && event.agent === own) countDenial(asked, event);
    },
  };
}

function update(asked: Asked, event: Event): void {
  asked.questions = asked.questions.map((each) => reduceQuestion(each, event) as Question);
}

function countDenial(asked: Asked, { ok, code }: { ok: boolean; code: string | null }): void {
  if (isDenial(code)) asked.denials.push(code as string);
  else if (ok && asked.denials.length > 0 && asked.denials.at(-1) !== '') asked.denials.push('');
}

function answered(asked: Asked, { question, state }: Extract<Event, { type: 'question.answered' }>): void {
  const action = asked.questions.find((each) => each.id === question)?.action;
  if (state === 'withdrawn') asked.stopped = true;
  else if (state !== 'approved') asked.refusals.push(action?.kind ?? '');
  else if (action?.kind === 'handover') asked.denials = [];
  else if (action?.kind === 'budget' && action.scope === 'run') asked.addedMicros += action.addMicros;
}

/** The denials that call for a person, or null. An allowed call in between ends a row. */
export function tooManyDenials({ denials }: Readonly<Asked>): { count: number; codes: string[] } | null {
  const real = denials.filter((code) => code !== '');
  const last = denials.slice(-denialsInARow);
  const row = last.length === denialsInARow && last[0] !== '' && last.every((code) => code === last[0]);
  if (!row && real.length < denialsInAll) return null;
  return { count: real.length, codes: [...new Set(real)] };
}
