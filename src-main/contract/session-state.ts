/** In which of six states a session is: one word for every run, at every door. */
import { z } from 'zod';
import type { Run } from './runs.ts';

/**
 * `working`: it works, or waits for a slot. `needs_input`: it goes on when a person has answered. `idle`: it does nothing
 * until somebody says something to it, or until an instant comes. `completed`, `failed` and `stopped` are for good.
 */
export const SessionState = z.enum(['working', 'needs_input', 'idle', 'completed', 'failed', 'stopped']);
export type SessionState = z.infer<typeof SessionState>;

type Known = Pick<Run, 'state' | 'outcome'> &
  Partial<Pick<Run, 'parkedOn' | 'held' | 'waitingUntil' | 'talkableUntil' | 'handedOver'>>;

/** `now` in milliseconds since the epoch. */
export function sessionState(run: Known, now: number): SessionState {
  if (run.state === 'queued') return 'working';
  if (run.state === 'running') {
    if (run.parkedOn) return 'needs_input';
    return run.held || run.waitingUntil ? 'idle' : 'working';
  }
  if (run.handedOver) return 'stopped';
  if (run.outcome === 'failed' || run.outcome === 'stopped') return run.outcome;
  return mayBeTalkedTo(run, now) ? 'idle' : 'completed';
}

/** It has ended its turn, and goes on when somebody says something to it in time. */
export function mayBeTalkedTo(run: Known, now: number): boolean {
  return run.state === 'ended' && !run.handedOver && !!run.talkableUntil && now < Date.parse(run.talkableUntil);
}

export const sessionStateWords: Record<SessionState, string> = {
  working: 'working',
  needs_input: 'needs input',
  idle: 'idle',
  completed: 'completed',
  failed: 'failed',
  stopped: 'stopped',
};
