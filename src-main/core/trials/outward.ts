/** Which calls of a trial run are recorded instead of done, and what the model is told then. */
import type { Verdict } from '#core/permissions/judge.ts';
import { leavesMachine } from '#core/permissions/leaves-machine.ts';
import type { ToolOutcome } from '#core/tools/tool.ts';

/** Code of the result of a call that was recorded instead of done. */
export const recordedCode = 'trial.recorded';

/** Of what was asked because it would leave the machine; other codes say nothing of that. */
const outwardCodes = /^net\.|^auto\.(destructive|exfiltration|injection)$/;

/** Also what a rule asks about or allows is not done when it would leave the machine; what is denied stays denied. */
export function isOutward({ decision, code }: Verdict, tool: string, input: unknown): boolean {
  if (decision === 'deny') return false;
  if (decision === 'ask' && code !== null && outwardCodes.test(code)) return true;
  const { command } = input as { command?: unknown };
  return tool === 'Bash' && typeof command === 'string' && leavesMachine(command) !== null;
}

export function recorded(tool: string): ToolOutcome {
  const text = `Recorded, not done: this is a trial run of the routine, so nothing leaves this machine. A person will see that ${tool} was called with exactly this. Go on as if it had been done, without relying on what it would have answered.`;
  return { ok: true, code: recordedCode, text, view: { kind: 'text', text } };
}
