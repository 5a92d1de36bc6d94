/** `nightshift runs export` and `runs replay`: a run as a file, and that file played again, as it is or with something changed. */
import { open, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { createPaint, forTerminal } from '#cli/print/paint.ts';
import { replayLines } from '#cli/print/replay.ts';
import type { RequestPart } from '#contract/cassettes.ts';
import { Fault } from '#contract/faults.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { createInstructionFiles } from '#host/instructions/machine-files.ts';
import { modelTable } from '#host/model/model-table.ts';
import { readCassette } from '#host/replay/cassette-file.ts';
import { type ReplayChange, readModels, replayCassette } from '#host/replay/replay.ts';
import { answer, lines } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import type { Context, Shell } from './shell.ts';
import { textFrom } from './text-input.ts';

export interface ReplayFlags {
  prompt?: string;
  modelTable?: string;
  repo?: string;
  ignore?: RequestPart[];
}

/** An existing file is never written over. */
export async function exportTo(ctx: Context, run: string, to: string): Promise<number> {
  const { text, requests, departs } = await ctx.client.runs.cassette({ run });
  const file = resolve(ctx.cwd, to);
  const handle = await open(file, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    const cure = error.code === 'EEXIST' ? 'Choose a name that is free.' : 'Choose a place that you can write.';
    throw new Fault('input', `${file} cannot be written (${error.code}).`, { field: 'cassette', cure });
  });
  await handle.writeFile(text).finally(() => handle.close());
  answer(ctx, { file, requests, departs }, (made) => [
    `${made.file}: ${made.requests} requests`,
    ...(made.departs === null ? [] : [ctx.paint.yellow(`Played again, request ${made.departs} is another one.`)]),
    ctx.paint.typed(`  nightshift runs replay ${made.file}`),
  ]);
  return exitCodes.ok;
}

/** 1 where what is sent differs. Needs no host. */
export async function replay(shell: Shell, file: string, flags: ReplayFlags, json: boolean): Promise<number> {
  const cassette = readCassette(await textOf(shell, file, 'cassette'));
  const report = await replayCassette(cassette, await changeFrom(shell, flags));
  if (json) shell.out.write(`${JSON.stringify(report, null, 2)}\n`);
  else shell.out.write(lines(replayLines(createPaint(shell.out, shell.env), forTerminal(report))));
  return report.same ? exitCodes.ok : exitCodes.failed;
}

async function changeFrom(shell: Shell, { prompt, modelTable: table, repo, ignore }: ReplayFlags) {
  const change: ReplayChange = {};
  if (prompt !== undefined) change.prompt = await textFrom(prompt, shell, { what: 'prompt', field: 'prompt' });
  if (table !== undefined) change.models = table === 'own' ? modelTable : await modelsFrom(shell, table);
  if (repo !== undefined) {
    const { env } = shell;
    const repositories = createRepositories({ env });
    const machine = createInstructionFiles({ home: homedir(), platform: process.platform });
    change.repository = { path: resolve(shell.cwd, repo), repositories, machine };
  }
  if (ignore) change.ignore = ignore;
  return change;
}

async function modelsFrom(shell: Shell, file: string) {
  const text = await textOf(shell, file, 'modelTable');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Fault('input', `${file} is no JSON.`, { field: 'modelTable', cure: 'Write a JSON list of models.' });
  }
  return readModels(value);
}

async function textOf(shell: Shell, file: string, field: string): Promise<string> {
  return readFile(resolve(shell.cwd, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Fault('input', `${file} cannot be read (${error.code}).`, { field, cure: 'Check the path.' });
  });
}
