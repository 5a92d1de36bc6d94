/** The disk fills up in the middle of a run, on a small file system of its own, and is freed again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault as PlannedFault } from '#contract/faults.ts';
import { runProgram } from '#host/scheduler/run-program.ts';
import { entry } from '#host/self.ts';
import { fireOnce } from './fault-processes.ts';
import type { Profile } from './profile.ts';
import { type DrillLink, type Fault, must, routineId, routineSpec, type Stage } from './stage.ts';

/** Bytes of the file system: a database, a worktree and little more. */
const size = 24_000_000;
/** Longer than a socket path may be, so that the socket is put outside the file system that only the host sees. */
const data = 'd'.repeat(110);
/** Two hosts, one after the other; in between the disk is freed, afterwards all is copied to where it can be seen. */
const script = '"$1" "$2"; rm -f "$3"/worktrees/*/filler; : > "$4.freed"; "$1" "$2"; cp -a "$3/." "$4"';

/** Where the sandbox finds it, too: the PATH of whoever started the host need not name it. */
const bwrap = existsSync('/usr/bin/bwrap') ? '/usr/bin/bwrap' : 'bwrap';
const smallDisk = (at: string) => ['--dev-bind', '/', '/', '--size', String(size), '--tmpfs', at, '--'];

const copyOf = ({ folder }: Profile) => join(folder, 'copy');

function startCaged({ paths, env, folder }: Profile): ChildProcess {
  mkdirSync(paths.data, { recursive: true, mode: 0o700 });
  mkdirSync(copyOf({ folder } as Profile));
  const inside = [
    '/bin/sh',
    '-c',
    script,
    'sh',
    process.execPath,
    entry('host'),
    paths.data,
    copyOf({ folder } as Profile),
  ];
  return spawn(bwrap, [...smallDisk(paths.data), ...inside], {
    env: process.versions.electron ? { ...env, ELECTRON_RUN_AS_NODE: '1' } : env,
    // A folder that both sides see.
    cwd: folder,
    stdio: 'ignore',
  });
}

/** The endpoint file lies where only the host sees it, the socket does not. */
async function connect(stage: Stage): Promise<DrillLink> {
  const { hosts, profile, until, witness } = stage;
  const link = await until('a host on the small disk', () => hosts.connect(profile.paths.socket).catch(() => null));
  witness(link);
  return link;
}

export const diskFull: Fault = {
  fault: 'disk_full',
  done: `the disk filled by the run's own command on a file system of ${size / 1e6} MB, then freed`,
  expected: 'nothing told is lost, a change is refused with the cure, and the next host brings the run to its end',
  // It stays at work on the full disk; only the next host sees it over.
  profile: { data, command: 'echo mended > drill.txt; cat /dev/zero > filler; sleep 600' },
  async cannot() {
    if (process.platform !== 'linux') return 'a small file system is made with bubblewrap, on Linux only';
    const { ok, problem } = await runProgram(bwrap, [...smallDisk(tmpdir()), '/bin/sh', '-c', ':'], process.env);
    return ok ? null : `bubblewrap cannot make a small file system here: ${problem}`;
  },
  database: (profile) => join(copyOf(profile), 'nightshift.db'),
  async run(stage) {
    const { profile, until, ended, show, heard } = stage;
    const cage = startCaged(profile);
    let gone = false;
    cage.once('exit', () => (gone = true)).once('error', () => (gone = true));
    const first = await connect(stage);
    const run = await fireOnce(stage, first);
    // Sooner, on a slow machine, what is added below fills the disk before the run has a place to work in, and ends it.
    await until("the run's own command", () =>
      heard.some((event) => event.type === 'tool.started' && event.run === run),
    );
    const spec = { ...routineSpec(profile.repository), prompt: 'x'.repeat(90_000) };
    const refusal = await until('the full disk', async () => {
      const answer = await first.client.routines
        .add({ id: `${routineId}-more`, spec })
        .catch((error: unknown) => error);
      if (answer instanceof PlannedFault) return answer;
      // There was still room: it goes again, and is tried anew.
      await first.client.routines.remove({ routine: `${routineId}-more` }).catch(() => {});
      return null;
    });
    must(refusal.code === 'data.full', `a change was refused with ${refusal.code}: ${refusal.message}`);
    const meanwhile = await first.client.runs.get({ run });
    must(meanwhile.state === 'running', `on the full disk the run is ${meanwhile.state}`);
    await first.client.host.stop({ force: true }).catch(() => {});
    await first.closed;
    await until('the freed disk', () => existsSync(`${copyOf(profile)}.freed`));

    const second = await connect(stage);
    const over = await ended(second.client, run);
    await second.client.host.stop({ force: true });
    await until('the end of the file system', () => gone);
    must(over.outcome === 'proposed', `the run ended as ${over.outcome}: ${over.reason?.message}`);
    show(`refused: ${refusal.message}`, `cure: ${refusal.cure}`, `resumed ${over.resumes} time`);
    return 'while it was full nothing was changed; freed, the next host resumed the run and it proposed';
  },
};
