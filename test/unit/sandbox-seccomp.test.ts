/** What the system call filter answers, call by call, on both processors: the program itself is run, not its source. */
import { describe, expect, test } from 'vitest';
import { systemCallFilter } from '#host/sandbox/seccomp-linux.ts';
import { answerOf } from '../fakes/bpf.ts';

const audits = { x64: 0xc000003e, arm64: 0xc00000b7 };
type Processor = keyof typeof audits;

/** [name, number on x64, number on arm64]; null: no such call there. Written down anew, from the kernel's headers. */
const refused: [string, number | null, number | null][] = [
  ['mount', 165, 40],
  ['umount2', 166, 39],
  ['pivot_root', 155, 41],
  ['chroot', 161, 51],
  ['setns', 308, 268],
  ['open_tree', 428, 428],
  ['move_mount', 429, 429],
  ['fsopen', 430, 430],
  ['fsconfig', 431, 431],
  ['fsmount', 432, 432],
  ['fspick', 433, 433],
  ['mount_setattr', 442, 442],
  ['bpf', 321, 280],
  ['perf_event_open', 298, 241],
  ['keyctl', 250, 219],
  ['add_key', 248, 217],
  ['request_key', 249, 218],
  ['io_uring_setup', 425, 425],
  ['io_uring_enter', 426, 426],
  ['io_uring_register', 427, 427],
  ['userfaultfd', 323, 282],
  ['open_by_handle_at', 304, 265],
  ['process_vm_readv', 310, 270],
  ['process_vm_writev', 311, 271],
  ['pidfd_getfd', 438, 438],
  ['kexec_load', 246, 104],
  ['kexec_file_load', 320, 294],
  ['init_module', 175, 105],
  ['finit_module', 313, 273],
  ['delete_module', 176, 106],
  ['syslog', 103, 116],
  ['swapon', 167, 224],
  ['reboot', 169, 142],
  ['quotactl', 179, 60],
  ['quotactl_fd', 443, 443],
  ['acct', 163, 89],
  ['settimeofday', 164, 170],
  ['clock_settime', 227, 112],
  ['fanotify_init', 300, 262],
  ['iopl', 172, null],
  ['ioperm', 173, null],
];
const allowed: [string, number | null, number | null][] = [
  ['read', 0, 63],
  ['write', 1, 64],
  ['execve', 59, 221],
  ['wait4', 61, 260],
  ['kill', 62, 129],
  ['fork', 57, null],
  ['vfork', 58, null],
  ['connect', 42, 203],
  ['bind', 49, 200],
  ['memfd_create', 319, 279],
  ['renameat2', 316, 276],
  ['statx', 332, 291],
  ['close_range', 436, 436],
  ['futex', 202, 98],
  ['mmap', 9, 222],
  ['inotify_init1', 294, 26],
  ['epoll_pwait', 281, 22],
  ['prlimit64', 302, 261],
  ['seccomp', 317, 277],
];
const [eperm, enosys] = [1, 38];

