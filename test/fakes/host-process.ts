/** A real host process in a home of its own, with the scripted model behind it; nothing of it outlives the test. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Paths, resolvePaths } from '#host/paths.ts';
import { type Attachment, attach } from '#server/attach.ts';
import { scratch } from './places.ts';

export interface HostHome {
  paths: Paths;
  env: NodeJS.ProcessEnv;
  /** Attaches, starting a host where none lives. */
  attach(): Promise<Attachment>;
}

/** No user manager, no session bus, no keys of whoever runs the tests. */
export function isolatedEnv(home: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const runtime = join(home, 'run');
  mkdirSync(runtime, { recursive: true, mode: 0o700 });
  return {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    HOME: home,
    XDG_RUNTIME_DIR: runtime,
    NIGHTSHIFT_HOME: join(home, 'data'),
    NIGHTSHIFT_REHEARSAL_PACE: '0',
    NIGHTSHIFT_IDLE_MS: '1000',
    ...more,
  };
}

export function hostHome(more: NodeJS.ProcessEnv = {}): HostHome {
  const home = scratch('nightshift-home');
  const env = isolatedEnv(home, more);
  const paths = resolvePaths(env);
  const attachments: Attachment[] = [];
  onTestFinished(() => {
    for (const { hostPid, close } of attachments) {
      close();
      try {
        process.kill(hostPid, 'SIGKILL');
      } catch {}
    }
  });
  return {
    paths,
    env,
    async attach() {
      const attachment = await attach({ paths, env });
      attachments.push(attachment);
      return attachment;
    },
  };
}
