/** What only a system call can show: sockets and namespaces that must be refused, and where an orphan ends up. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Probe } from '#contract/hands.ts';

/** Number of unshare(2); processors without one here are judged by what the kernel says of the process. */
const unshare: Record<string, number> = { x64: 272, arm64: 97 };
const operationNotPermitted = 1;

/**
 * One short program for all, because starting a program is what costs time here. Each line: what was tried, and the
 * kernel's answer (0: it worked). The last: the parent of a process that was left behind in a session of its own.
 */
const script = `
  use POSIX ();
  sub note { print $_[0], " ", ($_[1] ? 0 : $! + 0), "\\n" }
  note("packet", socket(my $a, 17, 3, 0));
  note("vsock", socket(my $b, 40, 1, 0));
  note("raw", socket(my $c, 2, 3, 1));
  note("unshare", syscall($ARGV[0], 0x10000000) == 0) if $ARGV[0];
  my $zero = "\\0";
  note("typing", ioctl(STDIN, 0x5412, $zero));
  pipe(my $r, my $w);
  if (fork() == 0) {
    POSIX::setsid();
    my $first = $$;
    if (fork() == 0) {
      for (1 .. 2000) { last if getppid() != $first; select(undef, undef, undef, 0.001) }
      syswrite($w, getppid());
    }
    POSIX::_exit(0);
  }
  wait(); close($w); sysread($r, my $parent, 9);
  print "orphan $parent\\n";
`;

export async function kernelProbes(filter: boolean): Promise<Probe[]> {
  const said = await runScript();
  if (!said) return filter ? [{ name: 'dangerous system calls refused', ...filterInForce() }] : [];
  const refused = (what: string) => said.get(what) === operationNotPermitted;
  const probes: Probe[] = [
    {
      name: 'raw sockets refused',
      held: refused('raw') && (!filter || (refused('packet') && refused('vsock'))),
      seen: tell(said, ['raw', 'packet', 'vsock']),
    },
    {
      name: 'no process outlives the sandbox',
      held: said.get('orphan') === 1,
      seen: `a process left behind in a session of its own belongs to process ${said.get('orphan')} of this namespace`,
    },
  ];
  // bubblewrap itself forbids further user namespaces, filter or none; without a number it could not be tried.
  if (said.has('unshare')) {
    const answer = said.get('unshare');
    probes.push({ name: 'no new user namespace', held: answer !== 0, seen: tell(said, ['unshare']) });
  }
  if (filter) {
    const { held, seen } = filterInForce();
    const name = 'dangerous system calls refused';
    probes.push({ name, held: held && refused('typing'), seen: `${seen}; ${tell(said, ['typing'])}` });
  }
  return probes;
}

function tell(said: Map<string, number>, names: string[]): string {
  return names.map((name) => `${name}: ${said.get(name) === 0 ? 'worked' : `error ${said.get(name)}`}`).join(', ');
}

function filterInForce(): { held: boolean; seen: string } {
  const mode = /^Seccomp:\t(\d)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return { held: mode === '2', seen: `the kernel says: Seccomp ${mode}` };
}

/** Null where there is no perl; git brings it on most systems. */
function runScript(): Promise<Map<string, number> | null> {
  const args = ['-e', script, String(unshare[process.arch] ?? 0)];
  return new Promise((resolve) => {
    execFile('perl', args, { timeout: 10_000 }, (error, stdout) => {
      if (error) return resolve(null);
      const rows = stdout.trim().split('\n');
      resolve(new Map(rows.map((row) => [row.split(' ')[0] ?? '', Number(row.split(' ')[1])])));
    }).stdin?.end();
  });
}
