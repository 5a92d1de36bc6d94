/** Ways out of the sandbox, tried one after another by `nightshift sandbox exec`: as whoever runs this, and as a normal user. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../contract/until.ts';
import { escapes } from '../fakes/escapes.ts';
import { scratch } from '../fakes/places.ts';
import { asRoot, type Ground, git, ground, marker, noSandbox, processesWith } from './sandbox-fixture.ts';

const starter = join(import.meta.dirname, '..', '..', 'resources', 'nightshift.mjs');
/** Of nobody that exists: a normal user needs no entry anywhere. */
const normal = 54_321;
const ownId = process.getuid?.() ?? 0;

interface Somebody {
  name: string;
  id: number | null;
  home: string;
}

/** Can somebody else start the program from here? A clone in a private home directory cannot be read. */
function withinReach(): boolean {
  const read = `require('node:fs').readFileSync(${JSON.stringify(starter)})`;
  return spawnSync(process.execPath, ['-e', read], { uid: normal, gid: normal, stdio: 'ignore' }).status === 0;
}

function everybody(): [string, number | null][] {
  const own: [string, null] = [asRoot ? 'root' : 'this user', null];
  return asRoot && !noSandbox && withinReach() ? [own, ['a normal user', normal]] : [own];
}

function chown(path: string, id: number): void {
  execFileSync('chown', ['-R', '-h', `${id}:${id}`, path]);
}