describe.each<Processor>(['x64', 'arm64'])('the system call filter of %s', (processor) => {
  const program = systemCallFilter(processor) ?? Buffer.alloc(0);
  const ask = (number: number, ...args: (number | bigint)[]) =>
    answerOf(program, { number, audit: audits[processor], args });
  const here = (row: [string, number | null, number | null]) => row[processor === 'x64' ? 1 : 2];
  const number = (x64: number, arm64: number) => (processor === 'x64' ? x64 : arm64);

  test('is short enough for the kernel', () => {
    expect(program.length / 8).toBeGreaterThan(100);
    expect(program.length / 8).toBeLessThan(4096);
  });

  test.each(refused.filter((row) => here(row) !== null))('refuses %s, whatever its arguments', (...row) => {
    for (const value of [0, 1, 0xffffffffffffffffn]) {
      expect(ask(Number(here(row)), value, value, value, value, value, value)).toEqual({
        action: 'errno',
        data: eperm,
      });
    }
  });

  test.each(allowed.filter((row) => here(row) !== null))('allows %s', (...row) => {
    for (const value of [0, 1, 0xffffffffffffffffn])
      expect(ask(Number(here(row)), value, value, value).action).toBe('allow');
  });

  test('lets everything be that no program may miss: every other number up to 1000 is allowed', () => {
    const named = refused.map(here).filter((value) => value !== null);
    const other = Array.from({ length: 1000 }, (_, value) => value).filter((value) => ask(value).action !== 'allow');
    const expected = [...named, 435, 437, 467, number(168, 225), number(170, 161), number(171, 162)];
    expected.push(number(153, 58), number(212, 18), number(180, 42), number(41, 198));
    expect(other.filter((value) => !expected.includes(value))).toEqual([]);
  });

  test('kills the calls of another architecture', () => {
    for (const audit of [0x40000003, processor === 'x64' ? audits.arm64 : audits.x64, 0])
      expect(answerOf(program, { number: 1, audit }).action).toBe('kill');
    if (processor === 'x64') expect(ask(0x40000000 + 39).action).toBe('kill');
  });

  test('makes clone3 and openat2 unknown, so that programs use the calls that can be judged', () => {
    for (const call of [435, 437]) expect(ask(call, 0, 0)).toEqual({ action: 'errno', data: enosys });
  });

  test.each<[string, number, boolean]>([
    ['unix', 1, true],
    ['inet', 2, true],
    ['inet6', 10, true],
    ['netlink', 16, true],
    ['packet', 17, false],
    ['vsock', 40, false],
    ['alg', 38, false],
    ['bluetooth', 31, false],
    ['can', 29, false],
    ['tipc', 30, false],
    ['xdp', 44, false],
    ['key', 15, false],
    ['unspec', 0, false],
  ])('a socket of the family %s', (_, family, allowed) => {
    const socket = number(41, 198);
    expect(ask(socket, family, 1, 0).action === 'allow').toBe(allowed);
    // The kernel takes the low half: what is in the high one must not matter.
    expect(ask(socket, BigInt(family) | 0xdeadbeef00000000n, 1, 0).action === 'allow').toBe(allowed);
  });

  test.each<[string, bigint]>([
    ['user', 0x10000000n],
    ['mount', 0x00020000n],
    ['pid', 0x20000000n],
    ['network', 0x40000000n],
    ['ipc', 0x08000000n],
    ['uts', 0x04000000n],
    ['cgroup', 0x02000000n],
  ])('a new %s namespace is refused to clone and unshare', (_, flag) => {
    const [clone, unshare] = [number(56, 220), number(272, 97)];
    for (const call of [clone, unshare]) {
      expect(ask(call, flag)).toEqual({ action: 'errno', data: eperm });
      expect(ask(call, flag | 0x11n | 0x100000000n)).toEqual({ action: 'errno', data: eperm });
    }
  });

  test('the namespace’s first process is nobody’s to trace', () => {
    const ptrace = number(101, 117);
    for (const request of [16, 0x4206, 4]) expect(ask(ptrace, request, 1)).toEqual({ action: 'errno', data: eperm });
    for (const pid of [0, 2, 4711]) expect(ask(ptrace, 16, pid).action).toBe('allow');
  });

  test('a thread, a process with any signal, and unshare of files are allowed', () => {
    const [clone, unshare] = [number(56, 220), number(272, 97)];
    for (const flags of [17, 0x3d0f00, 0x1200011, 0x80, 0x4111]) expect(ask(clone, flags).action).toBe('allow');
    for (const flags of [0, 0x400, 0x200]) expect(ask(unshare, flags).action).toBe('allow');
    expect(ask(unshare, 0x80).action).toBe('errno');
  });

  test.each<[string, number | bigint, boolean]>([
    ['TIOCSTI', 0x5412, false],
    ['TIOCSTI with high bits', 0xdeadbeef00005412n, false],
    ['TIOCLINUX', 0x541c, false],
    ['TCGETS', 0x5401, true],
    ['TIOCGWINSZ', 0x5413, true],
    ['FIONREAD', 0x541b, true],
    ['FIONBIO', 0x5421, true],
  ])('ioctl %s', (_, request, allowed) => {
    expect(ask(number(16, 29), 0, request, 0).action === 'allow').toBe(allowed);
  });

  test('no call sets a set-user-id or set-group-id bit', () => {
    const calls: [number, (mode: number) => number[]][] =
      processor === 'x64'
        ? [
            [90, (mode) => [0, mode]],
            [91, (mode) => [0, mode]],
            [268, (mode) => [0, 0, mode]],
            [452, (mode) => [0, 0, mode]],
            [85, (mode) => [0, mode]],
            [133, (mode) => [0, mode]],
            [259, (mode) => [0, 0, mode]],
            [2, (mode) => [0, 0o101, mode]],
            [257, (mode) => [0, 0, 0o101, mode]],
          ]
        : [
            [52, (mode) => [0, mode]],
            [53, (mode) => [0, 0, mode]],
            [452, (mode) => [0, 0, mode]],
            [33, (mode) => [0, 0, mode]],
            [56, (mode) => [0, 0, 0o101, mode]],
          ];
    for (const [call, args] of calls) {
      for (const mode of [0o4755, 0o2755, 0o6000]) expect(ask(call, ...args(mode)).action, `${call}`).toBe('errno');
      for (const mode of [0o755, 0o1777, 0o666]) expect(ask(call, ...args(mode)).action, `${call}`).toBe('allow');
    }
  });

  test('an open that makes no file has no mode, whatever lies in its place', () => {
    expect(ask(number(257, 56), 0, 0, 0, 0o4755).action).toBe('allow');
    expect(ask(number(257, 56), 0, 0, 0o20000000 | 2, 0o4755).action).toBe('errno');
  });
});
