/** Takes the lease of each data directory named on stdin, says how it went, and keeps what it got until it is ended. */
import { createInterface } from 'node:readline';
import { Fault } from '#contract/faults.ts';
import { systemClock } from '#host/clock.ts';
import { prepareDataDirectory } from '#host/data-directory.ts';
import { acquireLease } from '#host/lease.ts';
import { resolvePaths } from '#host/paths.ts';

for await (const home of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(take(home)));
}
process.exit(0);

function take(home: string): unknown {
  try {
    const paths = resolvePaths({ NIGHTSHIFT_HOME: home });
    prepareDataDirectory(paths.data);
    const answer = acquireLease(paths, systemClock, () => {});
    return answer.held ? { held: true, fence: answer.lease.fence } : { held: false, pid: answer.holder.pid };
  } catch (error) {
    if (error instanceof Fault) return { fault: error.toData() };
    throw error;
  }
}
