/** Known ways out of sandboxes, one after the other: each must fail inside, and nothing may have changed outside. */
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { git, ground, hands, noSandbox, processesWith } from './sandbox-fixture.ts';

/** Every one of these must fail. */
const tricks: Record<string, string[]> = {
  'links and renames': [
    'ln /etc/passwd hard',
    'ln /usr/bin/env hard',
    'ln /repository.git/HEAD hard',
    'ln .git hard',
    'mv .git elsewhere',
    'mv /workspace /tmp/w',
    'ln -sfT /tmp .git',
    'cp --remove-destination notes.txt .git',
    'truncate -s 0 .git',
    'chmod 777 .git',
    'touch .git',
    'perl -e \'exit(syscall(316, -100, ".git", -100, "notes.txt", 2) == 0 ? 0 : 1)\'',
    'ln -s /root r && ls r/',
    'ln -s /proc/1/root r2 && ls r2/home',
    'ls /proc/1/cwd/../home /proc/self/root/home',
    'cat /proc/1/environ | grep -a HOME=/root',
    'ls /proc/*/fd/* 2>/dev/null | grep -v "pipe:\\|/dev/null\\|/proc\\|/opt/nightshift\\|/tmp/.pipes" | grep " /"',
    'find / -xdev -perm -4000 -newermt 2020-01-01 2>/dev/null -path "/workspace/*" | grep .',
  ],
  'the git directory': [
    'echo x > /repository.git/HEAD',
    'echo x > /repository.git/config',
    'echo x > /repository.git/commondir',
    'echo x > /repository.git/index.lock',
    'mkdir -p /repository.git/hooks',
    'mkdir -p /repository.git/modules/x',
    'mkdir /repository.git/worktrees/other',
    'echo x > /repository.git/worktrees/work/commondir',
    'echo x > /repository.git/worktrees/work/gitdir',
    'echo x > /repository.git/worktrees/work/config.worktree',
    'echo x > /repository.git/info/attributes',
    'echo x > /repository.git/info/exclude',
    'echo x > /repository.git/objects/info/alternates',
    'git add -A',
    'git hash-object -w notes.txt',
    'git update-ref refs/heads/x HEAD',
    'git pack-refs',
    'git config --worktree core.fsmonitor x',
    'git submodule add ./x',
    'git worktree add /tmp/x',
  ],
  'mounts, namespaces and privileges': [
    'mount -t tmpfs x /mnt',
    'mount --bind /tmp /workspace',
    'mount -o remount,rw,bind /usr',
    'umount /workspace/.git',
    'umount -l /workspace/.git',
    'umount /repository.git/objects',
    'unshare -Urm true',
    'unshare -n true',
    'unshare -p true',
    'unshare -i true',
    'unshare -T true',
    'nsenter -t 1 -m true',
    'setpriv --reuid=0 true',
    'chroot / true',
    'pivot_root . .',
    'hostname evil',
    // Opened, not written: should it work, the machine must not suffer.
    ...[
      '/proc/sys/kernel/core_pattern',
      '/proc/sys/vm/drop_caches',
      '/proc/sysrq-trigger',
      '/proc/1/mem',
      '/proc/irq/default_smp_affinity',
    ].map((file) => `perl -e 'open(F, ">>", "${file}") or exit 1'`),
    'echo -17 > /proc/1/oom_score_adj',
    'echo -1000 > /proc/self/oom_score_adj',
    'echo 0 > /proc/self/uid_map',
    'mknod d c 1 1',
    'mknod /tmp/d b 259 0',
    'cat /dev/mem /dev/kmem /dev/kmsg',
    'ls /sys/fs/cgroup',
    'dmesg',
    'bwrap --ro-bind / / true',
    'ulimit -d unlimited',
    'ulimit -f unlimited',
    'ulimit -n 1000000',
    'cp /bin/true s && chmod 2755 s',
    'cp /bin/true s && chmod u+s s',
    'mkdir g && chmod g+s g',
  ],
  'other processes': [
    'kill -9 1 && sleep 0.2 && kill -0 1 && false',
    "perl -e 'exit(syscall(101, 16, 1, 0, 0) == 0 ? 0 : 1)'",
    "perl -e 'exit(syscall(310, 1, 0, 0, 0, 0, 0) == 0 ? 0 : 1)'",
    "perl -e 'exit(syscall(438, 0, 0, 0) >= 0 ? 0 : 1)'",
    'perl -e \'my $c = "x"; exit(ioctl(STDIN, 0x5412, $c) ? 0 : 1)\'',
    "perl -e 'exit(syscall(425, 1, 0) >= 0 ? 0 : 1)'",
    "perl -e 'exit(syscall(321, 0, 0, 0) >= 0 ? 0 : 1)'",
    "perl -e 'exit(syscall(250, 0, -3, 0) >= 0 ? 0 : 1)'",
    "perl -e 'exit(syscall(304, 0, 0, 0) >= 0 ? 0 : 1)'",
    'perl -e \'exit(syscall(428, -100, "/", 0) >= 0 ? 0 : 1)\'',
    "perl -e 'exit(socket(S, 40, 1, 0) ? 0 : 1)'",
    "perl -e 'exit(socket(S, 17, 3, 0) ? 0 : 1)'",
    "perl -e 'exit(socket(S, 2, 3, 1) ? 0 : 1)'",
    "perl -e 'exit(socket(S, 38, 5, 0) ? 0 : 1)'",
    'ping -c 1 -W 1 127.0.0.1',
    'dbus-send --system --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames',
    'systemctl status',
    'docker ps',
    'crontab -l',
    'at now',
    'sudo -n true',
    'ssh-add -l',
    'ls /run/user /var/run /tmp/.X11-unix',
  ],
};

