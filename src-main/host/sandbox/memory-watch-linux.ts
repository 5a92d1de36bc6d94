/** Adds up what all processes of one sandbox hold in memory, where no control group can do that, and says when it is too much. */
import { readFile } from 'node:fs/promises';

/** Milliseconds. Fresh memory is handed out at some gigabytes a second: the limit is overshot by so much at most. */
const interval = 250;

/** `first`: process id, on the host, of the sandbox's first process. Returns what ends the watch. */
export function watchMemory(first: number, limit: number, full: () => void): () => void {
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      if ((await held(first, 0)) > limit) full();
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), interval);
  return () => clearInterval(timer);
}

/** Bytes held by a process and all below it: whoever loses a parent comes to the namespace's first, so that is all. */
async function held(pid: number, depth: number): Promise<number> {
  const [status, below] = await Promise.all([read(pid, 'status'), children(pid)]);
  const own = ['RssAnon', 'RssShmem'].map((row) =>
    Number(new RegExp(`^${row}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0),
  );
  const rest = depth > 64 ? [] : await Promise.all(below.map((child) => held(child, depth + 1)));
  return [...own.map((kibibytes) => kibibytes * 1024), ...rest].reduce((sum, bytes) => sum + bytes, 0);
}

async function children(pid: number): Promise<number[]> {
  const listed = await read(pid, `task/${pid}/children`);
  return listed.split(' ').filter(Boolean).map(Number);
}

function read(pid: number, file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
}
