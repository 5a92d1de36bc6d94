/** `nightshift permissions test`: which rule decides about a call, where it is written, and what would change it. */
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { lines } from '#cli/answer.ts';
import { createPaint, forTerminal } from '#cli/print/paint.ts';
import { facts } from '#cli/print/table.ts';
import type { Shell } from '#cli/shell.ts';
import { Fault } from '#contract/faults.ts';
import { decide } from '#core/permissions/decide.ts';
import { compilePolicy, type PolicyLayer } from '#core/permissions/policy.ts';
import { isEditTool } from '#core/permissions/rule.ts';
import { findFlaws, type RuleFlaw } from '#core/permissions/rule-lint.ts';
import type { Verdict } from '#core/permissions/verdict.ts';
import { realView } from '#host/settings/real-view.ts';
import { readSettings } from '#host/settings/settings.ts';
import { runBatch } from './batch.ts';
import { topOf } from './project-top.ts';

export interface TestFlags {
  batch?: string;
  root?: string;
  cwd?: string;
  home?: string;
  mode?: string;
  unattended?: boolean;
  allow?: string[];
  ask?: string[];
  deny?: string[];
  json?: boolean;
}

/** Throws `input`. As JSON the verdict, with the mode, the files that were read, and every rule that is flawed. */
export function testCall(shell: Shell, tool: string | undefined, what: string | undefined, flags: TestFlags): void {
  if (flags.batch !== undefined) {
    const { root = '/repo', home = '/home/u' } = flags;
    runBatch(shell, flags.batch, { root, home, cwd: flags.cwd ?? root });
    return;
  }
  const call = readCall(tool, what);
  const explained = explain(shell, call.tool, call.input, flags);
  if (flags.json) shell.out.write(`${JSON.stringify(explained, null, 2)}\n`);
  else shell.out.write(lines(forPeople(shell, forTerminal(explained))));
}

/** Throws `input` when one of them is missing, or what is no JSON although it looks like it. */
export function readCall(
  tool: string | undefined,
  what: string | undefined,
): { tool: string; input: Record<string, unknown> } {
  if (tool === undefined || what === undefined)
    throw new Fault('input', 'There is no call to judge.', {
      field: tool === undefined ? '<tool>' : '<what>',
      cure: "Write e.g. `nightshift permissions test Bash 'git push'`, or --batch <file>.",
    });
  return { tool, input: readInput(tool, what) };
}

interface Explained extends Verdict {
  mode: { value: string; file: string };
  files: { layer: string; file: string; state: string; rules: number }[];
  flaws: RuleFlaw[];
  notes: string[];
}

function explain(shell: Shell, tool: string, input: Record<string, unknown>, flags: TestFlags): Explained {
  const cwd = resolve(shell.cwd, flags.cwd ?? flags.root ?? '.');
  const root = flags.root === undefined ? topOf(cwd) : resolve(shell.cwd, flags.root);
  const home = resolve(shell.cwd, flags.home ?? shell.env.HOME ?? homedir());
  const settings = readSettings({ platform: process.platform, root, home }, flags.mode);
  const { allow = [], ask = [], deny = [] } = flags;
  const own: PolicyLayer = { name: 'command line', file: 'the command line', allow, ask, deny };
  const policy = compilePolicy([...settings.layers, own], {
    ...{ mode: settings.mode.value, root, home, unattended: flags.unattended ?? false },
    os: process.platform === 'win32' ? 'windows' : 'posix',
    closed: settings.closed,
    managedRulesOnly: settings.managed.managedRulesOnly !== null,
  });
  return {
    ...decide({ tool, input, cwd }, policy, realView(root, process.platform)),
    mode: settings.mode,
    files: settings.files.map(({ layer, file, state }) => ({
      layer,
      file,
      state,
      rules: policy.rules.filter((rule) => rule.file === file).length,
    })),
    flaws: findFlaws(policy),
    notes: settings.notes,
  };
}

/** A JSON object is the whole input; anything else is what the tool is mostly about. */
function readInput(tool: string, what: string): Record<string, unknown> {
  if (/^\s*\{/.test(what) && tool !== 'Bash') {
    try {
      return JSON.parse(what) as Record<string, unknown>;
    } catch (cause) {
      throw new Fault('input', 'The input is not JSON.', {
        field: '<what>',
        cure: 'Write a path, a command, a URL or a JSON object.',
        cause,
      });
    }
  }
  if (tool === 'Bash') return { command: what };
  if (tool === 'WebFetch') return { url: what };
  if (tool === 'Glob' || tool === 'Grep') return { pattern: what };
  if (tool === 'Read' || isEditTool(tool))
    return tool === 'NotebookEdit' ? { notebook_path: what } : { file_path: what };
  return tool === 'Skill' ? { skill: what } : { subagent_type: what };
}

function forPeople(
  shell: Shell,
  { decision, code, rule, source, segment, path, hint, change, mode, flaws, notes }: Explained,
): string[] {
  const rows: [string, string | null][] = [
    ['decision', `${decision} (${code})`],
    ['because', hint],
    ['rule', rule && source ? `${rule}, ${source.layer}, ${source.file}` : null],
    ['part', segment],
    ['path', path],
    ['mode', `${mode.value}, ${mode.file}; of a run: --routine <routine>`],
    ['would change it', change],
    ...flaws.map((flaw): [string, string] => ['flawed rule', `${flaw.rule} (${flaw.file}): ${flaw.problem}`]),
    ...notes.map((note): [string, string] => ['note', note]),
  ];
  return facts(
    createPaint(shell.out, shell.env),
    rows.filter((row): row is [string, string] => row[1] !== null),
  );
}
