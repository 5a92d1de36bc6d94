/** Why a session does not ask its model once more: a cap or too many denials; a person may be asked to let it go on. */
import type { FaultCode } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Clock, Ids } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { ask } from './ask.ts';
import { type Asked, tooManyDenials } from './asked.ts';
import type { Limit } from './limits.ts';

interface Parts {
  store: Store;
  clock: Clock;
  ids: Ids;
  run: string;
  spec: RoutineSpec;
}

export type Stop = { kind: 'parked'; question: string } | ({ kind: 'limit' } & Limit);

/** Null: it may go on. `limit`: what forbids another answer, if anything does. Asked once; a no ends the session at this clean point. */
export function stopFor(parts: Parts, asked: Readonly<Asked>, limit: Limit | null): Stop | null {
  const denials = tooManyDenials(asked);
  if (denials) {
    const codes = denials.codes.join(', ');
    const message = `Stopped after ${denials.count} denied calls (${codes}).`;
    const cure = 'Allow what the run needs in its permissions, or reword its prompt.';
    if (parts.spec.whenAsked === 'deny' || refused(asked, 'handover'))
      return { kind: 'limit', code: 'limit.denials' satisfies FaultCode, message, cure };
    const why = `The run was denied ${denials.count} times (${codes}) and may be trying to get around its limits.`;
    const action = { kind: 'handover' as const, denials: denials.count, codes: denials.codes };
    return { kind: 'parked', question: ask(parts, { action, code: 'limit.denials', why }).id };
  }
  if (!limit) return null;
  if (limit.code !== 'limit.dollars' || parts.spec.whenAsked === 'deny' || refused(asked, 'budget'))
    return { kind: 'limit', ...limit };
  return { kind: 'parked', question: askForMoney(parts, asked, limit) };
}

/** As much again as the routine's own cap. */
function askForMoney(parts: Parts, { addedMicros }: Readonly<Asked>, limit: Limit): string {
  const { store, run, spec } = parts;
  const own = Math.round(spec.limits.dollars * 1e6);
  const spentMicros = store.read.run(run)?.costMicros ?? 0;
  const action = {
    ...{ kind: 'budget' as const, scope: 'run' as const, spentMicros },
    ...{ capMicros: own + addedMicros, addMicros: own },
  };
  return ask(parts, { action, code: limit.code, why: limit.message }).id;
}

function refused({ questions }: Readonly<Asked>, kind: 'budget' | 'handover'): boolean {
  const last = questions.findLast(({ action }) => action.kind === kind);
  return last?.state === 'denied' || last?.state === 'expired';
}
