/** Whatever a call threw, as the one shape every screen shows: what, why, one next step. */
import type { FaultData } from '#contract/faults.ts';
import { toFault } from '#contract/wire-faults.ts';

export const asFault = (thrown: unknown): FaultData => toFault(thrown).toData();
