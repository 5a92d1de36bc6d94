/** Every word of the sandbox's policy: a change here is a change of what a run may do. */
import { describe, expect, test } from 'vitest';
import { unshareCall } from '#host/sandbox/kernel-script-linux.ts';
import { defaultLimits, limitProbes, size } from '#host/sandbox/limits.ts';
import { firstFileDescriptor, type GitView, policy, type View } from '#host/sandbox/policy-linux.ts';
import { systemCallFilter } from '#host/sandbox/seccomp-linux.ts';

const limits = { ...defaultLimits(16 * 1024 ** 3), processes: 512 };
const git: GitView = {
  base: '/repository.git',
  covered: false,
  shown: [{ source: '/r/.git/objects', target: '/repository.git/objects' }],
  supplied: [
    { target: '/repository.git/config', content: '[core]\n', over: false },
    { target: '/workspace/.git', content: 'gitdir: /repository.git/worktrees/w\n', over: true },
  ],
  sealed: [],
};
const view: View = {
  system: [
    { path: '/bin', link: 'usr/bin' },
    { path: '/lib', link: null },
  ],
  etc: ['/etc/localtime'],
  program: [{ source: '/p/node', target: '/opt/nightshift/bin/node' }],
  programFiles: [],
  command: ['/opt/nightshift/bin/node', '/opt/nightshift/hands.js', '{}'],
  environment: { HOME: '/tmp/home' },
  worktree: '/data/worktrees/run-1',
  access: 'write',
  git,
  covers: [],
  network: null,
  filter: Buffer.from('filter'),
};

