/** Tries from the inside what must not work where the sandbox is a list of rules and not a view of its own. */
import { accessSync, closeSync, constants, openSync, readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Real paths of this machine, and things that are there only to be out of reach. */
export interface Ground {
  worktree: string;
  scratch: string;
  /** Of the person. */
  home: string;
  /** A folder with the file `kept` in it, outside of everything that is shown. */
  outside: string;
  /** Something listens there, on loopback. */
  port: number;
  /** Of a process outside. */
  process: number;
  /** The worktree belongs to a repository. */
  git: boolean;
}

interface Probe {
  name: string;
  held: boolean;
}

const secret = /key|token|secret|password|credential|cookie/i;

export async function probeGround(ground: Ground, access: 'write' | 'read'): Promise<Probe[]> {
  const { worktree, scratch, home, outside, git } = ground;
  const fails = (what: () => unknown): boolean => {
    try {
      what();
      return false;
    } catch {
      return true;
    }
  };
  const unwritable = (folder: string) => fails(() => write(folder));
  return [
    { name: 'home directory unreadable', held: fails(() => readdirSync(home)) },
    { name: 'other files unreadable', held: fails(() => readFileSync(join(outside, 'kept'))) },
    {
      name: "only the worktree and the run's own folder writable",
      held: [home, outside, '/', '/tmp', '/var/tmp', '/usr/local'].every(unwritable) && !unwritable(scratch),
    },
    { name: 'no network', held: !(await reaches(ground.port)) },
    { name: 'processes of the host out of reach', held: fails(() => process.kill(ground.process, 0)) },
    {
      name: 'no secrets in the environment',
      held: !Object.keys(process.env).some((name) => secret.test(name) && !name.startsWith('GIT_CONFIG_')),
    },
    ...(git
      ? [
          {
            name: 'git directory read-only',
            held:
              fails(() => accessSync(join(worktree, '.git'), constants.W_OK)) && unwritable(process.env.GIT_DIR ?? '/'),
          },
        ]
      : []),
    ...(access === 'read' ? [{ name: 'worktree read-only', held: unwritable(worktree) }] : []),
  ];
}

/** Leaves nothing behind; throws when it may not. */
function write(folder: string): void {
  const file = join(folder, `.nightshift-probe-${process.pid}`);
  closeSync(openSync(file, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600));
  unlinkSync(file);
}

function reaches(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = process.getBuiltinModule('node:net').connect({ host: '127.0.0.1', port });
    const answer = (reached: boolean): void => {
      socket.destroy();
      resolve(reached);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
    socket.setTimeout(2000, () => answer(false));
  });
}
