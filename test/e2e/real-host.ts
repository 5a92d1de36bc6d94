/** A real host in a home of its own, opened the way a person does it: `nightshift open`. Nothing of it stays. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../..');
const cli = join(root, 'src-main/cli/main.ts');
const run = promisify(execFile);

export interface RealHost {
  /** One-time address. */
  url: string;
  home: string;
  /** Runs the terminal door; gives its `--json` answer. */
  nightshift(...args: string[]): Promise<unknown>;
  git(directory: string, ...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

interface How {
  /** How fast recorded answers are spoken; 0: at once. */
  pace?: string;
  env?: NodeJS.ProcessEnv;
  /** What an administrator's file says: for this host alone, which gets an `/etc` of its own. Needs root on Linux. */
  managed?: object;
}

export async function startRealHost({ pace = '0', env: more = {}, managed }: How = {}): Promise<RealHost> {
  const home = mkdtempSync(join(tmpdir(), 'nightshift-e2e-'));
  const runtime = join(home, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  // No user manager, session bus or key of whoever runs the tests.
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    HOME: home,
    XDG_RUNTIME_DIR: runtime,
    NIGHTSHIFT_HOME: join(home, 'data'),
    NIGHTSHIFT_REHEARSAL_PACE: pace,
    ...more,
  };
  const open = [process.execPath, cli, 'open', '--no-browser', '--json'];
  const [program = '', ...args] = managed ? withManaged(home, managed, open) : open;
  const view = spawn(program, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const nightshift = async (...args: string[]) => {
    const { stdout } = await run(process.execPath, [cli, ...args, '--json'], { env });
    return stdout.trim() ? (JSON.parse(stdout) as unknown) : null;
  };
  return {
    url: await addressFrom(view),
    home,
    nightshift,
    git: async (directory, ...args) => (await run('git', ['-C', directory, ...args], { env })).stdout.trim(),
    async stop() {
      const ended = new Promise((settle) => view.once('exit', settle));
      view.kill('SIGTERM');
      await ended;
      await nightshift('host', 'stop', '--force');
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** The command in a mount namespace of its own, where `/etc` holds the file beside what it holds anyway. */
function withManaged(home: string, managed: object, command: string[]): string[] {
  const file = join(home, 'managed-settings.json');
  const layers = join(home, 'layers');
  mkdirSync(layers);
  writeFileSync(file, JSON.stringify(managed));
  const mount = [
    'set -e',
    `mount -t tmpfs none "${layers}"`,
    `mkdir -p "${layers}/upper/nightshift" "${layers}/work"`,
    `cp "${file}" "${layers}/upper/nightshift/managed-settings.json"`,
    `mount -t overlay overlay -o "lowerdir=/etc,upperdir=${layers}/upper,workdir=${layers}/work" /etc`,
    'exec "$@"',
  ];
  return ['unshare', '--mount', 'sh', '-c', mount.join('\n'), 'sh', ...command];
}

function addressFrom(view: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let errors = '';
    view.stderr?.on('data', (data: Buffer) => {
      errors += data.toString();
    });
    if (view.stdout)
      createInterface({ input: view.stdout }).once('line', (line) => found((JSON.parse(line) as { url: string }).url));
    view.once('exit', (code) => failed(new Error(`nightshift open ended with ${code}: ${errors}`)));
  });
}
