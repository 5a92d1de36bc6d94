/**
 * The system call filter of the Linux sandbox: a classic BPF program that refuses what no build or test needs, and
 * what would leave the sandbox on disk, through the kernel's rarer parts, or through the virtual machine around it.
 */
import { tables } from './seccomp-tables.ts';

const [load, equal, atLeast, anyBit, answer] = [0x20, 0x15, 0x35, 0x45, 0x06];
const allow = 0x7fff0000;
const kill = 0x80000000;
const errno = (number: number): number => 0x00050000 + number;
const [notPermitted, noSuchCall] = [1, 38];

/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. Not AF_VSOCK: no namespace covers it, and it leads out of a virtual machine. */
const families = [1, 2, 10, 16];
/** O_CREAT and O_TMPFILE: only then is there a mode. The values are the same on both architectures. */
const makesFile = 0o100 | 0o20000000;
/** A set-user-id or set-group-id file in the worktree would outlive the sandbox. */
const setUserId = 0o6000;
/** CLONE_NEW*: time, mount, cgroup, uts, ipc, user, pid, network. A namespace of one's own opens rarely used kernel code. */
const newNamespace = 0x00000080 | 0x00020000 | 0x02000000 | 0x7c000000;
/** The time namespace's bit means the signal of the child's end to `clone`. */
const newNamespaceOfClone = newNamespace & ~0x80;
/** TIOCSTI and TIOCLINUX put characters into the terminal's input; the values are the same on both architectures. */
const typing = [0x5412, 0x541c];

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
    ...Object.values(table.never).flatMap((call) => on(call, give(errno(notPermitted)))),
    ...Object.values(table.unknown).flatMap((call) => on(call, give(errno(noSuchCall)))),
    ...Object.entries(table.cloning).flatMap(([name, call]) =>
      on(
        call,
        argument(0),
        [anyBit, 0, 1, name === 'clone' ? newNamespaceOfClone : newNamespace],
        give(errno(notPermitted)),
        give(allow),
      ),
    ),
    ...on(
      table.ioctl,
      argument(1),
      ...typing.map((request, index): Step => [equal, typing.length - index, 0, request]),
      give(allow),
      give(errno(notPermitted)),
    ),
    // Whoever rules the namespace's first process could make it outlive the host.
    ...on(table.ptrace, argument(1), [equal, 0, 1, 1], give(errno(notPermitted)), give(allow)),
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
