/** Runs a program of the operating system; every answer, also "there is none", is data. */
import { execFile } from 'node:child_process';

export interface Answer {
  ok: boolean;
  out: string;
  /** One line: what went wrong. Empty when ok. */
  problem: string;
  /** Exit code; null when it did not start or did not end by itself. */
  code: number | null;
  /** The program itself is not installed. */
  missing: boolean;
}

/** A reload of 500 timers takes under a second; far above that the other side hangs. */
export const patience = 30_000;

/** `wait`: milliseconds after which it is ended. Never rejects. */
export function runProgram(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  wait: number = patience,
): Promise<Answer> {
  return new Promise((resolve) => {
    const options = { env, timeout: wait, maxBuffer: 64 * 1024 * 1024, encoding: 'buffer', windowsHide: true } as const;
    const child = execFile(program, args, options, (error, out, err) => {
      const missing = error?.code === 'ENOENT';
      const said = text(err).trim().split('\n', 1)[0] || error?.message.split('\n', 1)[0] || '';
      const problem = missing
        ? `${program} is not installed`
        : error?.killed
          ? `${program} did not answer in time`
          : said;
      const code = error === null ? 0 : child.exitCode;
      resolve({ ok: error === null, out: text(out), problem: error === null ? '' : problem, code, missing });
    });
    child.stdin?.end();
  });
}

/** Windows programs may answer in UTF-16. */
function text(bytes: Buffer): string {
  return bytes.includes(0) ? bytes.toString('utf16le').replace(/^\uFEFF/, '') : bytes.toString('utf8');
}
