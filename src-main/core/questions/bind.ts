/** What an approval is bound to, as one hash: another run, command, file, host, amount or rule set makes another hash. */
import { createHash } from 'node:crypto';
import type { Action, Question } from '#contract/questions.ts';

/** 64 hexadecimal digits. The patch is left out: it follows from the input and the file's content, which are both in. */
export function bindOf(run: string, action: Action): string {
  const what = action.kind === 'tool_call' ? { ...action, patch: null } : action;
  return createHash('sha256')
    .update(canonical({ run, action: what }))
    .digest('hex');
}

/** JSON with the keys of every object in order, so that equal values have equal text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`).join(',')}}`;
}

/** An approval that was not used for so long after it was given has to be given again. Milliseconds. */
const approvalLasts = 24 * 60 * 60_000;
/** So much may a clock be set right meanwhile; after more, nobody knows how old an approval is. Milliseconds. */
const clockSlack = 5 * 60_000;

/** Given lately enough to count at `now`, in milliseconds since 1970; nothing is said of whether it was used. */
export function isFresh({ state, answeredAt }: Question, now: number): boolean {
  const age = now - Date.parse(answeredAt ?? '');
  return state === 'approved' && age < approvalLasts && age > -clockSlack;
}
