/** The record of a tool call: its beginning and its end, each committed with what belongs to it. */
import type { Draft } from '#contract/events.ts';
import type { Hooks } from '#core/hooks/hooks.ts';
import { denialText, type Verdict } from '#core/permissions/judge.ts';
import type { Lasting } from '#core/store/database.ts';
import type { Store } from '#core/store/event-log.ts';
import { failure, type Tool, type ToolOutcome } from '#core/tools/tool.ts';
import type { PendingCall } from './conversation.ts';

interface Recorded {
  store: Store;
  run: string;
}

/** Of what the session alone goes on from. A hook is something outside: what it is asked about is on record before. */
export const lastingBefore = (hooks: Hooks | undefined): Lasting => (hooks ? 'kill' : 'soon');

/** A tool and its input as its schema has it. */
export type Prepared = { tool: Tool; input: never };

/**
 * `before` is committed with the beginning: an approval that is used up has been used for this. `lasting` is `kill` where
 * the call can be done again, or waits for the disk by itself.
 */
export function begin(
  { store, run }: Recorded,
  turn: number,
  { id, name, input }: PendingCall,
  before: Draft[],
  lasting: Lasting = 'power_cut',
): void {
  store.commit((writer) => {
    for (const draft of before) writer.append(draft);
    writer.append({ type: 'tool.started', run, turn, call: id, name, input });
  }, lasting);
}

export function finish(
  { store, run }: Recorded,
  call: PendingCall,
  { ok, code, text, view, image }: ToolOutcome,
  before: Draft[] = [],
  lasting: Lasting = 'kill',
): null {
  // The next question waits for the disk, and so does the end of the run; a result that is lost before is told as unknown.
  store.commit((writer) => {
    for (const draft of before) writer.append(draft);
    writer.append({
      ...{ type: 'tool.finished', run, call: call.id, ok, code, text, view },
      ...(image ? { image } : {}),
    });
  }, lasting);
  return null;
}

/** What the model is told of a call that the rules did not allow. */
export function denied(tool: string, verdict: Verdict, version: string): ToolOutcome {
  const code = verdict.code ?? 'mode.unattended';
  return { ...failure(code, denialText(tool, verdict, version)), view: { kind: 'text', text: verdict.why } };
}