/** Starts it with a secret in its environment, and says what came of it. */
async function exec({ id, home }: Omit<Somebody, 'name'>, worktree: string, command: string, ...flags: string[]) {
  const env = { PATH: process.env.PATH, HOME: home, NIGHTSHIFT_HOME: '/dev/null/none', SECRET: word };
  const child = spawn(process.execPath, [starter, 'sandbox', 'exec', '--worktree', worktree, ...flags, '--', command], {
    ...{ env, stdio: ['ignore', 'pipe', 'pipe'] as const, cwd: '/' },
    ...(id === null ? {} : { uid: id, gid: id }),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  return { child, done: new Promise<number | null>((resolve) => child.once('close', resolve)), said };
}

const word = `canary${process.pid}word`;

/** What is kept and listens outside; each listener notes who came. */
async function outside(place: Ground, home: string, id: number | null) {
  const came: string[] = [];
  const listen = async (name: string, ...at: [number, string] | [string]): Promise<number> => {
    const server = createServer((socket) => {
      came.push(name);
      socket.on('error', () => {}).end();
    });
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(...(at as [number, string]), resolve));
    return (server.address() as AddressInfo | string as AddressInfo).port;
  };
  const port = await listen('any', 0, '::').catch(() => listen('any', 0, '0.0.0.0'));
  await listen('path', join(place.root, 's'));
  await listen('worktree', join(place.worktree, 'in.sock'));
  const abstract = `nightshift-${marker()}`;
  await listen('abstract', `\0${abstract}`);
  const datagrams = createSocket('udp6').on('message', () => came.push('datagram'));
  onTestFinished(() => void datagrams.close());
  await new Promise<void>((resolve) => datagrams.bind(0, '::', resolve));
  for (const path of [join(place.root, 's'), join(place.worktree, 'in.sock')]) chmodSync(path, 0o777);
  writeFileSync(join(home, 'canary'), word);
  if (id !== null) chown(place.root, id);
  if (id !== null) chown(home, id);
  const address = Object.values(networkInterfaces())
    .flat()
    .find((each) => each && !each.internal && each.family === 'IPv4');
  const variables = {
    ...{ HOST_CANARY: join(home, 'canary'), HOST_ROOT: place.root, HOST_HOME: home, HOST_WORD: word },
    ...{ HOST_TCP: port, HOST_UDP: datagrams.address().port, HOST_ABSTRACT: abstract },
    ...{ HOST_ADDRESS: address?.address ?? '127.0.0.1', HOST_PID: process.pid, HOST_SHM: 'nightshift-none' },
  };
  return { came, variables };
}

function filled(command: string, variables: Record<string, string | number>): string {
  const names = Object.keys(variables).sort((a, b) => b.length - a.length);
  return names.reduce(
    (text, name) => text.replaceAll(`$${name}`, String(variables[name])).replaceAll(name, String(variables[name])),
    command,
  );
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

function facts(place: Ground) {
  return {
    refs: git(place.worktree, 'for-each-ref'),
    status: git(place.worktree, 'status', '--short', '--untracked-files=no'),
    config: readFileSync(join(place.gitDirectory, 'config'), 'utf8'),
    link: readFileSync(join(place.worktree, '.git'), 'utf8'),
    root: readdirSync(place.root).sort(),
  };
}

describe.skipIf(noSandbox || process.arch !== 'x64').each(everybody())('%s (Linux on x86-64 only)', (_name, id) => {
  const home = () => {
    const folder = scratch('nightshift-home');
    if (id !== null) chown(folder, id);
    return folder;
  };

  test.each(Object.keys(escapes))(
    'no way out by %s [child-sees-nothing]',
    async (kind) => {
      const [place, own] = [ground(), home()];
      const { came, variables } = await outside(place, own, id);
      if (id !== null) chown(place.root, ownId);
      const before = facts(place);
      if (id !== null) chown(place.root, id);
      const tries = (escapes[kind] ?? []).map((each) => filled(each, variables));
      const script = tries.map(
        (each, at) =>
          `( cd /workspace; timeout 20 bash -c ${quoted(each)} ) >/dev/null 2>&1 </dev/null && echo open ${at}; :`,
      );
      const { done, said } = await exec(
        { id, home: own },
        place.worktree,
        `${script.join('\n')}\necho all`,
        '--timeout',
        '300',
      );
      const code = await done;
      const opened = said.out
        .split('\n')
        .flatMap((line) => (line.startsWith('open ') ? [tries[Number(line.slice(5))]] : []));
      expect({ opened, code, err: said.err, all: said.out.endsWith('all\n') }).toEqual({
        opened: [],
        code: 0,
        err: '',
        all: true,
      });
      expect(came).toEqual([]);
      if (id !== null) chown(place.root, ownId);
      expect(facts(place)).toEqual(before);
    },
    120_000,
  );

  test('limits hold, the code says which, and nothing is left', async () => {
    const [place, own] = [ground(), home()];
    if (id !== null) chown(place.root, id);
    const tag = marker();
    const cases: [command: string, code: number, ...flags: string[]][] = [
      [`sleep ${tag}`, 124, '--timeout', '1'],
      [`trap "" TERM INT HUP; sleep ${tag} & while :; do :; done`, 124, '--timeout', '1'],
      ['yes', 137],
      ['head -c 3G /dev/zero >/tmp/big', 1],
      ['truncate -s 3G big', 153],
      ['head -c 1G /dev/zero >/dev/shm/big', 1],
      [`b() { b | b & }; b; sleep ${tag}`, 124, '--timeout', '3'],
      ['for i in $(seq 5000); do exec {fd}</dev/null || exit 9; done', 9],
      ['perl -e \'my $x = "x" x (6 << 30)\'', 12],
      [`setsid -f nohup sleep ${tag} >/dev/null 2>&1; kill -9 -1; true`, 125],
      ['kill -SEGV $$', 139],
      ['exit 255', 255],
    ];
    const ended: [string, number | null][] = [];
    for (const [command, , ...flags] of cases) {
      const { done } = await exec({ id, home: own }, place.worktree, command, ...flags);
      ended.push([command, await done]);
    }
    expect(ended).toEqual(cases.map(([command, code]) => [command, code]));
    await until('all to be gone', () => processesWith(tag).length === 0);
  }, 120_000);

  test('after kill -9 in the middle nothing goes on, the next command works, and git outside executes nothing [nothing-executes]', async () => {
    const [place, own] = [ground(), home()];
    if (id !== null) chown(place.root, id);
    const tag = marker();
    const plant = [
      'mkdir -p evil/objects evil/refs sub/.git; echo "ref: refs/heads/x" | tee evil/HEAD >sub/.git/HEAD',
      `printf '[core]\\n\\tfsmonitor = touch ${place.root}/ran\\n' | tee evil/config >sub/.git/config`,
      `echo '* filter=x diff=x' >.gitattributes; printf '[filter "x"]\\n\\tclean = touch ${place.root}/ran\\n' >.gitconfig`,
      'echo "gitdir: /workspace/evil" >.git; mv .git x; rm -rf .git',
      `setsid -f sh -c 'while :; do echo "gitdir: evil" >.git; sleep 0.01; done' ${tag}; echo begun; sleep ${tag}`,
    ];
    const { child } = await exec({ id, home: own }, place.worktree, plant.join('\n'));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGKILL');
    await until('all to be gone', () => processesWith(tag).length === 0);
    const next = await exec({ id, home: own }, place.worktree, 'git log -1 --format=%s; printf err >&2; exit 3');
    expect({ code: await next.done, ...next.said }).toEqual({ code: 3, out: 'second\n', err: 'err' });
    if (id !== null) chown(place.root, ownId);
    git(place.worktree, 'status');
    git(place.worktree, 'diff');
    expect(readdirSync(place.root)).not.toContain('ran');
    expect(readFileSync(join(place.worktree, '.git'), 'utf8')).toMatch(/^gitdir: .*\/main\/\.git\/worktrees\/work\n$/);
  }, 60_000);
});

test.skipIf(noSandbox)('outside the sandbox the same ways are open: these checks can fail (Linux only)', async () => {
  const [place, own] = [ground(), scratch('nightshift-home')];
  const { came, variables } = await outside(place, own, null);
  const all = [...(escapes['files outside'] ?? []), ...(escapes['the network'] ?? [])].map((each) =>
    filled(each, variables),
  );
  const ways = all.filter((each) =>
    [
      /^cat \/tmp/,
      /connect\(\d+,'127/,
      /connect\(\d+,'::1/,
      /udp\/127/,
      /pack_sockaddr_un\("\/tmp/,
      /pack_sockaddr_un\("\\0[^"]*[0-9]"/,
    ].some((way) => way.test(each)),
  );
  const opened: string[] = [];
  for (const each of ways) if (await works(each, place.worktree)) opened.push(each);
  expect(ways).toHaveLength(6);
  // A datagram tells its sender nothing.
  expect(opened).toHaveLength(5);
  await until('all to have come', () => ['any', 'path', 'abstract', 'datagram'].every((each) => came.includes(each)));
});

/** Not while waiting: the listeners are this very process. */
async function works(command: string, cwd: string): Promise<boolean> {
  const child = spawn('bash', ['-c', command], { cwd, stdio: 'ignore' });
  return (await new Promise((resolve) => child.once('close', resolve))) === 0;
}
