/** What is enforced right now, each with its verdict and how it was seen: in a sandbox started for the purpose. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '#contract/faults.ts';
import type { DoctorCheck } from '#contract/host.ts';
import type { Hands } from '#core/ports.ts';
import type { LaunchSpec } from './launch.ts';

/** Reached by nobody: that it is on the list makes the proxy and its probes part of the trial. */
const nobody = 'nobody.nightshift.invalid';

/** A sandbox that cannot be had is the business of the other checks: then there is nothing to tell. */
export async function tellTruth(start: (spec: LaunchSpec) => Promise<Hands>): Promise<DoctorCheck[]> {
  const worktree = await mkdtemp(join(tmpdir(), 'nightshift-truth-'));
  try {
    const network = { allow: [nobody] };
    const hands = await start({ run: 'doctor-truth', worktree, gitDirectory: null, access: 'write', network });
    const probes = hands.probes ?? [];
    const named = new Set(probes.map(({ name }) => name));
    const left = await leaveBehind(hands);
    return [
      ...probes.map(({ name, held, seen }) => check(name, held, seen ?? 'tried from inside')),
      ...hands.enforced.filter((phrase) => !named.has(phrase)).map((phrase) => check(phrase, true, 'set on its start')),
      left,
    ];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [];
  } finally {
    await rm(worktree, { recursive: true, force: true });
  }
}

function check(name: string, held: boolean, detail: string): DoctorCheck {
  if (held) return { name: `sandbox: ${name}`, state: 'ok', detail };
  return { name: `sandbox: ${name}`, state: 'failed', detail, cure: 'No run starts until this holds; see README.md.' };
}

/** A process in a session of its own is left behind, the sandbox is ended, and the process is looked for from outside. */
async function leaveBehind(hands: Hands): Promise<DoctorCheck> {
  const name = 'a process left in the background is gone with the sandbox';
  const namespaceOf = (pid: string) => stat(`/proc/${pid}/ns/pid`).then(({ ino }) => ino);
  const inside = await hands.call('Bash', {
    command: 'setsid sleep 600 >/dev/null 2>&1 & readlink /proc/self/ns/pid',
  });
  const own = /\[(\d+)\]/.exec(inside.text)?.[1];
  await hands.close();
  if (!inside.ok || own === undefined) return check(name, false, `it could not be tried: ${inside.text.slice(0, 200)}`);
  const all = (await readdir('/proc')).filter((pid) => /^\d+$/.test(pid));
  const found = await Promise.all(
    all.map(async (pid) => (await namespaceOf(pid).catch(() => 0)) === Number(own) && !(await isDead(pid))),
  );
  const count = found.filter(Boolean).length;
  return check(name, count === 0, `${count} of its processes were left after its end`);
}

async function isDead(pid: string): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return status === '' || /^State:\t[ZX]/m.test(status);
}
