/** Hands out pipes for a command's output. Node's own are sockets, which a command cannot open again as /dev/stderr. */
import { constants, mkdtempSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const batch = 16;

export interface Pipe {
  reader: number;
  writer: number;
}

/** `scratch`: a directory the names may live in until they are used. The caller closes both ends. */
export function createPipes(scratch: string): () => Promise<Pipe> {
  let directory: string | null = null;
  let made = 0;
  let names: string[] = [];
  let making: Promise<void> | null = null;

  const make = async (): Promise<void> => {
    const place = directory ?? mkdtempSync(join(scratch, '.pipes-'));
    directory = place;
    const fresh = Array.from({ length: batch }, () => join(place, String(made++)));
    const { execFile } = process.getBuiltinModule('node:child_process');
    await promisify(execFile)('mkfifo', ['-m', '600', ...fresh]);
    names = names.concat(fresh);
  };
  return async () => {
    for (;;) {
      const name = names.pop();
      if (name) {
        const reader = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
        const writer = openSync(name, constants.O_WRONLY);
        unlinkSync(name);
        return { reader, writer };
      }
      making ??= make().finally(() => {
        making = null;
      });
      await making;
    }
  };
}
