/** What can be wrong with the keychain, in words, each with its cure. */
import { Fault } from '#contract/faults.ts';

export type VaultState = 'locked' | 'no_service' | 'no_addon' | 'timeout';

const otherwise = 'or set ANTHROPIC_API_KEY in the environment instead.';
const words: Record<VaultState, { what: string; cure: string }> = {
  locked: { what: 'The keychain is locked', cure: `Unlock it by signing in to the desktop, ${otherwise}` },
  no_service: {
    what: 'No keychain answers here',
    cure: `Start a Secret Service such as gnome-keyring in this session, ${otherwise}`,
  },
  no_addon: {
    what: 'The keychain library cannot be loaded',
    cure: `Install libsecret (Debian: apt-get install libsecret-1-0), ${otherwise}`,
  },
  timeout: {
    what: 'The keychain did not answer in time; it may be waiting for its password on the screen',
    cure: `Answer its prompt and try again, ${otherwise}`,
  },
};

/** `vault.unavailable`, with the state it stands for; `said` is the keychain's own message, which never holds a secret. */
export class VaultFault extends Fault {
  readonly state: VaultState;

  constructor(state: VaultState, said: string) {
    super('vault.unavailable', `${words[state].what}: ${said}.`, { cure: words[state].cure });
    this.state = state;
  }
}
