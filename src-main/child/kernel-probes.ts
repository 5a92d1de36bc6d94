/** Judges what a small program, begun before this one, found: sockets and namespaces refused, and where an orphan ends up. */
import { existsSync, readFileSync, unlinkSync } from 'node:fs';
import type { Probe } from '#contract/hands.ts';

const operationNotPermitted = 1;

export async function kernelProbes(filter: boolean, report: string): Promise<Probe[]> {
  const said = await readReport(report);
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
      seen: `a process whose parent is gone belongs to process ${said.get('orphan')} of this namespace`,
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

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
/** Nanoseconds. It was begun before this process was. */
const patience = 5_000_000_000n;

/** Null where there was no perl. */
async function readReport(file: string): Promise<Map<string, number> | null> {
  // Not `performance`: Node loads it when it is first named, which takes longer than all that is read here.
  const { bigint: now } = process.hrtime;
  for (const began = now(); now() - began < patience; await wait(1)) {
    const rows = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    if (rows.at(-1) !== 'end') continue;
    unlinkSync(file);
    return rows.length === 1 ? null : new Map(rows.map((row) => [row.split(' ')[0] ?? '', Number(row.split(' ')[1])]));
  }
  return new Map();
}
