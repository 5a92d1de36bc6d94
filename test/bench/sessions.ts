/** What a session costs, beside the bare tool loop on the same SDK. */
import { join } from 'node:path';
import { createDemo } from '#host/demo/create.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { alternate, type Line, median, runProgram } from './measure.ts';

const here = (name: string) => join(import.meta.dirname, name);

/** `home`: a folder to work in; `url`: the scripted API. */
export async function sessions(home: string, url: string, rounds: number): Promise<Line[]> {
  const directory = join(home, 'repository');
  await createDemo({ directory });
  const repositories = createRepositories({ env: process.env, log: { info: () => {}, error: () => {} } });
  const repository = await repositories.inspect(directory);
  const worktree = join(home, 'worktree');
  await repositories.addWorktree(repository, 'nightshift/bench', repository.head, worktree);
  const env = { ...process.env, BENCH_URL: url, BENCH_REPOSITORY: directory, BENCH_WORKTREE: worktree };
  const results = await alternate(rounds, {
    ours: () => runProgram([process.execPath, here('our-session.ts')], env),
    bare: () => runProgram([process.execPath, here('bare-loop.ts')], env),
  });
  const pick = (name: string, what: 'wallMs' | 'cpuMs') => median((results[name] ?? []).map((cost) => cost[what]));
  const line = (what: string, cost: 'wallMs' | 'cpuMs'): Line => ({
    what: `session of 10 tool turns, cold process: ${what}`,
    ours: pick('ours', cost),
    bare: pick('bare', cost),
    unit: 'ms',
  });
  return [line('wall', 'wallMs'), line('processor', 'cpuMs')];
}
