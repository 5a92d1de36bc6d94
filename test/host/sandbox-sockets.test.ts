/** Sockets of this machine's programs that lie in a worktree: no run speaks to them; its own are its own. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findHostSockets } from '#host/sandbox/host-sockets-linux.ts';
import { until } from '../contract/until.ts';
import { scratch } from '../fakes/places.ts';
import { git, ground, hands, noSandbox } from './sandbox-fixture.ts';

/** A listener of this very process; counts who came. */
async function listenAt(path: string): Promise<() => number> {
  let came = 0;
  const server = createServer((socket) => {
    came++;
    socket.on('error', () => {}).end('host\n');
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
  return () => came;
}

/** A program that binds a name relative to `folder`, as `type`, and notes each word or caller. */
async function bindIn(folder: string, name: string, type: 'STREAM' | 'DGRAM'): Promise<() => string> {
  const notes = join(scratch(), 'notes');
  const script = `
    socket(my $s, PF_UNIX, SOCK_${type}, 0) or die; bind($s, pack_sockaddr_un($ARGV[0])) or die;
    ${type === 'STREAM' ? 'listen($s, 5) or die;' : ''}
    open(my $n, ">>", $ARGV[1]); $n->autoflush(1); print $n "ready\\n";
    while (1) { ${type === 'STREAM' ? 'accept(my $c, $s); my $w = "came";' : 'recv($s, my $w, 99, 0);'} print $n "$w\\n" }`;
  const child = spawn('perl', ['-MSocket', '-MIO::Handle', '-e', script, name, notes], { cwd: folder });
  onTestFinished(() => void child.kill('SIGKILL'));
  writeFileSync(notes, '');
  const said = () => readFileSync(notes, 'utf8');
  await until('it to be bound', () => said().includes('ready'));
  return said;
}

const connect = (path: string, type = 'STREAM') =>
  `perl -MSocket -e 'socket(S,PF_UNIX,SOCK_${type},0);exit(connect(S,pack_sockaddr_un("${path}"))&&send(S,"x",0)?0:1)'`;

describe.skipIf(noSandbox)('sockets of the machine in a worktree (Linux only)', () => {
  test('one that is there is not reached, by no name, and cannot be moved out from under its cover [child-sees-nothing]', async () => {
    const place = ground();
    mkdirSync(join(place.worktree, 'deep'));
    const came = [
      await listenAt(join(place.worktree, 'app.sock')),
      await listenAt(join(place.worktree, 'deep/a b.sock')),
    ];
    const { bash, enforced } = await hands(place);
    expect(enforced.join()).toContain("other programs' sockets in the worktree out of reach");
    const tries = [
      connect('/workspace/app.sock'),
      connect('./app.sock'),
      connect('deep/a b.sock'),
      `ln -s app.sock link; ${connect('link')}`,
      `ln app.sock hard && ${connect('hard')}`,
      `mv app.sock other && ${connect('other')}`,
      `mv deep moved; ${connect('moved/a b.sock')}`,
      `cd moved; ${connect('a b.sock')}`,
      connect('/proc/self/cwd/app.sock'),
      `rm -f app.sock && ${connect('app.sock')}`,
      'curl -sS --unix-socket app.sock http://x/',
    ];
    for (const each of tries) expect((await bash(each)).ok, each).toBe(false);
    expect(came.map((count) => count())).toEqual([0, 0]);
    expect(git(place.worktree, 'ls-files')).toContain('notes.txt');
  });

  test.each(['STREAM', 'DGRAM'] as const)('one bound by a relative name (%s) is not reached', async (type) => {
    const place = ground();
    mkdirSync(join(place.worktree, 'sub'));
    const said = await bindIn(join(place.worktree, 'sub'), 'r.sock', type);
    const { bash } = await hands(place);
    expect((await bash(connect('sub/r.sock', type))).ok).toBe(false);
    expect((await bash('true')).ok).toBe(true);
    expect(said()).not.toMatch(/x|came\n.*came/s);
  });

  test('one that comes later ends the run, which says why', async () => {
    const place = ground();
    const { bash } = await hands(place);
    expect((await bash('echo still here')).text).toBe('still here');
    const path = join(place.worktree, 'late.sock');
    const waiting = bash('sleep 60', 60_000).then(
      () => 'answered',
      (fault) => `${fault.code} ${fault.message}`,
    );
    await listenAt(path);
    expect(await waiting).toBe(
      `sandbox.died A program of this machine listens at ${path}, in the worktree: the sandbox was ended.`,
    );
  });

  test('one that is made anew in place of a covered one ends it, too', async () => {
    const place = ground();
    const path = join(place.worktree, 'app.sock');
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const { bash } = await hands(place);
    await new Promise((resolve) => server.close(resolve));
    await listenAt(path);
    await expect(bash('sleep 60', 60_000)).rejects.toMatchObject({ code: 'sandbox.died' });
  });

  test('a run’s own sockets work, anywhere it may write, also when host programs talk elsewhere', async () => {
    const place = ground();
    const came = await listenAt(join(scratch(), 'elsewhere.sock'));
    const { bash } = await hands(place);
    for (const path of ['/workspace/own.sock', '/tmp/own.sock']) {
      const serve = `const s = require('net').createServer((c) => c.end('own')).listen('${path}', () => {
        require('net').connect('${path}').on('data', (d) => { process.stdout.write(d); s.close() }) })`;
      expect(await bash(`node -e "${serve.replaceAll('"', '\\"')}"`)).toMatchObject({ ok: true, text: 'own' });
    }
    expect(came()).toBe(0);
    expect((await bash('true')).ok).toBe(true);
  });

  test('what a run left behind is no reason to refuse the next one', async () => {
    const place = ground();
    const first = await hands(place);
    await first.bash(
      `perl -MSocket -e 'socket(S,PF_UNIX,SOCK_STREAM,0);bind(S,pack_sockaddr_un("left.sock"));listen(S,1)'`,
    );
    await first.close();
    const { bash } = await hands(place);
    expect((await bash('rm left.sock && echo gone')).text).toBe('gone');
  });

  test('where the kernel’s list cannot be had, the whole worktree is looked through first', async () => {
    const { worktree } = ground();
    await listenAt(join(worktree, 'app.sock'));
    const found = await findHostSockets(worktree, join(scratch(), 'none'));
    expect(found.present).toEqual(['app.sock']);
    expect(await found.lookThrough()).toBe(null);
  });

  test('one of another network namespace is found by looking, before the first call', async () => {
    const { worktree } = ground();
    await listenAt(join(worktree, 'app.sock'));
    const list = join(scratch(), 'unix');
    writeFileSync(list, 'Num       RefCount Protocol Flags    Type St Inode Path\n');
    const found = await findHostSockets(worktree, list);
    expect(found.present).toEqual([]);
    expect(await found.lookThrough()).toBe(join(worktree, 'app.sock'));
  });
});
