/** What one sandbox may use at most: figures, and the phrase under which each is reported when it really holds. */
import { totalmem } from 'node:os';

const mebibyte = 1024 ** 2;
const gibibyte = 1024 ** 3;

export interface Limits {
  /** Processes and threads together, of the whole sandbox. */
  processes: number;
  /** Bytes of memory one process may allocate. */
  processMemory: number;
  /** Bytes of memory all processes may use together; only where control groups can be used. */
  totalMemory: number;
  /** Bytes one file may hold. */
  fileSize: number;
  openFiles: number;
  /** Bytes of /tmp, which also holds the home directory. */
  scratch: number;
  /** Bytes of /dev/shm. */
  sharedMemory: number;
  /** Bytes one Bash call may print before it is stopped. */
  callOutput: number;
  /** Bytes by which the worktree may grow, as seen on its disk. */
  worktreeGrowth: number;
  /** Files by which it may grow. */
  worktreeFiles: number;
  /** Bytes of the worktree's disk that a run leaves free for everybody else; never more than half of what was free. */
  diskReserve: number;
  /** Bytes of network, both ways, of one run; and its requests. */
  networkBytes: number;
  networkRequests: number;
  /** Milliseconds until the hands must have reported. */
  readyWithin: number;
}

/**
 * Half of the machine is the most a run gets, but never less than Node itself needs to start (0.7 GiB of address space
 * that counts, measured with Node 24). The figures are our own choice, not a standard's.
 */
export function defaultLimits(machineMemory: number = totalmem()): Limits {
  const half = Math.max(gibibyte, Math.floor(machineMemory / 2 / mebibyte) * mebibyte);
  return {
    processes: 512,
    processMemory: Math.min(4 * gibibyte, half),
    totalMemory: Math.min(8 * gibibyte, half),
    fileSize: 2 * gibibyte,
    openFiles: 4096,
    scratch: Math.min(gibibyte, half),
    sharedMemory: 256 * mebibyte,
    callOutput: 64 * mebibyte,
    worktreeGrowth: 16 * gibibyte,
    worktreeFiles: 2_000_000,
    diskReserve: gibibyte,
    networkBytes: 2 * gibibyte,
    networkRequests: 20_000,
    readyWithin: 20_000,
  };
}

/** A row of /proc/self/limits that the hands must see at `value` or below. */
export interface LimitProbe {
  name: string;
  row: string;
  value: number;
}

/** `root`: the kernel never counts processes of user 0, so that limit is left to a control group. */
export function limitProbes(limits: Limits, root: boolean): LimitProbe[] {
  const probes = [
    {
      name: `at most ${size(limits.processMemory)} of memory a process`,
      row: 'Max data size',
      value: limits.processMemory,
    },
    { name: `at most ${size(limits.fileSize)} a file`, row: 'Max file size', value: limits.fileSize },
  ];
  return root ? probes : [...probes, { name: processPhrase(limits), row: 'Max processes', value: limits.processes }];
}

export const processPhrase = (limits: Limits): string => `at most ${limits.processes} processes`;
export const totalMemoryPhrase = (limits: Limits): string => `at most ${size(limits.totalMemory)} of memory together`;

/** Bytes in words, one decimal at most. */
export function size(bytes: number): string {
  const [amount, unit] = bytes >= gibibyte ? [bytes / gibibyte, 'GiB'] : [bytes / mebibyte, 'MiB'];
  return `${Math.round(amount * 10) / 10} ${unit}`;
}
