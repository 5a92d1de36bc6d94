/** A scratch profile: home, data directory, repository and model of its own; nothing of the person's is in it. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDemo } from '#host/demo/create.ts';
import { type Paths, resolvePaths } from '#host/paths.ts';
import { endProcess, processesOf } from './leftovers.ts';
import { type ScriptedModel, startScriptedModel } from './scripted-model.ts';

export interface Profile {
  /** Holds everything; every process of the profile has this path in its environment or arguments. */
  folder: string;
  env: Record<string, string>;
  paths: Paths;
  repository: string;
  model: ScriptedModel;
  /** Every byte of the repository but what Nightshift keeps for its own branches and worktrees. */
  fingerprint(): string;
  /** Removes it all. */
  close(): Promise<void>;
}

export interface ProfileOptions {
  /** What the scripted model does first. */
  command: string;
  /** Name of the data directory within the home. */
  data?: string;
}

/** Begins the name of every scratch folder of a drill, followed by the process that owns it. */
const mark = 'nightshift-drill-';

/** Throws `repo.git_failed` where git is missing. */
export async function openProfile({ command, data = 'data' }: ProfileOptions): Promise<Profile> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), `${mark}${process.pid}-`));
  const home = join(folder, 'home');
  const runtime = join(folder, 'run');
  mkdirSync(home);
  mkdirSync(runtime, { mode: 0o700 });
  const model = await startScriptedModel(command);
  const { PATH = '/usr/bin:/bin', SystemRoot } = process.env;
  const env: Record<string, string> = {
    ...{ PATH, HOME: home, XDG_RUNTIME_DIR: runtime, TZ: 'UTC', LANG: 'C.UTF-8' },
    ...{ XDG_CONFIG_HOME: join(home, '.config'), XDG_DATA_HOME: join(home, '.local', 'share') },
    ...(SystemRoot ? { SystemRoot, LOCALAPPDATA: join(home, 'AppData') } : {}),
    ...{ NIGHTSHIFT_HOME: join(home, data), NIGHTSHIFT_IDLE_MS: '1000', NIGHTSHIFT_KEYCHAIN: 'off' },
    ...{ ANTHROPIC_API_KEY: model.key, ANTHROPIC_BASE_URL: model.url },
  };
  const close = async () => {
    await model.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  };
  const repository = join(folder, 'repository');
  try {
    await createDemo({ directory: repository });
  } catch (error) {
    await close();
    throw error;
  }
  const paths = resolvePaths(env);
  return { folder, env, paths, repository, model, fingerprint: () => fingerprint(repository), close };
}

/** Another container may share the folder, whose processes are not seen from here; no drill lasts so long. */
const oldMs = 3_600_000;

/** What a drill left behind whose process was killed: folders, and whatever still runs in them. */
export function removeOldProfiles(): void {
  const place = realpathSync(tmpdir());
  for (const name of readdirSync(place)) {
    const pid = Number(name.startsWith(mark) ? name.slice(mark.length).split('-')[0] : Number.NaN);
    if (!Number.isInteger(pid) || lives(pid)) continue;
    const folder = join(place, name);
    const found = statSync(folder, { throwIfNoEntry: false });
    if (!found || Date.now() - found.mtimeMs < oldMs || found.uid !== (process.getuid?.() ?? found.uid)) continue;
    for (const left of processesOf(folder) ?? []) endProcess(left.pid);
    rmSync(folder, { recursive: true, force: true });
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const ownPlaces = /\.git\/(worktrees|objects|refs\/(heads\/)?nightshift|logs\/refs\/heads\/nightshift|packed-refs)/;

function fingerprint(directory: string): string {
  const hash = createHash('sha256');
  const walk = (at: string) => {
    for (const name of readdirSync(at).sort()) {
      const path = join(at, name);
      if (ownPlaces.test(path)) continue;
      if (statSync(path).isDirectory()) walk(path);
      else hash.update(path).update(readFileSync(path));
    }
  };
  walk(directory);
  return hash.digest('hex');
}
