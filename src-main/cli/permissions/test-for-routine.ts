/** `nightshift permissions test --routine`: what a run of this routine would be told, under the same rules, mode and grants. */
import { homedir } from 'node:os';
import { answer } from '#cli/answer.ts';
import { exitCodes } from '#cli/exit-codes.ts';
import { facts } from '#cli/print/table.ts';
import type { Context } from '#cli/shell.ts';
import { Fault } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { contentHash } from '#core/grants/content.ts';
import type { Verdict } from '#core/permissions/judge.ts';
import { prepare } from '#core/tools/toolbox.ts';
import { createRules } from '#host/settings/run-rules.ts';
import { topOf } from './project-top.ts';

export interface ForRoutine extends Verdict {
  tool: string;
  routine: string;
  /** Of the routine, and what happens to a question when nobody is there. */
  mode: { value: RoutineSpec['permissionMode']; whenAsked: RoutineSpec['whenAsked'] };
  /** Whether its next run leaves nobody waiting: what `decision` comes to at night. */
  atNight: 'allowed' | 'denied' | 'asked, and the run waits' | 'judged by a second model';
  policyVersion: string;
  rulesFrom: { layer: string; file: string | null; rules: number }[];
  notes: readonly string[];
}

/**
 * Nothing is run. The links of the repository are looked at as they are now; a run has a worktree of its own.
 * Throws `not_found`, `input`, and what the settings of an administrator forbid of the routine.
 */
export async function testForRoutine(
  ctx: Context,
  routine: string,
  name: string,
  input: Record<string, unknown>,
): Promise<number> {
  const { spec } = await ctx.client.routines.get({ routine });
  if (!spec)
    throw new Fault('input', `The files of the routine "${routine}" cannot be understood, so it has no rules.`, {
      field: '--routine',
      cure: `See what is wrong: \`nightshift routines show ${routine}\`.`,
    });
  const prepared = prepare(name, input);
  if ('failure' in prepared)
    throw new Fault('input', prepared.failure.text, {
      field: '<tool>',
      cure: 'Name a tool that runs have, e.g. `permissions test --routine <routine> Bash <command>`.',
    });
  const hash = contentHash(spec);
  const given = await ctx.client.grants.list({ routine, state: 'active', limit: 1000 });
  const granted = given.flatMap((grant) =>
    grant.contentHash === hash && grant.granted.kind === 'rule' ? [grant.granted.rule] : [],
  );
  const root = topOf(spec.repository);
  const rules = createRules({ home: ctx.env.HOME ?? homedir(), platform: process.platform });
  const { judge, sources, problems } = await rules.load(spec, root, root, () => granted);
  const verdict = await judge.judge(prepared.tool, prepared.input, ctx.signal);
  const { permissionMode: value, whenAsked } = spec;
  const found: ForRoutine = {
    ...{ ...verdict, tool: name, routine, mode: { value, whenAsked }, atNight: atNight(verdict, spec) },
    ...{ policyVersion: judge.version, rulesFrom: sources, notes: problems },
  };
  answer(ctx, found, (shown) => facts(ctx.paint, rows(shown)));
  return exitCodes.ok;
}

function atNight({ decision, code, approvable }: Verdict, { whenAsked }: RoutineSpec): ForRoutine['atNight'] {
  if (decision === 'allow') return 'allowed';
  if (decision === 'deny') return 'denied';
  if (code === 'auto.unclassified') return 'judged by a second model';
  return approvable && whenAsked === 'park' ? 'asked, and the run waits' : 'denied';
}

function rows(found: ForRoutine): [string, string][] {
  const { decision, code, why, rule, source, segment, path, hint, mode, routine, notes } = found;
  const all: [string, string | null][] = [
    ['decision', code ? `${decision} (${code})` : decision],
    ['at night', found.atNight],
    ['because', why || null],
    ['rule', rule && source ? `${rule}, ${source}` : null],
    ['part', segment],
    ['path', path],
    [
      'mode',
      `${mode.value}, of the routine ${routine}; a question ${mode.whenAsked === 'park' ? 'waits' : 'is denied'}`,
    ],
    ['instead', hint],
    ...found.rulesFrom.map(({ layer, file, rules }): [string, string] => [
      'rules',
      file ? `${rules} ${layer}, ${file}` : `${rules} ${layer}`,
    ]),
    ...notes.map((note): [string, string] => ['note', note]),
  ];
  return all.filter((row): row is [string, string] => row[1] !== null);
}
