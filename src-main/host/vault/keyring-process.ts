/**
 * The only module that loads the keychain library, in a process of its own: a call that waits for a prompt holds a
 * worker thread for ever and even blocks exit, so this process is made to be killed.
 */
import type { KeyringAnswer, KeyringCall } from './vault.ts';

const send = (answer: KeyringAnswer) => process.send?.(answer);

// SIGKILL, because exit() would wait for a pending keychain call.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

try {
  const { default: keytar } = await import('keytar');
  process.on('message', (call: KeyringCall) => {
    const { service, account } = call;
    const done =
      call.op === 'get'
        ? keytar.getPassword(service, account)
        : call.op === 'set'
          ? keytar.setPassword(service, account, call.secret).then(() => null)
          : keytar.deletePassword(service, account).then(() => null);
    done.then(
      (secret) => send({ kind: 'done', secret }),
      (error: Error) => send({ kind: 'failed', message: error.message }),
    );
  });
  send({ kind: 'ready' });
} catch (error) {
  send({ kind: 'no_addon', message: (error as Error).message });
}
