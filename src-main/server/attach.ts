/** Gets a client of the one host of a data directory, and starts that host when there is none. */
import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '#contract/faults.ts';
import { systemClock } from '#host/clock.ts';
import { prepareDataDirectory } from '#host/data-directory.ts';
import { readHolder, silenceMs } from '#host/lease.ts';
import type { Paths } from '#host/paths.ts';
import { whereabouts } from '#host/processes.ts';
import { type Connection, connectSocket } from './connect.ts';
import { readEndpoint } from './endpoint.ts';
import type { HostStart } from './spawn-host.ts';
import { newStartError, startErrorMark } from './start-error.ts';
import { startHost as startHostHere } from './start-host.ts';

export interface Attachment extends Connection {
  hostPid: number;
  /** Where the host listens, for a relay. */
  socket: string;
  /** Version of the host, which may be older than the one that attaches. */
  hostVersion: string;
  /** Whether this call had to start a host. */
  started: boolean;
}

export interface AttachOptions {
  paths: Paths;
  /** Passed on to a host that has to be started. */
  env: NodeJS.ProcessEnv;
  /** False: only attach to a host that lives. Default true. */
  start?: boolean;
  /** One line for a person when something takes a moment. */
  onLine?: (line: string) => void;
  /** How a host is started here; default: in a systemd unit of its own where a timer asks, else as a detached process. */
  startHost?: (paths: Paths, env: NodeJS.ProcessEnv) => Promise<HostStart>;
  /** Milliseconds until a host must have answered. Default 15,000. */
  patienceMs?: number;
}

const lookMs = 25;
/** Between two starts, so that a host that is just leaving has let go. */
const restartMs = 250;

/** Throws the host's own reason when it cannot start, e.g. `data.newer`; otherwise `host.unreachable`. */
export async function attach(options: AttachOptions): Promise<Attachment> {
  const { paths, start = true, patienceMs = 15_000 } = options;
  const until = performance.now() + patienceMs;
  const starter = createStarter(options);
  for (;;) {
    const found = await connectToLiving(paths, Math.max(lookMs, until - performance.now()));
    if (found) return { ...found, started: starter.began() };
    if (!start)
      throw new Fault('host.unreachable', 'No Nightshift host is running.', {
        cure: 'Every `nightshift` command that needs one starts it.',
      });
    await starter.look();
    if (performance.now() > until) throw silent(paths, patienceMs);
    await pause(lookMs);
  }
}

/** `look`: throws why the last start failed; starts a host when nobody living owns the directory and no start is under way. */
function createStarter({ paths, env, onLine, startHost = startHostHere }: AttachOptions) {
  const mark = startErrorMark(paths);
  let begun: HostStart | undefined;
  let at = 0;
  return {
    began: () => begun !== undefined,
    async look() {
      const exit = begun?.exited() ?? null;
      const failed = newStartError(paths, mark) ?? (exit ? startFailure(paths, exit) : null);
      if (failed) throw failed;
      const underWay = begun !== undefined && (exit === null || performance.now() - at < restartMs);
      if (underWay || readHolder(paths, systemClock) !== null) return;
      if (!begun) onLine?.('Starting the Nightshift host …');
      begun = await startHost(paths, env);
      at = performance.now();
    },
  };
}

async function connectToLiving(paths: Paths, patienceMs: number): Promise<Omit<Attachment, 'started'> | null> {
  const endpoint = readEndpoint(paths);
  if (!endpoint || whereabouts(endpoint) === 'gone') return null;
  try {
    const connection = await connectSocket(endpoint.socket, patienceMs);
    return { ...connection, hostPid: endpoint.pid, socket: endpoint.socket, hostVersion: endpoint.version };
  } catch {
    return null;
  }
}

/** A host on a disk that cannot be written cannot leave its reason there either. */
function startFailure(paths: Paths, code: number): Fault {
  try {
    prepareDataDirectory(paths.data);
  } catch (error) {
    if (error instanceof Fault) return error;
  }
  return new Fault('host.unreachable', `The Nightshift host ended with exit code ${code} as it started.`, {
    cure: `See ${paths.output} and ${paths.log}.`,
  });
}

function silent(paths: Paths, ms: number): Fault {
  const holder = readHolder(paths, systemClock);
  const who = holder ? `The Nightshift host (process ${holder.pid})` : 'The Nightshift host';
  const elsewhere = holder !== null && whereabouts(holder) === 'elsewhere';
  return new Fault('host.unreachable', `${who} did not answer within ${Math.round(ms / 1000)} seconds.`, {
    cure: elsewhere
      ? `It runs in another container. If that one has ended, try again in ${silenceMs / 1000} seconds; else end it there.`
      : holder
        ? `If it stays so, end process ${holder.pid}; then try again.`
        : `See ${paths.output} and ${paths.log}.`,
  });
}
