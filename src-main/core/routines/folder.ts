/** One routine's folder, read and written: `SKILL.md` holds the prompt, `routine.yaml` everything else. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Document, isMap, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { type RoutineProblem, RoutineSettings, RoutineSpec } from '#contract/routines.ts';
import { readSchedule } from '#core/calendar/calendar.ts';

export const skillFile = 'SKILL.md';
export const settingsFile = 'routine.yaml';

export type Reading = { spec: RoutineSpec; problem: null } | { spec: null; problem: RoutineProblem };

const Head = RoutineSpec.pick({ name: true, description: true });

/** Never throws: what cannot be used comes back as a problem with file and line. */
export function readFolder(folder: string): Reading {
  try {
    const settings = parseYaml(settingsFile, readText(folder, settingsFile), 1, RoutineSettings);
    checkSchedule(settings, folder);
    const { head, prompt } = readSkill(readText(folder, skillFile));
    return { spec: { ...settings, ...head, prompt }, problem: null };
  } catch (error) {
    if (error instanceof Problem) return { spec: null, problem: error.detail };
    throw error;
  }
}

/** Writes both files so that a crash leaves each of them either old or new. */
export function writeFolder(folder: string, spec: RoutineSpec): void {
  const { name, description, prompt, ...settings } = spec;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const document = new Document(settings);
  document.commentBefore = ' Read by Nightshift at every due time; safe to edit by hand and to keep in git.';
  replace(join(folder, settingsFile), document.toString());
  replace(join(folder, skillFile), `---\n${new Document({ name, description })}---\n\n${prompt}\n`);
}

class Problem extends Error {
  readonly detail: RoutineProblem;
  constructor(detail: RoutineProblem) {
    super(detail.message);
    this.detail = detail;
  }
}

function readText(folder: string, file: string): string {
  const path = join(folder, file);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const missing = !existsSync(path);
    throw new Problem({
      file,
      message: missing ? `${file} is missing.` : `${file} cannot be read: ${(error as Error).message}.`,
      cure: missing ? `Put ${file} back, or remove the routine.` : 'Check the permissions of the file.',
    });
  }
}

function readSkill(text: string): { head: z.infer<typeof Head>; prompt: string } {
  const match = /^---\r?\n([\s\S]*?)^---[ \t]*\r?\n?([\s\S]*)$/m.exec(text.replace(/^\uFEFF/, ''));
  if (!match || !text.replace(/^\uFEFF/, '').startsWith('---'))
    throw new Problem({
      file: skillFile,
      line: 1,
      message: 'SKILL.md does not begin with a front matter.',
      cure: 'Begin the file with three dashes, `name: …`, `description: …`, and three dashes again.',
    });
  const head = parseYaml(skillFile, match[1] ?? '', 2, Head);
  const prompt = (match[2] ?? '').trim();
  if (!prompt)
    throw new Problem({
      file: skillFile,
      line: text.split('\n').length,
      field: 'prompt',
      message: 'SKILL.md has no prompt below its front matter.',
      cure: 'Write below the second line of dashes what the agent is to do.',
    });
  return { head, prompt };
}

/** `firstLine`: where the text begins in its file, 1-based. */
function parseYaml<T>(file: string, text: string, firstLine: number, schema: z.ZodType<T>): T {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const lineAt = (offset: number) => lines.linePos(offset).line + firstLine - 1;
  const broken = document.errors[0];
  if (broken)
    throw new Problem({
      file,
      // An open quote is noticed at the end of the file only.
      line: Math.min(lineAt(broken.pos[0]), text.trimEnd().split('\n').length + firstLine - 1),
      message: `${file} is not valid YAML: ${broken.message}`,
      cure: 'Mend that line; values with special characters go in quotes.',
    });
  if (!isMap(document.contents))
    throw new Problem({ file, line: firstLine, message: `${file} must be a list of "name: value" lines.` });
  const parsed = schema.safeParse(plainValue(document, file, firstLine));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])].map(String);
  throw new Problem({
    file,
    line: lineOf(document, path, lineAt) ?? firstLine,
    field: path.join('.'),
    message:
      unknown === undefined ? `${path.join('.')}: ${issue?.message}.` : `There is no setting called "${unknown}".`,
    cure: unknown === undefined ? 'Correct the value.' : 'Correct the spelling or delete the line.',
  });
}

/** Aliases are followed here, and may lead nowhere or explode. */
function plainValue(document: Document.Parsed, file: string, firstLine: number): unknown {
  try {
    return document.toJS();
  } catch (error) {
    const message = `${file} uses YAML aliases that cannot be followed: ${(error as Error).message}`;
    throw new Problem({ file, line: firstLine, message, cure: 'Put values that begin with * or & in quotes.' });
  }
}

/** Line of the deepest part of `path` that the document has; undefined when it has none of it. */
function lineOf(document: Document.Parsed, path: string[], lineAt: (offset: number) => number): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    if (!isMap(parent)) continue;
    const pair = parent.items.find((item) => String(item.key) === path[depth - 1]);
    const range = (pair?.key as { range?: [number, number, number] } | undefined)?.range;
    if (range) return lineAt(range[0]);
  }
  return undefined;
}

function checkSchedule(settings: RoutineSettings, folder: string): void {
  try {
    readSchedule(settings.schedule, settings.timeZone);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const text = readText(folder, settingsFile).split('\n');
    const line = text.findIndex((each) => each.trimStart().startsWith(`${error.field}:`)) + 1;
    throw new Problem({
      file: settingsFile,
      ...(line > 0 ? { line } : {}),
      field: error.field ?? 'schedule',
      message: error.message,
      ...(error.cure ? { cure: error.cure } : {}),
    });
  }
}

function replace(path: string, text: string): void {
  const fresh = `${path}.new`;
  try {
    writeFileSync(fresh, text, { mode: 0o600, flush: true });
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}
