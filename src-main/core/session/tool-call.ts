/** One tool call, from the model's wish to a committed result. A failed tool is data; it never ends the session. */
import type { RoutineSpec } from '#contract/routines.ts';
import { decide } from '#core/permissions/gate.ts';
import type { Hands } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { failure, type ToolOutcome } from '#core/tools/tool.ts';
import { prepare } from '#core/tools/toolbox.ts';
import type { ToolUse } from './history.ts';

interface Parts {
  store: Store;
  hands: Hands;
  run: string;
  spec: RoutineSpec;
  signal: AbortSignal;
}

/** `begun`: an earlier host started this call and died; what it did is unknown, so it is not done again. */
export async function doCall(parts: Parts, turn: number, call: ToolUse & { begun: boolean }): Promise<void> {
  const { store, run } = parts;
  if (!call.begun)
    store.commit((writer) =>
      writer.append({ type: 'tool.started', run, turn, call: call.id, name: call.name, input: call.input }),
    );
  const { ok, code, text, view } = call.begun ? interrupted() : await attempt(parts, call);
  store.commit((writer) => writer.append({ type: 'tool.finished', run, call: call.id, ok, code, text, view }));
}

async function attempt({ hands, signal, spec }: Parts, call: ToolUse): Promise<ToolOutcome> {
  const prepared = prepare(call.name, call.input);
  if ('failure' in prepared) return prepared.failure;
  const decision = decide(prepared.tool, spec.permissionMode);
  if (!decision.allow) return failure(decision.code, decision.text);
  return prepared.tool.execute(prepared.input, { hands, signal });
}

function interrupted(): ToolOutcome {
  return failure(
    'run.interrupted',
    'Nightshift was restarted while this call was running. It may have happened in part. Look at the state of the files before you repeat it.',
  );
}
