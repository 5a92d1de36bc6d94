/** `nightshift settings show`: which files say what, which of them do not count and why, and what nobody here can change. */
import { resolve } from 'node:path';
import { topOf } from '#cli/permissions/project-top.ts';
import { facts, table } from '#cli/print/table.ts';
import type { EffectiveSettings, LockedSetting } from '#contract/settings.ts';
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import type { Context } from './shell.ts';

export async function show(ctx: Context, flags: { repository?: string } = {}): Promise<number> {
  const repository = flags.repository === undefined ? topOf(ctx.cwd) : resolve(ctx.cwd, flags.repository);
  answer(ctx, await ctx.client.settings.effective({ repository }), (shown) => told(ctx, shown));
  return exitCodes.ok;
}

function told({ paint }: Context, { repository, files, locked, mode, problems }: EffectiveSettings): string[] {
  const states = {
    absent: paint.dim('absent'),
    read: 'read',
    broken: paint.red('broken'),
    refused: paint.red('refused'),
  };
  return [
    ...facts(paint, [
      ['repository', repository],
      ['mode', `${mode.value}, ${mode.file}`],
    ]),
    '',
    ...table(
      paint,
      ['LAYER', 'STATE', 'RULES', 'FILE'],
      files.map(({ layer, state, rules, file }) => [layer, states[state], String(rules), file]),
    ),
    '',
    ...(locked.length === 0
      ? ['Nothing is locked by an administrator.']
      : table(
          paint,
          ['LOCKED', 'VALUE', 'BY'],
          locked.map(({ what, values, file }) => [words[what], values.join(', '), file]),
        )),
    ...(problems.length === 0 ? [] : ['', ...problems.map((problem) => `${paint.yellow('!')} ${problem}`)]),
  ];
}

const words: Record<LockedSetting['what'], string> = {
  forbiddenMode: 'forbidden mode',
  featureOff: 'switched off',
  model: 'the only model',
  models: 'the only models',
  baseUrl: 'the only address',
  deny: 'denied',
  managedRulesOnly: 'allow rules of others do not count',
};
