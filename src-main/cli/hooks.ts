/** `nightshift hooks …`: which commands settings files want run in sessions, and a person's yes to those of a repository. */
import { resolve } from 'node:path';
import { topOf } from '#cli/permissions/project-top.ts';
import { forTerminal } from '#cli/print/paint.ts';
import { facts, table } from '#cli/print/table.ts';
import { Fault } from '#contract/faults.ts';
import type { Hook, HookPreview } from '#contract/hooks.ts';
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import type { Context } from './shell.ts';

interface Flags {
  repository?: string;
}

const placeOf = (ctx: Context, { repository }: Flags) =>
  repository === undefined ? topOf(ctx.cwd) : resolve(ctx.cwd, repository);

/** Digits of a hash that name it. */
const enough = 12;

export async function list(ctx: Context, flags: Flags): Promise<number> {
  answer(ctx, await ctx.client.hooks.list({ repository: placeOf(ctx, flags) }), (shown) => told(ctx, shown));
  return exitCodes.ok;
}

/** `hash`: as `list` says it, or its beginning: whoever says yes has looked. */
export async function trust(ctx: Context, hash: string, flags: Flags): Promise<number> {
  const repository = placeOf(ctx, flags);
  const now = (await ctx.client.hooks.list({ repository })).trust?.hash ?? '';
  if (hash.length < enough || !now.startsWith(hash.toLowerCase()))
    throw new Fault('conflict', `The hooks of ${repository} are not ${hash}.`, {
      field: 'hash',
      cure: 'Look at them: `nightshift hooks list` says their hash.',
    });
  const trusted = await ctx.client.hooks.trust({ repository, hash: now, door: 'terminal' });
  answer(ctx, trusted, (shown) => told(ctx, shown));
  return exitCodes.ok;
}

export async function revoke(ctx: Context, flags: Flags): Promise<number> {
  const revoked = await ctx.client.hooks.revoke({ repository: placeOf(ctx, flags), door: 'terminal' });
  answer(ctx, revoked, (shown) => told(ctx, shown));
  return exitCodes.ok;
}

function told({ paint }: Context, preview: HookPreview): string[] {
  const { repository, commit, hooks, trust: yes, problems } = forTerminal(preview);
  const states: Record<Hook['state'], string> = {
    runs: paint.green('runs'),
    untrusted: paint.yellow('not trusted'),
    off: paint.dim('off'),
  };
  const asked = hooks.some(({ state }) => state === 'untrusted');
  return [
    ...facts(paint, [
      ['repository', repository],
      ['commit', commit.slice(0, 12)],
      [
        'its hooks',
        yes && `${yes.hash.slice(0, enough)}, ${yes.trustedAt ? `trusted ${yes.trustedAt}` : 'not trusted'}`,
      ],
      ['with the files', yes?.scripts.join(', ')],
    ]),
    '',
    ...(hooks.length === 0
      ? ['No settings file asks for a hook.']
      : table(
          paint,
          ['MOMENT', 'MATCHER', 'STATE', 'SECONDS', 'FILE', 'COMMAND'],
          hooks.map(({ moment, matcher, state, timeout, file, command }) => [
            ...[moment, matcher || '*', states[state], String(timeout), file, command],
          ]),
        )),
    ...problems.map(({ path, message, cure }) => `${paint.yellow('!')} ${path}: ${message}. ${cure}`),
    ...(asked && yes
      ? [
          '',
          `They run in the sandbox of a run. Yes to exactly these: ${paint.typed(`nightshift hooks trust ${yes.hash.slice(0, enough)} --repository ${repository}`)}`,
        ]
      : []),
  ];
}
