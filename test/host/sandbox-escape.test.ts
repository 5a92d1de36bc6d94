/** The child reaches nothing it was not handed: what a run's Bash tries from inside, and what is seen from outside. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { web } from './egress-fixture.ts';
import { asRoot, ground, hands, noSandbox, runner } from './sandbox-fixture.ts';

describe.skipIf(noSandbox)('from inside a run (Linux only)', () => {
  test('no home directory, key or secret of the system is there [child-sees-nothing]', async () => {
    const { bash } = await hands();
    for (const command of [
      'cat ~/.ssh/id_rsa',
      'ls /home',
      'ls /root',
      `ls ${homedir()}`,
      'cat /etc/shadow',
      'ls /var',
      'ls /etc/ssl/private',
    ]) {
      expect(await bash(command), command).toMatchObject({ ok: false, text: expect.stringContaining('No such file') });
    }
    expect((await bash('ls -A ~')).text).toBe('(no output)');
  });

  test('no other repository and no other run is there, by any path [child-sees-nothing]', async () => {
    const { bash, place } = await hands();
    for (const path of [
      place.root,
      join(place.root, 'main'),
      place.worktree,
      '/repository.git/worktrees/other',
      '/repository.git/hooks',
    ]) {
      expect((await bash(`ls ${path}`)).ok, path).toBe(false);
    }
    expect((await bash('ls /proc/1/root/home /proc/self/root/home')).ok).toBe(false);
  });

  test('a listener on the host loopback is not reached [child-sees-nothing]', async () => {
    let reached = 0;
    const server = createServer((socket) => {
      reached++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const { port } = server.address() as AddressInfo;
    expect(spawnSync('bash', ['-c', `echo > /dev/tcp/127.0.0.1/${port}`]).status).toBe(0);
    const { bash } = await hands();
    for (const command of [
      `exec 3<>/dev/tcp/127.0.0.1/${port}`,
      `curl -sS --max-time 5 http://127.0.0.1:${port}/`,
      `node -e "require('net').connect(${port}, '127.0.0.1').on('error', () => process.exit(7))"`,
      'exec 3<>/dev/udp/1.1.1.1/53',
    ]) {
      expect((await bash(command)).ok, command).toBe(false);
    }
    expect(reached).toBe(1);
  });

  test('nothing outside the worktree can be written', async () => {
    const { bash, place } = await hands();
    const targets = [
      '/',
      '/etc',
      '/usr',
      '/usr/local/bin',
      '/dev',
      '/opt/nightshift',
      '/opt/nightshift/child',
      '/repository.git',
    ];
    for (const target of [...targets, '/repository.git/refs/heads', '/repository.git/objects', '/proc/sys/kernel']) {
      expect((await bash(`echo x > ${target}/nightshift-probe`)).ok, target).toBe(false);
    }
    expect((await bash('echo x > /workspace/.git')).ok).toBe(false);
    expect((await bash('rm -f /workspace/.git || mv /workspace/.git /workspace/git')).ok).toBe(false);
    // The sandbox has a /tmp of its own: this may work inside, and changes nothing here.
    await bash(`mkdir -p ${place.root}/main && echo x > ${place.root}/main/x`);
    expect(readdirSync(join(place.root, 'main'))).toEqual(['.git', '.gitignore', 'notes.txt']);
    expect((await bash('echo here > made.txt')).ok).toBe(true);
    expect(readFileSync(join(place.worktree, 'made.txt'), 'utf8')).toBe('here\n');
  });

  test('a run that may only read cannot write its worktree', async () => {
    const { bash, call, place, enforced } = await hands(ground(), {}, 'read');
    expect((await bash('echo x > made.txt')).ok).toBe(false);
    expect(await call('Write', { file_path: 'made.txt', content: 'x' })).toMatchObject({
      ok: false,
      code: 'tool.read_only',
    });
    expect(existsSync(join(place.worktree, 'made.txt'))).toBe(false);
    expect(enforced).toContain('worktree read-only');
  });

  test('no variable of the host comes in', async () => {
    process.env.ANTHROPIC_API_KEY = 'sk-must-not-be-seen';
    onTestFinished(() => {
      delete process.env.ANTHROPIC_API_KEY;
    });
    const { bash } = await hands();
    const { text } = await bash('env; cat /proc/*/environ | tr "\\0" "\\n"');
    expect(text).not.toContain('sk-must-not-be-seen');
    expect(text).toContain('HOME=/tmp/home');
  });

  test('no open file of the host comes in', async () => {
    const secret = join(ground().root, 'secret');
    writeFileSync(secret, 'secret');
    // Shells hand on what is not close-on-exec; 250 lies beyond where Node itself looks at its start.
    const place = ground();
    const orders = JSON.stringify({ ...place, commands: ['ls /proc/self/fd; cat <&250'], stay: false });
    const shell = spawnSync(
      'bash',
      ['-c', 'exec 250<"$1"; exec "$2" "$3" "$4"', 'x', secret, process.execPath, runner, orders],
      {
        encoding: 'utf8',
      },
    );
    expect(shell.stderr).toBe('');
    expect(JSON.parse(shell.stdout).results[0].text).toMatch(/^0\n1\n2\n3\n.*Bad file descriptor/s);
  });

  test('there are no privileges to be had', async () => {
    const { bash } = await hands();
    for (const command of [
      'unshare -U true',
      'unshare -Ur true',
      'mount -t tmpfs x /tmp',
      'umount /usr',
      'mount -o remount,rw /',
      'chroot /tmp true',
      'su -c true',
      'mknod /tmp/sda b 8 0',
    ]) {
      expect((await bash(command)).ok, command).toBe(false);
    }
    expect((await bash('grep -E "^Cap(Eff|Prm|Bnd|Amb)" /proc/self/status | grep -v 0000000000000000')).text).toBe(
      'Exit code 1',
    );
    expect((await bash('ps -e -o comm= | sort -u')).text).toMatch(/^(MainThread\n)?bash\nbwrap\n(node\n)?ps(\nsort)?$/);
  });

  test.skipIf(process.arch !== 'x64')(
    'system calls that lead out are refused, usual ones are not (numbers of x64 only)',
    async () => {
      const { bash, enforced } = await hands();
      expect(enforced).toContain('dangerous system calls refused');
      const call = (...numbers: number[]) => bash(`perl -e 'exit(syscall(${numbers.join(', ')}) >= 0 ? 0 : $!+0)'`);
      const [eperm, enosys] = [1, 38];
      expect((await call(41, 40, 1, 0)).exitCode, 'socket(AF_VSOCK)').toBe(eperm);
      for (const family of [1, 2, 10]) expect((await call(41, family, 1, 0)).exitCode, `socket(${family})`).toBe(0);
      for (const number of [321, 425, 250, 298, 323])
        expect((await call(number, 0, 0, 0, 0, 0)).exitCode, `call ${number}`).toBe(eperm);
      expect((await call(437, 0, 0, 0, 0)).exitCode, 'openat2').toBe(enosys);
      expect((await call(0x40000027)).exitCode, 'an x32 call').toBe(null);
    },
  );

  test('no file in the worktree can be made to run as its owner', async () => {
    const { bash, place } = await hands();
    for (const command of [
      'cp /bin/true f && chmod 4755 f',
      'install -m 4755 /bin/true g',
      "perl -e 'sysopen(F, q(h), 0101, 04755) or exit 1'",
    ]) {
      expect((await bash(command)).ok, command).toBe(false);
    }
    expect((await bash('cp /bin/true i && chmod 755 i && ./i && (umask 0; touch j) && stat -c %a j')).text).toBe('666');
    expect(readdirSync(place.worktree).filter((name) => statSync(join(place.worktree, name)).mode & 0o4000)).toEqual(
      [],
    );
  });

  test('shared memory and host names of the machine are its own', async () => {
    const { bash } = await hands();
    expect((await bash('hostname || cat /proc/sys/kernel/hostname')).text).toBe('sandbox');
    expect((await bash('ipcs -m | grep -c 0x')).text).toMatch(/^0\n/);
  });
});

