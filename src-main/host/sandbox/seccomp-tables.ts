/**
 * Which system calls the Linux sandbox refuses, by name, with their numbers on each processor. Numbers: the kernel's
 * own tables (arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h).
 */

export interface Table {
  /** AUDIT_ARCH_* of linux/audit.h. */
  audit: number;
  /** First number of the x32 calls, which would pass under other numbers; null where there are none. */
  foreign: number | null;
  /** Refused with EPERM, whatever the arguments. */
  never: Record<string, number>;
  /** Answered with ENOSYS: their arguments lie in memory, where no filter can look; programs then use the older call. */
  unknown: Record<string, number>;
  socket: number;
  ioctl: number;
  ptrace: number;
  /** Calls that take CLONE_* flags as their first argument. */
  cloning: Record<string, number>;
  /** Calls that set a file's mode: [number, index of the mode argument, index of the open flags or null]. */
  modes: [call: number, mode: number, flags: number | null][];
}

/** Calls younger than the common numbering have one number everywhere. */
const never = {
  ...{ io_uring_setup: 425, io_uring_enter: 426, io_uring_register: 427 },
  ...{ open_tree: 428, move_mount: 429, fsopen: 430, fsconfig: 431, fsmount: 432, fspick: 433 },
  ...{ pidfd_getfd: 438, mount_setattr: 442, quotactl_fd: 443, open_tree_attr: 467 },
};
const unknown = { clone3: 435, openat2: 437 };

export const tables: Record<string, Table> = {
  x64: {
    audit: 0xc000003e,
    foreign: 0x40000000,
    never: {
      ...never,
      ...{ mount: 165, umount2: 166, pivot_root: 155, chroot: 161, setns: 308 },
      ...{ swapon: 167, swapoff: 168, reboot: 169, sethostname: 170, setdomainname: 171, iopl: 172, ioperm: 173 },
      ...{ init_module: 175, delete_module: 176, finit_module: 313, kexec_load: 246, kexec_file_load: 320 },
      ...{ quotactl: 179, acct: 163, settimeofday: 164, clock_settime: 227, vhangup: 153, syslog: 103 },
      ...{ add_key: 248, request_key: 249, keyctl: 250, bpf: 321, perf_event_open: 298, userfaultfd: 323 },
      ...{ open_by_handle_at: 304, process_vm_readv: 310, process_vm_writev: 311 },
      ...{ fanotify_init: 300, lookup_dcookie: 212, nfsservctl: 180 },
    },
    unknown,
    socket: 41,
    ioctl: 16,
    ptrace: 101,
    cloning: { clone: 56, unshare: 272 },
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
    never: {
      ...never,
      ...{ mount: 40, umount2: 39, pivot_root: 41, chroot: 51, setns: 268 },
      ...{ swapon: 224, swapoff: 225, reboot: 142, sethostname: 161, setdomainname: 162 },
      ...{ init_module: 105, delete_module: 106, finit_module: 273, kexec_load: 104, kexec_file_load: 294 },
      ...{ quotactl: 60, acct: 89, settimeofday: 170, clock_settime: 112, vhangup: 58, syslog: 116 },
      ...{ add_key: 217, request_key: 218, keyctl: 219, bpf: 280, perf_event_open: 241, userfaultfd: 282 },
      ...{ open_by_handle_at: 265, process_vm_readv: 270, process_vm_writev: 271 },
      ...{ fanotify_init: 262, lookup_dcookie: 18, nfsservctl: 42 },
    },
    unknown,
    socket: 198,
    ioctl: 29,
    ptrace: 117,
    cloning: { clone: 220, unshare: 97 },
    modes: [
      [52, 1, null], // fchmod
      [53, 2, null], // fchmodat
      [452, 2, null], // fchmodat2
      [33, 2, null], // mknodat
      [56, 3, 2], // openat
    ],
  },
};
