/** The operating system's keychain; nothing falls back from it to a file by itself. */
import { fork } from 'node:child_process';
import { entry } from '#host/self.ts';
import { VaultFault, type VaultState } from './vault-states.ts';

export type KeyringCall = { service: string; account: string } & (
  | { op: 'get' }
  | { op: 'set'; secret: string }
  | { op: 'delete' }
);
export type KeyringAnswer =
  | { kind: 'ready' }
  | { kind: 'done'; secret: string | null }
  | { kind: 'failed'; message: string }
  | { kind: 'no_addon'; message: string };

export interface Vault {
  /** The secret, or null when there is none under that name. Throws `vault.unavailable`. */
  get(account: string): Promise<string | null>;
  /** Throws `vault.unavailable`; nothing is stored anywhere then. */
  set(account: string, secret: string): Promise<void>;
  /** Gone afterwards, whether it was there or not. Throws `vault.unavailable`. */
  delete(account: string): Promise<void>;
}

export interface VaultOptions {
  /** Passed on to the keychain process, without keys: it needs the session bus and the display. */
  env: NodeJS.ProcessEnv;
  /** Milliseconds. Reading happens at night, with nobody there to answer a prompt; writing happens at the desk. */
  deadlines?: { read: number; write: number };
  /** Started instead of the real keychain process. */
  program?: string;
}

const service = 'Nightshift';

/**
 * Each call is one short process, so that nothing of the keychain library stays in the host or outlives a deadline.
 * `env.NIGHTSHIFT_KEYCHAIN=off`: no keychain is asked, as if there were none; for profiles that are thrown away.
 */
export function createVault(options: VaultOptions): Vault {
  if (options.env.NIGHTSHIFT_KEYCHAIN === 'off') return { get: off, set: off, delete: off };
  const { read, write } = options.deadlines ?? { read: 3_000, write: 60_000 };
  const { ANTHROPIC_API_KEY: _key, NODE_OPTIONS: _options, ...env } = options.env;
  const program = options.program ?? entry('keyring');
  const call = (message: KeyringCall, deadline: number) => ask(program, env, message, deadline);
  return {
    get: (account) => call({ op: 'get', service, account }, read),
    set: async (account, secret) => void (await call({ op: 'set', service, account, secret }, write)),
    delete: async (account) => void (await call({ op: 'delete', service, account }, write)),
  };
}

const off = () => Promise.reject(new VaultFault('no_service', 'NIGHTSHIFT_KEYCHAIN is off'));

function ask(program: string, env: NodeJS.ProcessEnv, call: KeyringCall, deadline: number): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const child = fork(program, { env, execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    let settled = false;
    const end = (settle: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      child.kill('SIGKILL');
      settle();
    };
    const fail = (state: VaultState, message: string) => end(() => reject(new VaultFault(state, message)));
    const timer = setTimeout(() => fail('timeout', `no answer within ${deadline / 1000} s`), deadline);
    child.on('message', (answer: KeyringAnswer) => {
      if (answer.kind === 'ready') child.send(call);
      else if (answer.kind === 'done') end(() => resolve(answer.secret));
      else if (answer.kind === 'no_addon') fail('no_addon', answer.message);
      else fail(isLocked(answer.message) ? 'locked' : 'no_service', answer.message);
    });
    child.on('error', (error) => fail('no_addon', error.message));
    child.on('exit', (code, signal) => fail('no_addon', `the keychain process ended (${signal ?? code})`));
  });
}

/** What the Secret Service says when the collection is locked or its prompt cannot be shown or was dismissed. */
function isLocked(message: string): boolean {
  return /locked|Object does not exist at path|dismissed|Prompt/i.test(message);
}
