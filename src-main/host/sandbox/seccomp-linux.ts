/**
 * The system call filter of the Linux sandbox: a classic BPF program that refuses what no build or test needs, and
 * what would leave the sandbox on disk or through the virtual machine around it. Numbers: the kernel's own tables
 * (arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h).
 */

interface Table {
  /** AUDIT_ARCH_* of linux/audit.h. */
  audit: number;
  /** First number of the x32 calls, which would pass under other numbers; null where there are none. */
  foreign: number | null;
  /** Refused with EPERM, whatever the arguments. */
  never: number[];
  socket: number;
  openat2: number;
  /** Calls that set a file's mode: [number, index of the mode argument, index of the open flags or null]. */
  modes: [call: number, mode: number, flags: number | null][];
}

// io_uring_*, kernel keys, bpf, perf, userfaultfd, open_by_handle_at, kexec, syslog, process_vm_*.
const everywhere = [425, 426, 427];
const tables: Record<string, Table> = {
  x64: {
    audit: 0xc000003e,
    foreign: 0x40000000,
    never: [...everywhere, 248, 249, 250, 321, 298, 323, 304, 246, 320, 103, 310, 311],
    socket: 41,
    openat2: 437,
    modes: [
      [90, 1, null], // chmod
      [91, 1, null], // fchmod
      [268, 2, null], // fchmodat
      [452, 2, null], // fchmodat2
      [85, 1, null], // creat
      [133, 1, null], // mknod
      [259, 2, null], // mknodat
      [2, 2, 1], // open
      [257, 3, 2], // openat
    ],
  },
  arm64: {
    audit: 0xc00000b7,
    foreign: null,
    never: [...everywhere, 217, 218, 219, 280, 241, 282, 265, 104, 294, 116, 270, 271],
    socket: 198,
    openat2: 437,
    modes: [
      [52, 1, null],
      [53, 2, null],
      [452, 2, null],
      [33, 2, null],
      [56, 3, 2],
    ],
  },
};

const [load, equal, atLeast, anyBit, answer] = [0x20, 0x15, 0x35, 0x45, 0x06];
const allow = 0x7fff0000;
const kill = 0x80000000;
const errno = (number: number): number => 0x00050000 + number;
const [notPermitted, noSuchCall] = [1, 38];

/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. Not AF_VSOCK: no namespace covers it, and it leads out of a virtual machine. */
const families = [1, 2, 10, 16];
/** O_CREAT and O_TMPFILE: only then is there a mode. The values are the same on both architectures. */
const makesFile = 0o100 | 0o20000000;
/** A set-user-id file in the worktree would outlive the sandbox. */
const setUserId = 0o4000;

type Step = [code: number, whenTrue: number, whenFalse: number, value: number];

/** The program's bytes, or null for a processor without a table: then nothing is filtered, and nothing claimed. */
export function systemCallFilter(architecture: string = process.arch): Buffer | null {
  const table = tables[architecture];
  if (!table) return null;
  const argument = (index: number): Step => [load, 0, 0, 16 + 8 * index];
  const give = (value: number): Step => [answer, 0, 0, value];
  /** The steps run when the call's number is `call`; they end with an answer. */
  const on = (call: number, ...steps: Step[]): Step[] => [[equal, 0, steps.length, call], ...steps];
  const steps: Step[] = [
    [load, 0, 0, 4],
    [equal, 1, 0, table.audit],
    give(kill),
    [load, 0, 0, 0],
    ...(table.foreign === null ? [] : ([[atLeast, 0, 1, table.foreign], give(kill)] satisfies Step[])),
    ...table.never.flatMap((call) => on(call, give(errno(notPermitted)))),
    // Its arguments lie in memory, where no filter can look; programs then use openat.
    ...on(table.openat2, give(errno(noSuchCall))),
    ...on(
      table.socket,
      argument(0),
      ...families.map((family, index): Step => [equal, families.length - index, 0, family]),
      give(errno(notPermitted)),
      give(allow),
    ),
    ...table.modes.flatMap(([call, mode, flags]) =>
      on(
        call,
        ...(flags === null ? [] : ([argument(flags), [anyBit, 1, 0, makesFile], give(allow)] satisfies Step[])),
        argument(mode),
        [anyBit, 0, 1, setUserId],
        give(errno(notPermitted)),
        give(allow),
      ),
    ),
    give(allow),
  ];
  const bytes = Buffer.alloc(steps.length * 8);
  steps.forEach(([code, whenTrue, whenFalse, value], at) => {
    bytes.writeUInt16LE(code, at * 8);
    bytes.writeUInt8(whenTrue, at * 8 + 2);
    bytes.writeUInt8(whenFalse, at * 8 + 3);
    bytes.writeUInt32LE(value >>> 0, at * 8 + 4);
  });
  return bytes;
}
