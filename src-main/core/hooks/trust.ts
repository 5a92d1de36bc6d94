/** Which hooks of which repository a person said yes to, by hash. */
import { z } from 'zod';
import type { Store, Writer } from '#core/store/event-log.ts';

const Trusted = z.record(z.string(), z.string());

const nameOf = (root: string) => `hooks_trusted:${root}` as const;

function read(store: Pick<Store, 'records'>, root: string): Record<string, string> {
  return Trusted.parse(JSON.parse(store.records.fact(nameOf(root)) ?? '{}'));
}

/** `root`: absolute, top of the repository. An ISO instant, or null. */
export function trustedAt(store: Pick<Store, 'records'>, root: string, hash: string): string | null {
  return read(store, root)[hash] ?? null;
}

/** Call both inside a commit. `at`: an ISO instant. What was trusted before stays so: a commit may be gone back to. */
export function trust(
  store: Pick<Store, 'records'>,
  { records }: Writer,
  root: string,
  hash: string,
  at: string,
): void {
  records.setFact(nameOf(root), JSON.stringify({ ...read(store, root), [hash]: at }));
}

export function revoke({ records }: Writer, root: string): void {
  records.setFact(nameOf(root), '{}');
}
