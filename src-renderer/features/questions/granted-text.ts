/** What a grant says, as it is written: a rule in the published grammar, or a host with its port. */
import type { Granted } from '#contract/grants.ts';

export const grantedText = (granted: Granted): string => (granted.kind === 'rule' ? granted.rule : granted.host);
