/** Where one data directory keeps its things. Nothing else in the product builds such a path. */
import { homedir, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';

export interface Paths {
  /** The data directory, absolute. */
  data: string;
  /** One folder per routine. */
  routines: string;
  /** One git worktree per run. */
  worktrees: string;
  /** Clean checkouts for checks; may be emptied at any time when no host runs. */
  checkouts: string;
  /** One folder for each repository that runs remember something of. */
  memory: string;
  /** Append-only records, one file per run; in no sandbox's view. */
  audit: string;
  /** Keys encrypted with a passphrase, where the person chose that over the keychain. */
  vault: string;
  database: string;
  leaseDatabase: string;
  /** 0600; says where the host listens. */
  endpoint: string;
  /** Unix socket, or named pipe on Windows; short enough for the 107 bytes that a socket path may have. */
  socket: string;
  settings: string;
  /** What model addresses say of their models; may be deleted at any time. */
  models: string;
  log: string;
  /** What the host process printed; only of use when it could not log. */
  output: string;
  /** Why the last host could not start; read by whoever started it. */
  startError: string;
  /** Where the demo repository is created. */
  demo: string;
  /** Starts every OS unit's name: `nightshift` for the default data directory, with a hash for others. */
  unitPrefix: string;
}

/** `env.NIGHTSHIFT_HOME` wins; otherwise the platform's place for application data. */
export function resolvePaths(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): Paths {
  const usual = usualPlace(env, platform);
  const data = env.NIGHTSHIFT_HOME ? resolve(env.NIGHTSHIFT_HOME) : usual;
  return {
    data,
    routines: join(data, 'routines'),
    worktrees: join(data, 'worktrees'),
    checkouts: join(data, 'checkouts'),
    memory: join(data, 'memory'),
    audit: join(data, 'audit'),
    vault: join(data, 'vault.json'),
    database: join(data, 'nightshift.db'),
    leaseDatabase: join(data, 'lease.db'),
    endpoint: join(data, 'endpoint.json'),
    socket: socketPath(data, env, platform),
    settings: join(data, 'settings.json'),
    models: join(data, 'models.json'),
    log: join(data, 'host.log'),
    output: join(data, 'host-output.log'),
    startError: join(data, 'start-error.json'),
    demo: join(data, 'demo', 'orders-service'),
    get unitPrefix() {
      return data === usual ? 'nightshift' : `nightshift-${hashOf(data)}`;
    },
  };
}

function usualPlace(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const home = env.HOME || homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Nightshift');
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'Nightshift');
  return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'nightshift');
}

/** Loaded only where it is asked for: what the OS timer starts passes here, and seldom needs it. */
function hashOf(text: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}

function socketPath(data: string, env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'win32') return `\\\\.\\pipe\\nightshift-${hashOf(data)}`;
  const near = join(data, 'host.sock');
  if (Buffer.byteLength(near) <= 100) return near;
  return join(env.XDG_RUNTIME_DIR || tmpdir(), `nightshift-${userInfo().uid}-${hashOf(data)}.sock`);
}
