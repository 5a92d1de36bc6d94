/** `nightshift demo`: the whole main job with no questions, from routine to proposal, fired by the operating system. */

import { createNarrator } from '#cli/print/narrate.ts';
import { forTerminal } from '#cli/print/paint.ts';
import { runLines } from '#cli/print/runs.ts';
import { modelWords } from '#cli/print/words.ts';
import { Fault } from '#contract/faults.ts';
import type { Routine } from '#contract/routines.ts';
import { fireByAlarm } from './demo-fire.ts';
import { lookUp, type Story, storyLines } from './demo-story.ts';
import { exitCodes } from './exit-codes.ts';
import { steady, untilOver } from './follow.ts';
import { approvedLines } from './proposals.ts';
import type { Context } from './shell.ts';

/** Where `--approve` lands the work, so that the demo repository's own branch stays as it was. */
export const demoBranch = 'overnight-fixes';

interface DemoFlags {
  approve?: boolean;
  /** Leaves the routine active. */
  keep?: boolean;
}

/**
 * 0 when the run ended in a proposal, else 1 with the reason. With JSON: what happened as one document, progress on
 * stderr. A routine that was not active before is paused afterwards: whoever tries it out wants no nights of it.
 */
export async function demo(ctx: Context, flags: DemoFlags): Promise<number> {
  const before = await steady(ctx, (client) => client.routines.list());
  const { routine, repository } = await steady(ctx, (client) => client.demo.create());
  if (!routine.spec) throw broken(routine);
  const { model } = await steady(ctx, (client) => client.host.status());
  ctx.tell(ctx.paint.bold(`${routine.spec.name} — ${routine.words}`));
  ctx.tell(`Repository: ${repository}`);
  ctx.tell(`Model: ${modelWords({ model: model.auto, rehearsal: model.rehearsal })}`);
  await untilNothingRuns(ctx, routine.id);
  if (routine.spec.paused) {
    await steady(ctx, (client) => client.routines.resume({ routine: routine.id }));
    ctx.tell('The routine was paused; for the demo it is active again.');
  }
  const wasActive = before.some(({ id, spec }) => id === routine.id && spec?.paused === false);
  try {
    return await perform(ctx, routine.id, flags.approve ?? false);
  } finally {
    if (!ctx.signal.aborted) await leave(ctx, routine, wasActive || (flags.keep ?? false));
  }
}

async function perform(ctx: Context, routine: string, approve: boolean): Promise<number> {
  const queued = await fireByAlarm(ctx, routine);
  const narrate = createNarrator(ctx.paint);
  const run = await untilOver(ctx, {
    run: queued,
    after: 0,
    onItem: (item) => {
      if (item.kind === 'event') for (const line of narrate(item.event)) ctx.tell(line);
    },
  });

  return await tellEnd(ctx, await lookUp(ctx, run), approve);
}

async function leave(ctx: Context, { id, words }: Routine, active: boolean): Promise<void> {
  const say = (line: string) => ctx.tell(`\n${ctx.paint.typed(line)}`);
  if (active) return say(`The routine stays active (${words}): \`nightshift routines pause ${id}\` lets it rest.`);
  await steady(ctx, (client) => client.routines.pause({ routine: id }));
  say(`The routine is paused, so it costs you no night (${words}): \`nightshift routines resume ${id}\` wakes it.`);
}

async function tellEnd(ctx: Context, story: Story, approve: boolean): Promise<number> {
  const { run, proposal } = story;
  const tellAll = (all: string[]) => all.forEach((line) => void ctx.tell(line));
  const proposed = proposal !== null && run.outcome === 'proposed';
  if (proposed && !ctx.json) tellAll(storyLines(ctx.paint, ctx.zone, forTerminal({ ...story, proposal }), !approve));
  if (proposed && approve) {
    story.proposal = await ctx.client.proposals.approve({ proposal: proposal.id, into: demoBranch });
    tellAll(['', ...approvedLines(forTerminal(story.proposal))]);
  }
  if (ctx.json) ctx.out.write(`${JSON.stringify(story, null, 2)}\n`);
  if (proposed) return exitCodes.ok;
  tellAll(runLines(ctx.paint, forTerminal(run)));
  ctx.err.write(`The demo did not end in a proposal (${run.outcome ?? run.state}).\n`);
  return exitCodes.failed;
}

/** A run left over from an earlier demo is waited for: the routine takes one run at a time. */
async function untilNothingRuns(ctx: Context, routine: string): Promise<void> {
  for (const run of await steady(ctx, (client) => client.runs.list({ routine }))) {
    if (run.state === 'ended') continue;
    ctx.tell(`${run.id} of this routine is still ${run.state}; waiting until it is over.`);
    await untilOver(ctx, { run: run.id, after: 0 });
  }
}

function broken(routine: Routine): Fault {
  const { problem } = routine;
  const place = problem ? `${problem.file}${problem.line === undefined ? '' : `:${problem.line}`}` : routine.folder;
  return new Fault('conflict', `The demo routine is broken: ${place}: ${problem?.message ?? 'it cannot be read'}`, {
    cure:
      problem?.cure ??
      `Mend it, or remove it with \`nightshift routines remove ${routine.id}\` and run the demo again.`,
  });
}
