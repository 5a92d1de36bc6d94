/** A tool of the program as the session has it: whatever it does or throws becomes a result for the model. */
import { resultLimit } from '#contract/hands.ts';
import { failure, type Tool, type ToolOutcome } from '#core/tools/tool.ts';
import type { AgentTool, ToolResult } from './tool.ts';

export function asTool({ name, description, input, readOnly, run }: AgentTool): Tool {
  return {
    ...{ name, description, class: readOnly ? 'read' : 'execute', schema: input },
    async execute(given: never, { signal }) {
      try {
        return outcomeOf(await orAborted(Promise.resolve(run(given, { signal })), signal));
      } catch (error) {
        signal.throwIfAborted();
        return failure('tool.failed', cut(error instanceof Error ? error.message : String(error)));
      }
    },
  };
}

function outcomeOf(result: ToolResult): ToolOutcome {
  const { text, failed = false } = typeof result === 'string' ? { text: result } : result;
  if (typeof text !== 'string') return failure('tool.failed', 'The tool brought back something that is no text.');
  const whole = cut(text);
  return failed
    ? failure('tool.failed', whole)
    : { ok: true, code: null, text: whole, view: { kind: 'text', text: whole } };
}

/** As long as what the sandboxed tools bring back; the middle goes. */
function cut(text: string): string {
  if (text.length <= resultLimit) return text;
  const half = Math.floor(resultLimit / 2);
  const left = text.length - 2 * half;
  return `${text.slice(0, half).toWellFormed()}\n[${left} characters are left out here]\n${text.slice(-half).toWellFormed()}`;
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
