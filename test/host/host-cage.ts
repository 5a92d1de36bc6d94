/** A scratch data directory, the ways to get a host for it, and the certainty that nothing is left of either. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#host/clock.ts';
import { readHolder } from '#host/lease.ts';
import { type Paths, resolvePaths } from '#host/paths.ts';
import { whereabouts } from '#host/processes.ts';
import { type Attachment, type AttachOptions, attach } from '#server/attach.ts';
import type { HostStart } from '#server/spawn-host.ts';
import { spawnHost } from '#server/start-host.ts';
import { until } from '../contract/until.ts';

export interface Cage {
  paths: Paths;
  env: NodeJS.ProcessEnv;
  attach(more?: Partial<AttachOptions>): Promise<Attachment>;
  /** Hosts that were started here, those that found another one included. */
  starts(): number;
  /** Settles when every process started here has ended. */
  allEnded(): Promise<unknown>;
  dispose(): Promise<void>;
}

const fixture = join(import.meta.dirname, 'host-process-fixture.ts');

export function openCage(more: NodeJS.ProcessEnv = {}): Cage {
  const home = mkdtempSync(join(tmpdir(), 'nightshift-host-'));
  const env = { PATH: process.env.PATH, HOME: home, NIGHTSHIFT_HOME: join(home, 'data'), ...more };
  const paths = resolvePaths(env);
  const starts: HostStart[] = [];
  const attachments: Attachment[] = [];
  const startHost = async (at: Paths, asked: NodeJS.ProcessEnv) => {
    const start = await spawnHost(at, asked, fixture);
    starts.push(start);
    return start;
  };
  const allEnded = () => until('the hosts to end', () => starts.every((start) => start.exited() !== null));
  return {
    paths,
    env,
    async attach(options = {}) {
      const attachment = await attach({ paths, env, startHost, ...options });
      attachments.push(attachment);
      return attachment;
    },
    starts: () => starts.length,
    allEnded,
    async dispose() {
      for (const attachment of attachments) attachment.close();
      await until('the hosts to be ended', () => {
        const holder = readHolder(paths, systemClock);
        if (holder && whereabouts(holder) === 'here') process.kill(holder.pid, 'SIGKILL');
        return starts.every((start) => start.exited() !== null);
      });
      rmSync(home, { recursive: true, force: true });
    },
  };
}
