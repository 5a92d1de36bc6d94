/** Joins two sockets until either is done; nobody looks inside. */

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream';
import { type Budget, meter } from './budget.ts';
import type { Entry } from './journal.ts';

/** Milliseconds without a byte either way after which a tunnel is taken for forgotten. */
const idle = 15 * 60_000;

export function tunnel(inner: Duplex, head: Buffer, outer: Socket, parts: { budget: Budget; entry: Entry }): void {
  const { budget, entry } = parts;
  const end = (): void => {
    inner.destroy();
    outer.destroy();
    entry.end('allow', budget.exhausted ? 'limit.network_bytes' : null);
  };
  outer.setTimeout(idle, end);
  inner.write('HTTP/1.1 200 Connection established\r\n\r\n');
  if (head.length > 0) inner.unshift(head);
  let open = 2;
  const over = (error: Error | null | undefined): void => {
    open -= 1;
    if (error || open === 0) end();
  };
  pipeline(inner, meter(budget, entry.sent), outer, over);
  pipeline(outer, meter(budget, entry.received), inner, over);
}
