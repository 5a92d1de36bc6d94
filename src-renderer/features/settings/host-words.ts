/** The settings' first sentence: what answers when a routine comes due. */
import type { HostStatus } from '#contract/host.ts';

export function hostWords({ model }: HostStatus): string {
  return model.rehearsal ? 'Routines rehearse with recorded answers.' : `Routines are answered by ${model.auto}.`;
}
