/** `nightshift permissions test --batch`: one case a line, one decision a line; no file system is looked at. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
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
const Case = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  tool: z.string(),
  input: z.record(z.string(), z.unknown()).default({}),
  rules: z.object({ allow: list, ask: list, deny: list }).prefault({}),
  mode: z.string().default('default'),
  fixture: z
    .object({
      symlinks: z.record(z.string(), z.string()).optional(),
      fs: z.enum(['case-insensitive', 'normalising']).optional(),
      os: z.enum(['windows']).optional(),
      cwd: z.string().optional(),
    })
    .prefault({}),
});
export type PermissionCase = z.infer<typeof Case>;

/** Throws `input` naming the line that is no case. Every line is judged before the first is printed. */
export function runBatch(shell: Shell, file: string, places: Places): void {
  const answers = readCases(shell, file).map((one) => {
    const { decision, code } = decideCase(one, places);
    return JSON.stringify({ id: one.id, decision, code });
  });
  shell.out.write(answers.map((line) => `${line}\n`).join(''));
}

export function decideCase({ tool, input, rules, mode, fixture }: PermissionCase, places: Places): Verdict {
  const { root, home } = places;
  const cwd = fixture.cwd === undefined ? places.cwd : resolve(places.root, fixture.cwd);
  const os = fixture.os ?? 'posix';
  const policy = compilePolicy([{ name: 'command line', file: 'the case', ...rules }], {
    ...{ mode: readMode(mode).mode, root, home, unattended: false, os },
  });
  return decide({ tool, input, cwd }, policy, simulateView(fixture, cwd, home));
}

function readCases(shell: Shell, file: string): PermissionCase[] {
  const path = resolve(shell.cwd, file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Fault('input', `${file} cannot be read.`, { field: '--batch', cure: 'Name a file with one JSON case a line.', cause });
  }
  return text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [readCase(line, index + 1)]));
}

function readCase(line: string, number: number): PermissionCase {
  const cure = 'Each line holds {"id","tool","input","rules","mode"} as JSON.';
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new Fault('input', `Line ${number} is not JSON.`, { field: '--batch', cure, cause });
  }
  const read = Case.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new Fault('input', `Line ${number}: ${issue?.path.join('.') || 'the case'}: ${issue?.message}.`, { field: '--batch', cure });
}
