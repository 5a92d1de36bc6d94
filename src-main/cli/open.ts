/** `nightshift open`: the app in a browser, for as long as somebody who wanted it is there. */
import { resolvePaths } from '#host/paths.ts';
import { lines } from './answer.ts';
import { browserCommand, openInBrowser, removePointer } from './browser.ts';
import { exitCodes } from './exit-codes.ts';
import { pause } from './pause.ts';
import type { Context } from './shell.ts';

/** How often it is looked whether the process that started us is still there, in milliseconds. */
const parentEvery = 1000;

/**
 * Prints why a browser and the one-time address, opens it where there is a display, and stays attached until Ctrl+C, or
 * until its parent process is gone. When the host goes away it starts another, at the same address where that is free.
 */
export async function open(ctx: Context, flags: { browser: boolean; parent: () => number }): Promise<number> {
  const { data } = resolvePaths(ctx.env);
  const command = flags.browser ? browserCommand(ctx.env, process.platform) : null;
  const orphaned = untilOrphaned(ctx, flags.parent);
  ctx.signal.addEventListener('abort', () => removePointer(data), { once: true });
  try {
    for (let before = ''; ; ) {
      const { link } = ctx;
      const { url } = await ctx.client.host.openUrl();
      const same = new URL(url).origin === before;
      before = new URL(url).origin;
      if (same) ctx.err.write('The host is back at the same address; an open page reconnects by itself.\n');
      const why = whyBrowser(flags.browser, command !== null);
      if (!same) ctx.out.write(ctx.json ? `${JSON.stringify({ url, why })}\n` : lines([why, url]));
      if (command && !same) openInBrowser(command, url, data, (trouble) => ctx.err.write(`${trouble}\n`));
      const gone = await Promise.race([orphaned, link.closed.then(() => 'host' as const)]);
      if (gone === 'parent') return exitCodes.ok;
      ctx.err.write('The host went away; starting another.\n');
      await ctx.reattach(link);
    }
  } finally {
    removePointer(data);
  }
}

function whyBrowser(wanted: boolean, can: boolean): string {
  if (can)
    return 'Nightshift opens in your browser; Ctrl+C here ends this view. The address works once, for 5 minutes:';
  const why = wanted ? 'There is no display here' : 'As asked, no browser is opened';
  return `${why}: open this address yourself. It works once, for 5 minutes; Ctrl+C here ends this view.`;
}

async function untilOrphaned(ctx: Context, parent: () => number): Promise<'parent'> {
  const first = parent();
  while (parent() === first) await pause(ctx, parentEvery);
  return 'parent';
}
