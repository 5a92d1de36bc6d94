/** How a run's goal and grading change with its events; a part of the shared reducer. */
import type { Grading } from './aims.ts';
import type { Event } from './events.ts';
import type { Outcome, Run } from './runs.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

export function withAims(run: Run, { goal, iterations }: Of<'aims.set'>): Run {
  return {
    ...run,
    goal:
      goal === null ? null : { condition: goal, verdict: 'open', rounds: 0, reason: null, quote: null, judgedAt: null },
    grading: iterations === null ? null : { state: 'pending', iteration: 0, iterations, criteria: [], explanation: '' },
  };
}

export function withVerdict(run: Run, event: Of<'goal.judged' | 'outcome.graded'>): Run {
  if (event.type === 'goal.judged') {
    const { verdict, round: rounds, reason, quote, at: judgedAt, unjudged, model } = event;
    const goal = run.goal && { condition: run.goal.condition, verdict, rounds, reason, quote, judgedAt };
    const more = { ...(unjudged ? { unjudged } : {}), ...(model === undefined ? {} : { model }) };
    return { ...run, goal: goal && { ...goal, ...more } };
  }
  const { result: state, iteration, criteria, explanation } = event;
  return { ...run, grading: run.grading && { ...run.grading, state, iteration, criteria, explanation } };
}

/** A person wants something else: what was found of the former result says nothing of the next one. */
export function anew({ goal, grading }: Run): Pick<Run, 'goal' | 'grading'> {
  return {
    goal: goal && { ...goal, verdict: 'open', rounds: 0, unjudged: undefined },
    grading: grading && { ...grading, state: 'pending', iteration: 0 },
  };
}

/** A result that was graded keeps its grade; one that nobody came to is interrupted, as is work on gaps that was broken off. */
export function atEnd(grading: Grading, outcome: Outcome): Grading {
  const brokenOff = outcome === 'failed' || outcome === 'stopped';
  const final = grading.state !== 'pending' && (grading.state !== 'needs_revision' || !brokenOff);
  return final ? grading : { ...grading, state: 'interrupted' };
}
