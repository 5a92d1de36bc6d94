/** One attachment to the host for the whole shell: made when first needed, made anew when the host has gone. */
import type { ApiClient } from '#contract/api.ts';

/** As `attach()` of the server layer gives it. */
export interface Attached {
  client: ApiClient;
  /** Where the host listens, for a relay. */
  socket: string;
  /** Settles when the connection is gone, whoever ended it. */
  closed: Promise<void>;
  close(): void;
}

export interface HostLink {
  /** A living attachment. Throws the fault that attaching threw; the next call tries again. */
  attached(): Promise<Attached>;
  /** Idempotent. The host goes on as long as it has work or another client. */
  close(): void;
}

export function createHostLink(attach: () => Promise<Attached>): HostLink {
  let current: Promise<Attached> | undefined;
  let closed = false;
  const open = async (): Promise<Attached> => {
    const mine = attach();
    current = mine;
    const forget = () => {
      if (current === mine) current = undefined;
    };
    const attached = await mine.catch((error: unknown) => {
      forget();
      throw error;
    });
    void attached.closed.then(forget, forget);
    // Closed while the host was still starting.
    if (closed) attached.close();
    return attached;
  };
  return {
    attached: () => current ?? open(),
    close: () => {
      closed = true;
      void current?.then(
        (attached) => attached.close(),
        () => {},
      );
    },
  };
}
