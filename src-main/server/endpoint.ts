/** The note that says where the host of a data directory listens; its readers believe nothing they cannot check. */
import { lstatSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Paths } from '#host/paths.ts';
import type { ProcessIdentity } from '#host/processes.ts';

const Endpoint = z.object({
  version: z.string().max(100),
  pid: z.int().min(1),
  startTime: z.string().max(100).nullable(),
  bootId: z.string().max(100).nullable(),
  /** Notes of earlier versions have none. */
  pidNamespace: z.string().max(100).nullable().default(null),
  /** Unix socket or named pipe. */
  socket: z.string().min(1).max(4096),
  /** Null until the first link into a browser was asked for. */
  http: z.object({ port: z.int().min(1).max(65_535) }).nullable(),
  startedAt: z.iso.datetime({ precision: 3 }),
});
export type Endpoint = z.infer<typeof Endpoint>;

/** Only the lease holder calls this; readers see the old note or the new one, never half of one. */
export function writeEndpoint(paths: Paths, endpoint: Endpoint): void {
  const next = `${paths.endpoint}.new`;
  rmSync(next, { force: true });
  writeFileSync(next, `${JSON.stringify(endpoint)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(next, paths.endpoint);
}

/** Null when there is none that can be trusted: not ours, not a plain file, not whole, or pointing at no socket of ours. */
export function readEndpoint(paths: Paths): Endpoint | null {
  try {
    const file = lstatSync(paths.endpoint);
    if (!file.isFile() || file.size > 10_000 || !isOurs(file.uid)) return null;
    const endpoint = Endpoint.parse(JSON.parse(readFileSync(paths.endpoint, 'utf8')));
    if (process.platform !== 'win32') {
      const socket = lstatSync(endpoint.socket);
      if (!socket.isSocket() || !isOurs(socket.uid)) return null;
    }
    return endpoint;
  } catch {
    return null;
  }
}

/** Removes the note if it is the caller's own; another's stays. */
export function removeEndpoint(paths: Paths, own: ProcessIdentity): void {
  const found = readEndpoint(paths);
  if (found?.pid !== own.pid || found.startTime !== own.startTime) return;
  try {
    unlinkSync(paths.endpoint);
  } catch {
    // Gone already.
  }
}

function isOurs(uid: number): boolean {
  return process.getuid === undefined || uid === process.getuid();
}
