/** `nightshift audit verify --file`: checks an export on any machine; no host is asked or started. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { verdictLines } from '#cli/print/audit.ts';
import { createPaint, forTerminal } from '#cli/print/paint.ts';
import { Fault } from '#contract/faults.ts';
import { verifyExport } from '#host/audit/export.ts';
import { lines } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import type { Shell } from './shell.ts';

/** 1 for a chain that is broken. Throws `input` for what is no export. */
export async function verifyFile(shell: Shell, file: string, run: string | undefined, json: boolean): Promise<number> {
  const text = await readFile(resolve(shell.cwd, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Fault('input', `${file} cannot be read (${error.code}).`, { field: 'file', cure: 'Check the path.' });
  });
  const verdict = verifyExport(text, run);
  if (json) shell.out.write(`${JSON.stringify(verdict, null, 2)}\n`);
  else shell.out.write(lines(verdictLines(createPaint(shell.out, shell.env), forTerminal(verdict))));
  return verdict.ok ? exitCodes.ok : exitCodes.failed;
}
