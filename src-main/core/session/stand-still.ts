/** Why a session does not ask its model once more: a cap or too many denials; a person may be asked to let it go on. */
import type { FaultCode } from '#contract/faults.ts';
import { type Asker, ask } from './ask.ts';
import { type Asked, tooManyDenials } from './asked.ts';
import type { Limit } from './limits.ts';

export type Stop = { kind: 'parked'; question: string } | ({ kind: 'limit' } & Limit);

/** Null: it may go on. `limit`: what forbids another answer, if anything does. Asked once; a no ends the session at this clean point. */
export function stopFor(parts: Asker, asked: Readonly<Asked>, limit: Limit | null): Stop | null {
  const denials = tooManyDenials(asked);
  if (denials) {
    const codes = denials.codes.join(', ');
    const message = `Stopped after ${denials.count} denied calls (${codes}).`;
    const cure = 'Allow what the run needs in its permissions, or reword its prompt.';
    if (parts.spec.whenAsked === 'deny' || refused(asked, 'handover'))
      return { kind: 'limit', code: 'limit.denials' satisfies FaultCode, message, cure };
    const why = `The run was denied ${denials.count} times (${codes}) and may be trying to get around its limits.`;
    const before = open(asked, 'handover');
    if (before) return { kind: 'parked', question: before };
    const action = { kind: 'handover' as const, denials: denials.count, codes: denials.codes };
    return { kind: 'parked', question: ask(parts, { action, code: 'limit.denials', why }).id };
  }
  if (!limit) return null;
  const { scope, cap = 0, spent = 0, code, message, cure } = limit;
  if (!scope || parts.spec.whenAsked === 'deny' || refused(asked, 'budget'))
    return { kind: 'limit', code, message, cure };
  const before = open(asked, 'budget');
  if (before) return { kind: 'parked', question: before };
  // As much again as the routine's own cap.
  const addMicros = Math.floor(parts.spec.limits.dollars * 1e6);
  const action = { kind: 'budget' as const, scope, spentMicros: spent, capMicros: cap, addMicros };
  return { kind: 'parked', question: ask(parts, { action, code, why: message }).id };
}

/** Somebody in the run has asked that already. */
function open({ questions }: Readonly<Asked>, kind: 'budget' | 'handover'): string | null {
  return questions.find(({ state, action }) => state === 'open' && action.kind === kind)?.id ?? null;
}

/** A person, or the deadline, has said no since a person last spoke to the session. */
function refused({ refusals }: Readonly<Asked>, kind: 'budget' | 'handover'): boolean {
  return refusals.includes(kind);
}
