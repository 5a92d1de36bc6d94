/** Reads one secret: piped in whole, or typed at a terminal without being shown. */
import { StringDecoder } from 'node:string_decoder';
import type { Shell } from './shell.ts';
import { readAll } from './text-input.ts';

type Keyboard = Pick<Shell, 'stdin' | 'err' | 'signal'>;

/** What was piped in, or one line from the terminal. Ctrl+C and Ctrl+D at the terminal give an empty text. */
export async function readSecret({ stdin, err, signal }: Keyboard, question: string): Promise<string> {
  if (!stdin.isTTY || !stdin.setRawMode) return await readAll(stdin);
  err.write(question);
  stdin.setRawMode(true);
  const restore = () => stdin.setRawMode?.(false);
  signal.addEventListener('abort', restore, { once: true });
  try {
    return await typedLine(stdin);
  } finally {
    restore();
    signal.removeEventListener('abort', restore);
    err.write('\n');
  }
}

async function typedLine(stdin: Shell['stdin']): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let typed = '';
  for await (const chunk of stdin) {
    const text = typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk));
    for (const key of text) {
      if (key === '\r' || key === '\n') return typed;
      if (key === '\u0003' || key === '\u0004') return '';
      typed = key === '\u007f' || key === '\b' ? typed.slice(0, -1) : typed + key;
    }
  }
  return typed;
}
