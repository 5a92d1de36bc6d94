/** Reads a passphrase from the file that the person chose, if nobody else can read it. */
import { constants, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { Fault } from '#contract/faults.ts';

const mostBytes = 4096;

/** Its first line. Throws `input` about `passphraseFile`, which never shows what is in it. */
export async function readPassphrase(file: string): Promise<string> {
  if (!isAbsolute(file)) throw refusal(file, 'is no absolute path', 'Give the whole path.');
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw refusal(file, `cannot be opened (${code})`, 'Make the file, with the passphrase on its first line.');
  });
  try {
    const stat = await handle.stat();
    refuseOpenToOthers(file, stat);
    const buffer = Buffer.alloc(mostBytes);
    const { bytesRead } = await handle.read(buffer, 0, mostBytes, 0);
    const passphrase = buffer.toString('utf8', 0, bytesRead).split(/\r?\n/, 1)[0] ?? '';
    if (passphrase.length < 8)
      throw refusal(file, 'holds less than eight characters', 'Write a long passphrase on its first line.');
    return passphrase;
  } finally {
    await handle.close();
  }
}

function refuseOpenToOthers(file: string, stat: Stats): void {
  if (!stat.isFile()) throw refusal(file, 'is no file', 'Give the path of a file.');
  if (process.platform === 'win32') return;
  if ((stat.mode & 0o077) !== 0)
    throw refusal(file, 'can be read by others', `Take that away: chmod 600 ${JSON.stringify(file)}`);
  if (stat.uid !== process.getuid?.()) throw refusal(file, 'belongs to another user', 'Make a file of your own.');
}

function refusal(file: string, what: string, cure: string): Fault {
  return new Fault('input', `The passphrase file ${file} ${what}.`, { field: 'passphraseFile', cure });
}