describe('the Linux policy', () => {
  const { args, files } = policy(view, limits);
  const text = args.join(' ');

  test('holds every word', () => {
    const beforeCommand = args
      .slice(0, args.indexOf('--'))
      .join(' ')
      .replace(/ (?=--)/g, '\n');
    expect(beforeCommand).toMatchInlineSnapshot(`
      "--unshare-user
      --unshare-all
      --disable-userns
      --new-session
      --die-with-parent
      --clearenv
      --cap-drop ALL
      --hostname sandbox
      --uid 1000
      --gid 1000
      --info-fd 3
      --setenv HOME /tmp/home
      --ro-bind /usr /usr
      --symlink usr/bin /bin
      --ro-bind /lib /lib
      --dir /etc
      --perms 0444
      --file 4 /etc/passwd
      --perms 0444
      --file 5 /etc/group
      --perms 0444
      --file 6 /etc/hosts
      --perms 0444
      --file 7 /etc/nsswitch.conf
      --ro-bind /etc/localtime /etc/localtime
      --proc /proc
      --dev /dev
      --size 268435456
      --tmpfs /dev/shm
      --remount-ro /dev
      --size 1073741824
      --tmpfs /tmp
      --dir /tmp/home
      --ro-bind /p/node /opt/nightshift/bin/node
      --bind /data/worktrees/run-1 /workspace
      --dir /repository.git
      --ro-bind /r/.git/objects /repository.git/objects
      --perms 0444
      --file 8 /repository.git/config
      --perms 0444
      --ro-bind-data 9 /workspace/.git
      --remount-ro /proc
      --remount-ro /
      --chdir /workspace
      --seccomp 10"
    `);
  });

  test('supplies each text on its own descriptor, in order', () => {
    const used = args.flatMap((word, at) =>
      ['--file', '--ro-bind-data', '--seccomp'].includes(word) ? [Number(args[at + 1])] : [],
    );
    expect(used).toEqual(files.map((_, index) => firstFileDescriptor + index));
    expect(files.slice(-2)).toEqual(['gitdir: /repository.git/worktrees/w\n', Buffer.from('filter')]);
  });

  test('gives the worktree alone a writable mount of the host', () => {
    expect(args.filter((word) => word === '--bind')).toHaveLength(1);
    expect(text).toContain('--bind /data/worktrees/run-1 /workspace');
    const { args: reading } = policy({ ...view, access: 'read' }, limits);
    expect(reading).not.toContain('--bind');
    expect(reading.join(' ')).toContain('--ro-bind /data/worktrees/run-1 /workspace');
  });

  test('makes the root read-only after everything is in place', () => {
    const last = args.lastIndexOf('--remount-ro');
    expect(args[last + 1]).toBe('/');
    for (const word of ['--bind', '--ro-bind', '--file', '--ro-bind-data', '--tmpfs', '--symlink', '--dir']) {
      expect(args.lastIndexOf(word), word).toBeLessThan(last);
    }
  });

  test('a path that looks like an option stays a path', () => {
    const odd = policy({ ...view, worktree: '--share-net' }, limits).args;
    expect(odd[odd.indexOf('--bind') + 1]).toBe('--share-net');
    expect(odd.indexOf('--')).toBe(args.indexOf('--'));
  });

  test('the command comes after the end of the options, with its limits', () => {
    const command = args.slice(args.indexOf('--') + 1);
    expect(command.slice(0, 4)).toEqual(['/bin/bash', '--noprofile', '--norc', '-c']);
    expect(command.slice(5)).toEqual([
      'confine',
      '512',
      '4194304',
      '2097152',
      '4096',
      String(unshareCall),
      ...view.command,
    ]);
  });

  test('a git directory inside the worktree is covered and made read-only', () => {
    const words = policy({ ...view, git: { ...git, base: '/workspace/.git', covered: true } }, limits).args.join(' ');
    expect(words).toMatch(/--tmpfs \/workspace\/\.git .*--remount-ro \/workspace\/\.git --remount-ro \//);
  });
});

test('what must not be reached in a mount is covered last, a folder by an empty one, a file by nothing', () => {
  const covers: View['covers'] = [
    { target: '/workspace/a b.sock', kind: 'file' },
    { target: '/run/x', kind: 'folder' },
  ];
  const { args } = policy({ ...view, covers }, limits);
  const at = args.indexOf('/workspace/a b.sock') - 2;
  expect(args.slice(at, at + 6)).toEqual([
    '--ro-bind',
    '/dev/null',
    '/workspace/a b.sock',
    '--tmpfs',
    '/run/x',
    '--remount-ro',
  ]);
  expect(args.indexOf('/workspace')).toBeLessThan(at);
});

describe('limits', () => {
  test('are half of the machine at most, and never too little for Node', () => {
    expect(defaultLimits(64 * 1024 ** 3).processMemory).toBe(4 * 1024 ** 3);
    expect(defaultLimits(4 * 1024 ** 3).processMemory).toBe(2 * 1024 ** 3);
    expect(defaultLimits(256 * 1024 ** 2).processMemory).toBe(1024 ** 3);
  });

  test('of processes are only promised where the kernel counts them', () => {
    const names = (root: boolean) => limitProbes(limits, root).map(({ name }) => name);
    expect(names(false)).toContain('at most 512 processes');
    expect(names(true)).not.toContain('at most 512 processes');
  });

  test('read well', () => {
    expect([size(2 * 1024 ** 3), size(1.5 * 1024 ** 3), size(256 * 1024 ** 2)]).toEqual([
      '2 GiB',
      '1.5 GiB',
      '256 MiB',
    ]);
  });
});

describe('the system call filter', () => {
  test.each(['x64', 'arm64'])(
    'for %s is a program the kernel can take: every jump lands in it, and it ends with an answer',
    (name) => {
      const bytes = systemCallFilter(name) ?? Buffer.alloc(0);
      const count = bytes.length / 8;
      expect(count).toBeGreaterThan(40);
      for (let at = 0; at < count; at++) {
        const code = bytes.readUInt16LE(at * 8);
        const jumps = [0x15, 0x35, 0x45].includes(code)
          ? [bytes.readUInt8(at * 8 + 2), bytes.readUInt8(at * 8 + 3)]
          : [0];
        if (code !== 0x06) for (const jump of jumps) expect(at + 1 + jump).toBeLessThan(count);
      }
      expect(bytes.readUInt16LE((count - 1) * 8)).toBe(0x06);
    },
  );

  test('is not claimed for a processor it has no numbers of', () => {
    expect(systemCallFilter('mips')).toBe(null);
  });
});
