/** Faults of processes: the runner killed, the host stopped and continued, two hosts at once. */
import type { DrillHost, Fault, Stage } from './stage.ts';
import { must, routineId, routineSpec, soon } from './stage.ts';

/** Adds the routine and one instant that is due at once, and lets the host notice it. Gives the run that came of it. */
export async function fireOnce({ profile, promise, until }: Stage, { client }: Pick<DrillHost, 'client'>) {
  const known = (await client.routines.list()).some(({ id }) => id === routineId);
  if (!known) await client.routines.add({ id: routineId, spec: routineSpec(profile.repository) });
  const at = soon(500);
  await client.routines.fireAt({ routine: routineId, at });
  promise(routineId, at);
  return until('the run of the instant', async () => {
    await client.due({ by: 'cli' });
    const rows = await client.routines.ledger({ routine: routineId });
    return rows.find(({ dueAt }) => dueAt === at)?.run;
  });
}

export const runnerKilled: Fault = {
  fault: 'runner_killed',
  done: 'kill -9 to the host while the model was answering in the middle of a run',
  expected: 'the next host takes the run up, it ends once, no call is made twice',
  async run(stage) {
    const { profile, attach, until, ended, show, stop } = stage;
    profile.model.hold(1);
    const first = await attach();
    const run = await fireOnce(stage, first);
    await until('the second question to the model', () => profile.model.held() > 0);
    const before = (await first.client.host.status()).seq;
    await until('all events up to the kill', () => stage.heard.length >= before);
    process.kill(first.hostPid, 'SIGKILL');
    await first.closed;
    profile.model.hold(null);
    const second = await attach();
    must(second.hostPid !== first.hostPid, 'the killed host still answers');
    const over = await ended(second.client, run);
    await stop(second);
    must(over.outcome === 'proposed', `the run ended as ${over.outcome}: ${over.reason?.message}`);
    must(over.resumes === 1, `the run was taken up ${over.resumes} times`);
    show(`killed after event ${before}`, `resumed ${over.resumes} time, ${over.toolCalls} calls`);
    return `process ${first.hostPid} was killed at event ${before}; the next host resumed the run and it proposed`;
  },
};

export const hostFrozen: Fault = {
  fault: 'host_frozen',
  done: 'SIGSTOP to the host while something fell due, then SIGCONT',
  expected: 'the instant is claimed once when the host goes on, and runs',
  cannot: () => (process.platform === 'win32' ? 'Windows cannot stop and continue a process' : null),
  async run(stage) {
    const { profile, attach, until, ended, show, stop, promise } = stage;
    const host = await attach();
    await host.client.routines.add({ id: routineId, spec: routineSpec(profile.repository) });
    // Further ahead than the two seconds by which an instant may be claimed early.
    const at = soon(3000);
    await host.client.routines.fireAt({ routine: routineId, at });
    promise(routineId, at);
    process.kill(host.hostPid, 'SIGSTOP');
    try {
      await until('the due instant', () => Date.now() > Date.parse(at) + 500);
    } finally {
      process.kill(host.hostPid, 'SIGCONT');
    }
    await host.client.due({ by: 'cli' });
    const [row] = await host.client.routines.ledger({ routine: routineId });
    must(row?.run !== undefined && row.run !== null, `the instant did not become a run: ${row?.reason ?? 'no row'}`);
    const over = await ended(host.client, row?.run ?? '');
    await stop(host);
    must(over.outcome === 'proposed', `the run ended as ${over.outcome}: ${over.reason?.message}`);
    const late = Date.parse(row?.claimedAt ?? at) - Date.parse(at);
    must(late > 0, 'the instant was claimed by a host that stood still');
    show(`claimed ${late} ms after it was due`);
    return `the instant passed while process ${host.hostPid} stood still; it was claimed ${late} ms late and ran`;
  },
};

/** Never starts a host, as attaching does while none holds the place yet: a third one would make a race of its own. */
async function join({ profile, hosts, until, witness }: Stage): Promise<DrillHost> {
  const link = await until('one of the hosts', () => hosts.connect(profile.paths.socket).catch(() => null));
  witness(link);
  return { ...link, hostPid: (await link.client.host.status()).pid };
}

export const twoHosts: Fault = {
  fault: 'two_hosts',
  done: 'two hosts started at the same moment with an instant due, and asked four times at once',
  expected: 'one of them holds the data directory, the other leaves with exit code 0; one row, one run',
  async run(stage) {
    const { profile, hosts, attach, until, ended, show, stop, promise } = stage;
    const { paths, env } = profile;
    const host = await attach();
    await host.client.routines.add({ id: routineId, spec: routineSpec(profile.repository) });
    const at = soon(2500);
    await host.client.routines.fireAt({ routine: routineId, at });
    promise(routineId, at);
    await stop(host);
    await until('the due instant', () => Date.now() > Date.parse(at));
    const both = await Promise.all([hosts.start(paths, env), hosts.start(paths, env)]);
    const links = await Promise.all([join(stage), join(stage)]);
    const asked = [...links, ...links].map(({ client }) => client.due({ by: 'cli' }));
    const claims = (await Promise.all(asked)).reduce((sum, { accounted }) => sum + accounted.length, 0);
    const exit = await until('the end of one of the two', () => {
      const gone = both.map((each) => each.exited()).filter((code) => code !== null);
      return gone.length > 0 ? gone : null;
    });
    must(exit.length === 1 && exit[0] === 0, `the hosts left with the exit codes ${exit.join(' and ')}`);
    must(new Set(links.map(({ hostPid }) => hostPid)).size === 1, 'two hosts answered');
    must(claims <= 1, `the instant was claimed ${claims} times`);
    const [first] = links as [DrillHost, DrillHost];
    const runs = await first.client.runs.list({});
    must(runs.length === 1, `there are ${runs.length} runs`);
    const over = await ended(first.client, runs[0]?.id ?? '');
    for (const link of links.slice(1)) link.close();
    await stop(first);
    must(over.outcome === 'proposed', `the run ended as ${over.outcome}: ${over.reason?.message}`);
    show(`process ${first.hostPid} hosted, the other left with exit code 0`, `4 questions, ${claims} claim by them`);
    return `process ${first.hostPid} hosted alone and the instant became one run`;
  },
};
