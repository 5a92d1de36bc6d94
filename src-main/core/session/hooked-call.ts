/** What hooks make of a tool call before it is judged: another input, a no, or the wish that a person is asked. They can only narrow. */
import type { Fired, FiredBy, Hooks } from '#core/hooks/hooks.ts';
import { beforeCall, isNo } from '#core/hooks/moments.ts';
import type { Judge } from '#core/permissions/judge.ts';
import { failure, type ToolOutcome } from '#core/tools/tool.ts';
import type { PendingCall } from './conversation.ts';

/** Null: nothing that narrows. `refused`: what the model is told instead. */
export type Hooked = { refused: ToolOutcome } | { asks: string | null; input: Record<string, unknown> | null };

export async function hookedCall(
  hooks: Hooks | undefined,
  turn: number,
  call: PendingCall,
  by: FiredBy,
): Promise<Hooked> {
  if (!hooks?.has('PreToolUse')) return { asks: null, input: null };
  const fired: Fired = await hooks.fire(beforeCall(turn, call), by);
  if (isNo(fired)) return { refused: failure('hook.denied', `A hook does not allow this call: ${fired.reason}`) };
  return { asks: fired.decision === 'ask' ? fired.reason : null, input: fired.input ?? null };
}

/** What the rules allow is asked where a hook wants it; what they ask or deny stays as it is. */
export function withWish(judge: Judge, asks: string | null): Judge {
  if (asks === null) return judge;
  return {
    get version() {
      return judge.version;
    },
    async judge(tool, input, signal) {
      const found = await judge.judge(tool, input, signal);
      if (found.decision !== 'allow') return found;
      const why = `A hook wants a person to be asked${asks ? `: ${asks}` : '.'}`;
      return { ...found, decision: 'ask', code: 'hook.asks', why, approvable: true, source: 'hook' };
    },
  };
}
