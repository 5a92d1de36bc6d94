/** Waits by the injected clock. */
import type { Context } from './shell.ts';

/** Settles after `ms` milliseconds; when the command is interrupted it stays open for ever and leaves no timer behind. */
export function pause({ clock, signal }: Pick<Context, 'clock' | 'signal'>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    signal.addEventListener('abort', cancel, { once: true });
  });
}
