/** `nightshift questions …`: what runs ask, shown exactly, and answered once. */
import { questionDetails, questionTable } from '#cli/print/questions.ts';
import type { QuestionState } from '#contract/questions.ts';
import { visibleIn } from '#contract/visible.ts';
import { exitCodes } from './exit-codes.ts';
import type { Context } from './shell.ts';

export async function list(ctx: Context, flags: { state?: QuestionState; run?: string; limit?: number }) {
  const all = await ctx.client.questions.list({ state: flags.state ?? 'open', run: flags.run, limit: flags.limit });
  say(ctx, all, () => questionTable(ctx.paint, ctx.zone, visibleIn(all)));
  return exitCodes.ok;
}

export async function show(ctx: Context, id: string): Promise<number> {
  const question = await ctx.client.questions.get({ question: id });
  say(ctx, question, () => questionDetails(ctx.paint, ctx.zone, visibleIn(question)));
  return exitCodes.ok;
}

/** All of them or none; what each allows or forbids is printed. */
export async function decide(
  ctx: Context,
  ids: string[],
  flags: { decision: 'approve' | 'deny'; note?: string; always?: boolean },
): Promise<number> {
  const asked = await Promise.all(ids.map((question) => ctx.client.questions.get({ question })));
  const { decision, note, always } = flags;
  const answers = asked.map(({ id: question, bind }) => ({
    question,
    bind,
    decision,
    note,
    ...(always ? { always } : {}),
  }));
  const answered = await ctx.client.questions.answer({ answers, door: 'terminal' });
  say(ctx, answered, () => [
    ...answered.flatMap((question) => [
      ...questionDetails(ctx.paint, ctx.zone, visibleIn(question)),
      '',
      'The run goes on. To look at it:',
      ctx.paint.typed(`  nightshift runs follow ${question.run}`),
      '',
    ]),
  ]);
  return exitCodes.ok;
}

function say(ctx: Context, value: unknown, lines: () => string[]): void {
  if (ctx.json) ctx.out.write(`${JSON.stringify(value, null, 2)}\n`);
  else
    ctx.out.write(
      lines()
        .map((line) => `${line}\n`)
        .join(''),
    );
}
