/** `nightshift runs export` and `runs replay`: a run as a file, and that file played again, as it is or with something changed. */

import { open, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { createPaint, forTerminal } from '#cli/print/paint.ts';
import { replayLines } from '#cli/print/replay.ts';
import type { ReplayReport, RequestPart } from '#contract/cassettes.ts';
import { Fault } from '#contract/faults.ts';
import { longestPrompt } from '#contract/routines.ts';
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
  goal?: string;
  rubric?: string;
  expect?: Expectation;
  modelTable?: string;
  repo?: string;
  ignore?: RequestPart[];
}

/** `bytes`: everything. `conversation`: what Nightshift itself says to every model may be other words by now. `verdicts`: only what was found of calls and results. */
export type Expectation = 'bytes' | 'conversation' | 'verdicts';

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

/** 1 where one of them is not as it is expected to be. Needs no host. With JSON: one report, or a list of them for several files. */
export async function replay(shell: Shell, files: string[], flags: ReplayFlags, json: boolean): Promise<number> {
  const change = await changeFrom(shell, flags);
  const paint = createPaint(shell.out, shell.env);
  const reports: ReplayReport[] = [];
  for (const file of files) {
    const report = await replayCassette(readCassette(await textOf(shell, file, 'cassette')), change);
    reports.push(report);
    if (!json) shell.out.write(lines(replayLines(paint, forTerminal(report))));
  }
  if (json) shell.out.write(`${JSON.stringify(files.length === 1 ? reports[0] : reports, null, 2)}\n`);
  return reports.every((report) => holds(report, flags.expect)) ? exitCodes.ok : exitCodes.failed;
}

const holds = ({ same, verdicts }: ReplayReport, expect: Expectation = 'bytes') =>
  expect === 'verdicts' ? verdicts.differ.length === 0 : same;

async function changeFrom(
  shell: Shell,
  { prompt, goal, rubric, modelTable: table, repo, ignore, expect }: ReplayFlags,
) {
  const change: ReplayChange = {};
  for (const [field, text] of Object.entries({ prompt, goal, rubric }))
    if (text !== undefined)
      change[field as 'prompt'] = await textFrom(text, shell, { what: field, field, most: longestPrompt });
  if (table !== undefined) change.models = table === 'own' ? modelTable : await modelsFrom(shell, table);
  if (repo !== undefined) {
    const { env } = shell;
    const repositories = createRepositories({ env });
    const machine = createInstructionFiles({ home: homedir(), platform: process.platform });
    change.repository = { path: resolve(shell.cwd, repo), repositories, machine };
  }
  if (expect === 'conversation') change.ignore = ['system', 'tools', 'settings'];
  if (ignore) change.ignore = [...(change.ignore ?? []), ...ignore];
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
