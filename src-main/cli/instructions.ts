/** `nightshift instructions`: which files would tell a run on this repository how to work, and which of them do not count. */
import { resolve } from 'node:path';
import { topOf } from '#cli/permissions/project-top.ts';
import { forTerminal } from '#cli/print/paint.ts';
import { facts, table } from '#cli/print/table.ts';
import { type AgentFile, type InstructionPreview, ignoredWords, type SkillFile } from '#contract/instructions.ts';
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import type { Context } from './shell.ts';

export async function instructions(ctx: Context, flags: { repository?: string } = {}): Promise<number> {
  const repository = flags.repository === undefined ? topOf(ctx.cwd) : resolve(ctx.cwd, flags.repository);
  answer(ctx, await ctx.client.instructions.preview({ repository }), (shown) => told(ctx, forTerminal(shown)));
  return exitCodes.ok;
}

function told(
  { paint }: Context,
  { repository, commit, files, waiting, problems, skills, agents }: InstructionPreview,
): string[] {
  const tokens = [...files, ...skills, ...agents].reduce((sum, file) => sum + file.tokens, 0);
  return [
    ...facts(paint, [
      ['repository', repository],
      ['commit', commit.slice(0, 12)],
      ['in every request', tokens === 0 ? 'nothing: there are no instruction files' : `about ${tokens} tokens`],
    ]),
    ...(files.length === 0
      ? []
      : [
          '',
          ...table(
            paint,
            ['FILE', 'OF', 'TOKENS', 'IMPORTED BY'],
            files.map((file) => [file.path, file.layer, String(file.tokens), file.importedBy ?? '']),
          ),
          ...(files.length > 1 ? ['', 'Where two differ, the later one holds.'] : []),
        ]),
    ...listed(paint, skills),
    ...kinds(paint, agents),
    ...waiting.map(({ path, globs }) => `${path} counts once a file is touched that matches ${globs.join(', ')}`),
    ...problems.map(({ path, message, cure }) => `${paint.yellow('!')} ${path}: ${message}. ${cure}`),
  ];
}

/** What can be called, with what its text costs once it is. */
function listed(paint: Context['paint'], skills: readonly SkillFile[]): string[] {
  if (skills.length === 0) return [];
  const ignored = skills.filter((skill) => skill.ignored.length > 0);
  return [
    '',
    ...table(
      paint,
      ['SKILL', 'OF', 'CALLED BY', 'TOKENS', 'ONCE CALLED', 'FILE'],
      skills.map(({ name, kind, layer, calledBy, tokens, bodyTokens, path }) => [
        ...[kind === 'command' ? `${name} (command)` : name, layer, calledBy.join(', ') || 'nobody'],
        ...[String(tokens), String(bodyTokens), path],
      ]),
    ),
    ...ignored.map(({ name, ignored: fields }) => `${name}: ${ignoredWords(fields)}`),
  ];
}

/** What can be started, with what its text costs once it is. */
function kinds(paint: Context['paint'], agents: readonly AgentFile[]): string[] {
  if (agents.length === 0) return [];
  const ignored = agents.filter((kind) => kind.ignored.length > 0);
  return [
    '',
    ...table(
      paint,
      ['SUBAGENT', 'OF', 'MODEL', 'TOOLS', 'TOKENS', 'ONCE STARTED', 'FILE'],
      agents.map(({ name, layer, model, tools, tokens, bodyTokens, path }) => [
        ...[name, layer.replace('_', ' '), model ?? 'that of the run', tools.join(', ')],
        ...[String(tokens), String(bodyTokens), path ?? ''],
      ]),
    ),
    ...ignored.map(({ name, ignored: fields }) => `${name}: ${ignoredWords(fields)}`),
  ];
}
