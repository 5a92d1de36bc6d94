/** Installs Debian packages without questions, within bounded time, and says what did not work. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

/** Seconds that one call may take; chromium on a slow line is the largest thing asked for. */
const limit = 600;
const options = [
  '-o',
  'Acquire::Retries=1',
  '-o',
  'Acquire::http::Timeout=20',
  '-o',
  'Acquire::https::Timeout=20',
  '-o',
  'DPkg::Lock::Timeout=120',
];

/**
 * Needs root. Returns the names that could not be installed, with the reason in the installer's own last words.
 * `run(args)` → `{ ok, problem }` and `listsThere()` are replaceable for tests.
 * @param {string[]} packages
 */
export function aptInstall(packages, { run = runApt, listsThere = haveLists } = {}) {
  const install = (names) => run(['install', '-y', '--no-install-recommends', ...names]);
  let fresh = listsThere() ? null : run(['update']);
  let done = install(packages);
  if (done.ok) return { failed: [], problem: '' };
  // Old lists name files that are gone from the mirror.
  if (fresh === null) {
    fresh = run(['update']);
    if (fresh.ok) done = install(packages);
    if (done.ok) return { failed: [], problem: '' };
  }
  if (!fresh.ok) return { failed: packages, problem: `no package lists (offline?): ${fresh.problem}` };
  // One package that this release lacks must not keep the others away.
  const failed = packages.length === 1 ? packages : packages.filter((name) => !install([name]).ok);
  return { failed, problem: failed.length === 0 ? '' : done.problem };
}

function runApt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const done = spawnSync('apt-get', [...options, '-qq', ...args], {
    ...{ env, encoding: 'utf8', timeout: limit * 1000, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 * 1024 },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = `${done.stderr ?? ''}`
    .trim()
    .split('\n')
    .findLast((line) => /^[EW]:/.test(line));
  const warned = args[0] === 'update' && /^(W: Failed|E:)/m.test(done.stderr ?? '');
  const problem =
    done.error?.code === 'ETIMEDOUT' ? `took more than ${limit / 60} minutes` : (said ?? `exit code ${done.status}`);
  return { ok: done.status === 0 && !warned, problem };
}

function haveLists() {
  try {
    return readdirSync('/var/lib/apt/lists').some((name) => name.includes('_Packages'));
  } catch {
    return false;
  }
}
