/** One tool call, from the model's wish to a committed result. A failed tool is data; it never ends the session. */
import type { RoutineSpec } from '#contract/routines.ts';
import { decide } from '#core/permissions/gate.ts';
import type { Hands } from '#core/ports.ts';
import type { Store, Writer } from '#core/store/event-log.ts';
import type { LoopBook } from '#core/tools/loops.ts';
import { failure, type ToolOutcome } from '#core/tools/tool.ts';
import { prepare } from '#core/tools/toolbox.ts';
import type { PendingCall, ToolUse } from './history.ts';

interface Parts {
  store: Store;
  hands: Hands;
  run: string;
  spec: RoutineSpec;
  signal: AbortSignal;
  loops: LoopBook;
}

/** A call that an earlier host began is not done again, for what it did is unknown; nor is one whose input was cut. */
export async function doCall(parts: Parts, turn: number, call: PendingCall): Promise<void> {
  const { store, run } = parts;
  if (!call.begun)
    store.commit((writer) =>
      writer.append({ type: 'tool.started', run, turn, call: call.id, name: call.name, input: call.input }),
    );
  const { ok, code, text, view } = call.begun ? interrupted : call.cut ? cutOff : await attempt(parts, call);
  store.commit((writer) => writer.append({ type: 'tool.finished', run, call: call.id, ok, code, text, view }));
}

async function attempt({ hands, signal, spec, loops }: Parts, call: ToolUse): Promise<ToolOutcome> {
  const prepared = prepare(call.name, call.input);
  if ('failure' in prepared) return prepared.failure;
  const decision = decide(prepared.tool, spec.permissionMode);
  if (!decision.allow) return failure(decision.code, decision.text);
  return prepared.tool.execute(prepared.input, { hands, signal, loops });
}

const interrupted = failure(
  'run.interrupted',
  'Nightshift was restarted while this call was running. It may have happened in part. Look at the state of the files before you repeat it.',
);

const cutOff = failure(
  'model.cut',
  'Your answer was cut at the output limit in the middle of this call, so it was not done. Call it again, in smaller steps.',
);

/**
 * Gives every call of the last answer that has no result one that says so, in the same transaction in which the run
 * ends: whatever is said to the model next, the API wants each call answered first.
 */
export function closeCalls(writer: Writer, run: string, pending: readonly PendingCall[]): void {
  for (const call of pending) {
    const { ok, code, text, view } = call.begun ? interrupted : notDone;
    writer.append({ type: 'tool.finished', run, call: call.id, ok, code, text, view });
  }
}

const notDone = failure('run.stopped', 'The run ended before this call began; it was not done.');
