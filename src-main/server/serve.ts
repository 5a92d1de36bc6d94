/** Opens the doors of one host, keeps them while somebody needs it, and closes them in order. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Handlers } from '#contract/api.ts';
import { Fault } from '#contract/faults.ts';
import type { HostStatus } from '#contract/host.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Paths } from '#host/paths.ts';
import type { ProcessIdentity } from '#host/processes.ts';
import type { Secrets } from '#host/secrets.ts';
import { type Clients, createClients } from './clients.ts';
import { type Door, openDoor } from './door.ts';
import { type DoorMemory, readDoorMemory, writeDoorMemory } from './door-memory.ts';
import { type Endpoint, removeEndpoint, writeEndpoint } from './endpoint.ts';
import { type Activity, watchIdle } from './life.ts';
import { createRouter } from './router.ts';
import { openSocketDoor } from './socket-door.ts';

/** What the product may ask of the process around it. Usable from the first call of a handler on. */
export interface Surroundings {
  describe(): Pick<HostStatus, 'version' | 'pid' | 'startedAt' | 'dataDirectory' | 'clients'>;
  /** Opens the browser's door when it is still shut. Throws `unsupported` when the page was not built. */
  openUrl(): Promise<string>;
  /** Records the wish and returns; the caller's answer still goes out. */
  stop(why: string): void;
}

/** The product, wired together. */
export interface Composed {
  handlers: Handlers;
  activity: Activity;
  /** Ends all work at a clean point and closes the store. */
  close(why: string): Promise<void>;
}

export interface ServeOptions {
  paths: Paths;
  identity: ProcessIdentity;
  version: string;
  clock: Clock;
  log: Log;
  /** What faults say is freed of these. */
  secrets?: Secrets;
  /** Milliseconds without client or work after which the host leaves. */
  idleMs: number;
  /** Folder of the built page. */
  page: string;
  compose(surroundings: Surroundings): Promise<Composed>;
}

export interface Serving {
  /** Idempotent. Settles as `stopped` does; rejects when the product has not closed after 15 seconds. */
  stop(why: string): Promise<void>;
  /** Settles when everything is closed; rejects when the product could not close. */
  stopped: Promise<void>;
}

/** Answers when clients can attach. Whatever rejects here, nothing stays open. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { paths, identity, version, clock, log } = options;
  const startedAt = new Date(clock.now()).toISOString();
  const over = Promise.withResolvers<void>();
  let clients: Clients | undefined;
  let door: Promise<Door> | undefined;
  let stopping = false;

  const announce = (port: number | null) => {
    const endpoint: Endpoint = {
      ...identity,
      version,
      socket: paths.socket,
      http: port === null ? null : { port },
      startedAt,
    };
    writeEndpoint(paths, endpoint);
  };
  const openBrowserDoor = async () => {
    if (!clients) throw new Error('a link was asked for before the doors were open');
    if (!existsSync(join(options.page, 'index.html')))
      throw new Fault('unsupported', 'The page was not built, so there is nothing to open.', {
        cure: 'Run `npm run build`.',
      });
    const memory = readDoorMemory(paths, clock.now());
    const remember = (fresh: DoorMemory) => writeDoorMemory(paths, fresh);
    const opened = await openDoor({ root: options.page, clients, clock, log, memory, remember });
    announce(opened.port);
    return opened;
  };
  const browserDoor = () => {
    door ??= openBrowserDoor().catch((error: unknown) => {
      door = undefined;
      throw error;
    });
    return door;
  };
  const surroundings: Surroundings = {
    describe: () => ({
      version,
      pid: identity.pid,
      startedAt,
      dataDirectory: paths.data,
      clients: clients?.count() ?? 0,
    }),
    openUrl: async () => (await browserDoor()).mintUrl(),
    // An answer that was given in this tick is on its way before the next one.
    stop: (why) => void setImmediate(() => void stop(why).catch(() => {})),
  };

  const product = await options.compose(surroundings);
  const served = createClients(createRouter(product.handlers, log, options.secrets?.text));
  clients = served;
  const socket = await openSocketDoor(paths.socket, served).catch(async (error: unknown) => {
    await product.close('no door could be opened');
    throw error;
  });
  announce(null);
  // Somebody's page is open, or was a moment ago: it looks for its host at the address that it knows.
  if (readDoorMemory(paths, clock.now()))
    browserDoor().catch((error: unknown) => log.error('the browser door stays shut', error));
  const unwatch = watchIdle(
    clock,
    options.idleMs,
    served,
    product.activity,
    () => void stop('nothing to do').catch(() => {}),
  );
  log.info('host started', { pid: identity.pid, version });

  const close = async (why: string) => {
    log.info('host stops', { why });
    unwatch();
    removeEndpoint(paths, identity);
    socket.close();
    (await door?.catch(() => undefined))?.close();
    await Promise.all([served.close(), inTime(clock, product.close(why))]);
  };
  const stop = (why: string) => {
    if (!stopping) close(why).then(over.resolve, over.reject);
    stopping = true;
    return over.promise;
  };
  over.promise.catch(() => {});
  return { stop, stopped: over.promise };
}

const closeMs = 15_000;

async function inTime(clock: Clock, closing: Promise<void>): Promise<void> {
  let cancel = () => {};
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(closeMs, () => reject(new Error('the product did not close in time')));
  });
  await Promise.race([closing, late]).finally(() => cancel());
}
