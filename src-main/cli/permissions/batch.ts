/** `nightshift permissions test --batch`: one case a line, one decision a line; no file system is looked at. */
import { readFileSync } from 'node:fs';
import { posix, resolve } from 'node:path';
import { z } from 'zod';
import type { Shell } from '#cli/shell.ts';
import { Fault } from '#contract/faults.ts';
import { decide } from '#core/permissions/decide.ts';
import { compilePolicy } from '#core/permissions/policy.ts';
import { simulateView } from '#core/permissions/simulated-view.ts';
import type { Verdict } from '#core/permissions/verdict.ts';
import { readMode } from './mode.ts';

export interface Places {
  root: string;
  cwd: string;
  home: string;
}

const list = z.array(z.string()).default([]);
/** Only the two special kinds matter; whatever else a case calls its file system or system is the plain one. */
const word = z.string().optional();
const Case = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  tool: z.string(),
  input: z.record(z.string(), z.unknown()).default({}),
  rules: z.object({ allow: list, ask: list, deny: list }).prefault({}),
  mode: z.string().nullish(),
  fixture: z.object({ symlinks: z.record(z.string(), z.string()).nullish(), fs: word, os: word, cwd: word }).nullish(),
});
export type PermissionCase = z.infer<typeof Case>;

/** A line that is no case is asked about, as `input.invalid`. Throws `input` when the file cannot be read. */
export function runBatch(shell: Shell, file: string, places: Places): void {
  const text = readText(shell, file);
  const answers = text
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [judge(line, index + 1, places)]));
  shell.out.write(answers.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
}

function judge(line: string, number: number, places: Places): Pick<Verdict, 'decision' | 'code'> & { id: string } {
  const value = parsed(line);
  const read = Case.safeParse(value);
  if (read.success) {
    const { decision, code } = decideCase(read.data, places);
    return { id: read.data.id, decision, code };
  }
  const { id } = (value ?? {}) as { id?: unknown };
  return { id: typeof id === 'string' ? id : `line ${number}`, decision: 'ask', code: 'input.invalid' };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

export function decideCase({ tool, input, rules, mode, fixture }: PermissionCase, places: Places): Verdict {
  const os = fixture?.os && /^win/i.test(fixture.os) ? 'windows' : 'posix';
  const onSystem = (path: string) => (os === 'windows' ? windowsPath(path) : path);
  const [root, home] = [onSystem(places.root), onSystem(places.home)];
  const cwd = fixture?.cwd === undefined ? onSystem(places.cwd) : posix.resolve(root, onSystem(fixture.cwd));
  const fs = /case-?insensitive/i.test(fixture?.fs ?? '')
    ? 'case-insensitive'
    : /normali[sz]/i.test(fixture?.fs ?? '')
      ? 'normalising'
      : undefined;
  const policy = compilePolicy([{ name: 'command line', file: 'the case', ...rules }], {
    ...{ mode: readMode(mode ?? 'default'), root, home, unattended: false, os },
  });
  const view = simulateView(
    { symlinks: fixture?.symlinks ?? {}, fs, os: os === 'windows' ? os : undefined },
    cwd,
    home,
  );
  return decide({ tool, input, cwd }, policy, view);
}

/** `C:\repo` as the rules write it; the first drive is left out, as it is in patterns. */
function windowsPath(path: string): string {
  return path
    .replaceAll('\\', '/')
    .replace(/^c:/i, '')
    .replace(/^([A-Za-z]):/, (_, drive: string) => `/${drive.toLowerCase()}`);
}

function readText(shell: Shell, file: string): string {
  try {
    return readFileSync(resolve(shell.cwd, file), 'utf8');
  } catch (cause) {
    throw new Fault('input', `${file} cannot be read.`, {
      field: '--batch',
      cure: 'Name a file with one JSON case a line.',
      cause,
    });
  }
}
