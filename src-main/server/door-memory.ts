/** What the browser's door must still know after a restart of the host, so that an open page finds it again. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Paths } from '#host/paths.ts';

/** Sessions as SHA-256 of the cookie's value, each with the instant (milliseconds since the epoch) at which it ends. */
const Memory = z.object({
  port: z.int().min(1024).max(65_535),
  sessions: z.array(z.tuple([z.string().regex(/^[0-9a-f]{64}$/), z.number()])).max(100),
});
export type DoorMemory = z.infer<typeof Memory>;

const fileOf = (paths: Pick<Paths, 'data'>) => join(paths.data, 'door.json');

/** Null when there is nothing worth keeping: no file, an unreadable one, or no session that still counts. */
export function readDoorMemory(paths: Pick<Paths, 'data'>, now: number): DoorMemory | null {
  try {
    const { port, sessions } = Memory.parse(JSON.parse(readFileSync(fileOf(paths), 'utf8')));
    const current = sessions.filter(([, until]) => until > now);
    return current.length > 0 ? { port, sessions: current } : null;
  } catch {
    return null;
  }
}

/** Atomic and readable for one person alone. What cannot be written is forgotten: a new link is all it costs. */
export function writeDoorMemory(paths: Pick<Paths, 'data'>, memory: DoorMemory): void {
  try {
    const fresh = `${fileOf(paths)}.new`;
    writeFileSync(fresh, JSON.stringify(memory), { mode: 0o600 });
    renameSync(fresh, fileOf(paths));
  } catch {}
}
