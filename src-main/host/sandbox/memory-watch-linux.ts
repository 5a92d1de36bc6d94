/** Adds up what all processes of one sandbox hold in memory, where no control group can do that, and says when it is too much. */
import { readFile } from 'node:fs/promises';
import { descendants } from './descendants-linux.ts';

/** Milliseconds. Fresh memory is handed out at some gigabytes a second: the limit is overshot by so much at most. */
const interval = 250;

/** `first`: process id, on the host, of the sandbox's first process. Returns what ends the watch. */
export function watchMemory(first: number, limit: number, full: () => void): () => void {
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      if ((await held(first)) > limit) full();
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), interval);
  return () => clearInterval(timer);
}

/** The same where the kernel does the sum: it has ended one of them already, and the rest is told why. */
export function watchKills(killed: () => Promise<number>, full: () => void): () => void {
  let before = 0;
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    const now = await killed().catch(() => before);
    looking = false;
    if (now > before) full();
    before = now;
  };
  const timer = setInterval(() => void look(), interval);
  return () => clearInterval(timer);
}

async function held(first: number): Promise<number> {
  const all = await Promise.all((await descendants(first)).map(heldBy));
  return all.reduce((sum, bytes) => sum + bytes, 0);
}

/** Bytes that are its own or in shared memory, but not what it has of files. */
async function heldBy(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const rows = status.matchAll(/^(?:RssAnon|RssShmem):\s+(\d+) kB$/gm);
  return [...rows].reduce((sum, [, kibibytes]) => sum + Number(kibibytes) * 1024, 0);
}
