/**
 * How fast, as ratios measured side by side in one run, and whether each stays within its target. Nothing here passes or
 * fails. `npm run bench -- fires due` measures only these; `BENCH_ROUNDS` says how often (7).
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { decisions } from './decisions.ts';
import { dueChecks } from './due-check.ts';
import { events } from './events.ts';
import { fires } from './fires.ts';
import { heading, type Line, row } from './measure.ts';
import { nextFires } from './next-fires.ts';
import { registering } from './register.ts';
import { sandboxLines } from './sandbox.ts';
import { sessions } from './sessions.ts';
import { turns } from './turns.ts';

const rounds = Number(process.env.BENCH_ROUNDS ?? 7);
const wanted = process.argv.slice(2);
const home = mkdtempSync(join(tmpdir(), 'nightshift-bench-'));
const api = fork(join(import.meta.dirname, 'scripted-api.ts'));
const [{ url }] = (await once(api, 'message')) as [{ url: string }];

const parts: Record<string, () => Promise<Line[] | string>> = {
  sessions: () => sessions(home, url, rounds),
  turns: () => turns(url, rounds),
  events: () => events(home),
  fires: () => fires(home, api, url, rounds),
  due: () => dueChecks(home, rounds),
  calendar: async () => nextFires(rounds),
  registering,
  decisions: async () => decisions(),
  sandbox: () => sandboxLines(join(home, 'sandboxed')),
};
const unknown = wanted.filter((name) => !parts[name]);
try {
  if (unknown.length > 0) throw new Error(`There is ${Object.keys(parts).join(', ')}; no ${unknown.join(', ')}.`);
  console.log(
    `Load of the machine: ${loadavg()[0]?.toFixed(1)} (a time in ms means little above its number of cores)\n`,
  );
  console.log(heading);
  for (const [name, measure] of Object.entries(parts)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const lines = await measure();
    console.log(typeof lines === 'string' ? lines : lines.map(row).join('\n'));
  }
} finally {
  api.disconnect();
  rmSync(home, { recursive: true, force: true });
}