describe.skipIf(noSandbox)('tricks (Linux only)', () => {
  test.each(Object.keys(tricks))(
    'with %s all fail, and nothing outside has changed',
    async (kind) => {
      const place = ground();
      const { bash } = await hands(place);
      const before = {
        refs: git(place.worktree, 'for-each-ref'),
        link: readFileSync(join(place.worktree, '.git'), 'utf8'),
      };
      const listing = () =>
        execFileSync('find', [join(place.root, 'main'), '-printf', '%p %m %s\\n'], { encoding: 'utf8' });
      const main = listing();
      const worked: string[] = [];
      // Numbers of x64 mean other calls elsewhere.
      const own = (tricks[kind] ?? []).filter((trick) => process.arch === 'x64' || !trick.includes('syscall('));
      for (const trick of own) if ((await bash(`(${trick}) 2>&1`)).ok) worked.push(trick);
      expect(worked).toEqual([]);
      expect(git(place.worktree, 'for-each-ref')).toBe(before.refs);
      expect(readFileSync(join(place.worktree, '.git'), 'utf8')).toBe(before.link);
      expect(listing()).toBe(main);
      for (const name of readdirSync(place.worktree)) {
        const facts = lstatSync(join(place.worktree, name));
        expect(facts.isSymbolicLink() ? 0 : statSync(join(place.worktree, name)).mode & 0o6000, name).toBe(0);
      }
    },
    60_000,
  );

  test('what the host changes in its own git directory meanwhile opens nothing', async () => {
    const place = ground();
    const { bash } = await hands(place);
    const main = join(place.root, 'main');
    git(main, 'config', 'user.name', 'Somebody');
    git(place.worktree, 'update-index', '--refresh', '--force-write-index');
    writeFileSync(join(place.gitDirectory, 'config.new'), '');
    for (const trick of [
      'echo x > /repository.git/config',
      'echo x > .git',
      'echo x > /repository.git/packed-refs',
      'rm .git',
    ])
      expect((await bash(trick)).ok, trick).toBe(false);
    expect((await bash('git log -1 --format=%s')).text).toBe('second');
    expect(readFileSync(join(place.gitDirectory, 'config'), 'utf8')).toContain('Somebody');
  });

  test('of two sandboxes on one worktree, the one that goes takes nothing from the one that stays', async () => {
    const place = ground();
    const [going, staying] = [await hands(place), await hands(place)];
    await going.close();
    for (const trick of ['echo x > .git', 'rm -rf .git', 'mv .git x', 'mkdir /repository.git/hooks'])
      expect((await staying.bash(trick)).ok, trick).toBe(false);
    expect((await staying.bash('git status --short')).text).toBe('(no output)');
  });

  test('a process of the host can be neither seen nor signalled', async () => {
    const { bash } = await hands();
    const pids = processesWith('vitest');
    expect(pids.length).toBeGreaterThan(0);
    expect((await bash('ps -eo args')).text).not.toContain('vitest');
    for (const pid of pids.slice(0, 5))
      expect((await bash(`ls /proc/${pid}/exe && readlink /proc/${pid}/exe | grep vitest`)).ok).toBe(false);
    expect(existsSync(`/proc/${pids[0]}`)).toBe(true);
  });
});
