/** Gives a run its hands under Seatbelt on macOS, with a watchdog outside; never exercised on a real Mac, and it says so. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { Fault } from '#contract/faults.ts';
import type { Probe } from '#contract/hands.ts';
import type { Hands, Log } from '#core/ports.ts';
import { entry } from '#host/self.ts';
import { linkHands } from './hands-link.ts';
import type { Limits } from './limits.ts';
import { sandboxExecArguments, seatbelt } from './seatbelt.ts';
import { type DarwinView, darwinOrders, lookAroundDarwin } from './view-darwin.ts';
import { unverifiedPhrase, type Wall, type WallSpec, whose } from './wall.ts';
import { watched } from './watchdog.ts';

interface SeatbeltOptions {
  log: Log;
  limits: Limits;
  /** Path of the system's own launcher. */
  sandboxExec?: string;
}

/** Shell that sets what limits the system knows, then becomes the hands. */
const confine = 'ulimit -c 0; ulimit -f "$1"; ulimit -n "$2"; ulimit -u "$3" || :; shift 3; exec "$@"';

export function seatbeltWall({ log, limits, sandboxExec = '/usr/bin/sandbox-exec' }: SeatbeltOptions): Wall {
  const wall = { name: 'Seatbelt', verified: false, needs: [] };
  return {
    ...wall,
    seenAt: realPlace,
    async launch(spec) {
      if (spec.network?.allow.length) throw noNetwork();
      const view = await lookAroundDarwin(spec);
      const listener = createServer((socket) => socket.destroy());
      listener.listen(0, '127.0.0.1');
      try {
        await once(listener, 'listening');
        const { port } = listener.address() as AddressInfo;
        const hands = await start(spec, view, limits, sandboxExec, port);
        const enforced = [unverifiedPhrase(wall), ...hands.enforced];
        log.info('sandbox ready', { ...whose(spec.run), enforced });
        return { ...hands, enforced };
      } catch (error) {
        await view.clear();
        throw error;
      } finally {
        listener.close();
      }
    },
  };
}

async function start(
  spec: WallSpec,
  view: DarwinView,
  limits: Limits,
  sandboxExec: string,
  port: number,
): Promise<Hands> {
  const program = [process.execPath, '--disable-warning=ExperimentalWarning', entry('hands')];
  const limited = [limits.fileSize / 512, limits.openFiles, limits.processes].map((figure) =>
    String(Math.floor(figure)),
  );
  const command = ['/bin/bash', '--noprofile', '--norc', '-c', confine, 'confine', ...limited, ...program];
  const orders = darwinOrders(spec, view, limits, port);
  const [file, args] = watched(process.pid, [
    sandboxExec,
    ...sandboxExecArguments(seatbelt(view.seatbelt), [...command, orders]),
  ]);
  const child = spawn(file, args, {
    ...{ detached: true, cwd: view.seatbelt.worktree, env: view.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  (child.stderr as Readable).on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-4000);
  });
  const gone = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ? `ended by ${signal}` : `exit code ${code}`));
    child.once('error', (error) => resolve(error.message));
  });
  const kill = (): void => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  };
  const link = linkHands({ input: child.stdin as Writable, output: child.stdout as Readable }, kill);
  void gone.then((how) => {
    link.end(`The sandbox ended in the middle of the run: ${how}. ${said.trim().slice(-300)}`.trim());
    return view.clear();
  });
  const close = async (): Promise<void> => {
    link.end('The sandbox is closed.');
    // The hands end the groups that they know; the watchdog whatever else is left.
    (child.stdin as Writable).end();
    kill();
    await gone;
    await view.clear();
  };
  try {
    return { enforced: await judged(link.ready, limits.readyWithin, () => said), call: link.call, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Seatbelt shows everything where it is. A run's own folder may not have been made yet; those above it have. */
function realPlace(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(realPlace(dirname(path)), basename(path));
  }
}

/** Names of hosts are looked up by a service of the system there: no allow-list of ours has been tried against it. */
function noNetwork(): Fault {
  return new Fault('sandbox.unavailable', 'On macOS a run cannot be given a network yet.', {
    field: 'network',
    cure: 'Take the hosts out of the routine, or run Nightshift on Linux or in a Linux virtual machine.',
  });
}

/** A sandbox in which one probe does not hold is no sandbox. */
async function judged(ready: Promise<Probe[]>, within: number, said: () => string): Promise<string[]> {
  const deadline = new AbortController();
  const late = wait(within, null, { signal: deadline.signal }).catch(() => null);
  const probes = await Promise.race([ready, late])
    .catch(() => [])
    .finally(() => deadline.abort());
  const broken = probes?.filter(({ held }) => !held).map(({ name }) => name) ?? [];
  if (probes && probes.length > 0 && broken.length === 0) return probes.map(({ name }) => name);
  const why =
    broken.length > 0 ? `does not hold: ${broken.join(', ')}` : `could not be set up: ${said().trim().slice(-600)}`;
  throw new Fault('sandbox.unavailable', `The sandbox ${why}.`, {
    cure: 'Run Nightshift on Linux, or in a Linux virtual machine; nothing was run.',
  });
}