test.skipIf(noSandbox || !asRoot)('a normal user gets the same sandbox (needs root, to become one)', async () => {
  const place = ground();
  const marked = join(place.root, 'secret-of-root');
  writeFileSync(marked, 'x');
  chmodSync(marked, 0o600);
  spawnSync('chown', ['-R', '65534:65534', place.root]);
  const [site, secret] = [await web(), await web()];
  const commands = [
    'cat ~/.ssh/id_rsa',
    'ls /home /root',
    'echo x > /usr/x',
    'exec 3<>/dev/tcp/127.0.0.1/22',
    'unshare -U true',
    'git commit --allow-empty -m x',
    'perl -e "exit(syscall(272, 0x10000000) == 0 ? 0 : 1)"',
    `curl -sSf http://127.0.0.1:${secret.port}/`,
    `curl -sSf --noproxy "" http://localhost:${secret.port}/`,
  ];
  const works = [
    `curl -sS http://127.0.0.1:${site.port}/`,
    'git status --short',
    'echo ok > made.txt && cat made.txt',
    'id -un',
  ];
  const orders = JSON.stringify({
    ...place,
    commands: [...commands, ...works],
    stay: false,
    network: { allow: [`127.0.0.1:${site.port}`], allowPrivate: true },
  });
  const program = ownCopy(place.root);
  const user = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  const child = await finished(
    spawn('setpriv', [...user, process.execPath, program, orders], { cwd: '/', env: { PATH: process.env.PATH } }),
  );
  expect(child.stderr).toBe('');
  const { enforced, results } = JSON.parse(child.stdout);
  for (const [index, command] of commands.entries()) expect(results[index].ok, command).toBe(false);
  expect(results.slice(commands.length).map(({ text }: { text: string }) => text)).toEqual([
    'hello',
    '(no output)',
    'ok',
    'nightshift',
  ]);
  expect(enforced).toEqual(
    expect.arrayContaining(['at most 512 processes', 'the proxy answers', 'no new user namespace']),
  );
  expect(secret.connections()).toBe(0);
});

/** Not `spawnSync`: the servers that it asks are in this process. */
async function finished(child: ChildProcess): Promise<{ stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  await new Promise((resolve) => child.once('close', resolve));
  return said;
}

/** Where a checkout lies in a home directory that others cannot enter, the other user gets a copy of what it needs. */
function ownCopy(root: string): string {
  const reachable =
    spawnSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', 'test', '-r', runner]).status === 0;
  if (reachable) return runner;
  const product = join(import.meta.dirname, '..', '..');
  const copy = join(root, 'product');
  mkdirSync(copy);
  for (const part of [
    'package.json',
    'resources',
    'src-main',
    'test/host',
    'node_modules/zod',
    'node_modules/ipaddr.js',
    'node_modules/@anthropic-ai',
  ]) {
    cpSync(join(product, part), join(copy, part), { recursive: true });
  }
  spawnSync('chown', ['-R', '65534:65534', copy]);
  return join(copy, 'test', 'host', 'sandbox-runner.ts');
}
