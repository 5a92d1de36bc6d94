/** Commits of a run as a git bundle, and back; what comes in is checked object by object before anything of it counts. */
import { Fault } from '#contract/faults.ts';
import { stderrOf } from './git-failure.ts';
import type { Git } from './run-git.ts';

export async function packFrom(
  git: Git,
  ref: string,
  base: string,
  commit: string,
  mostBytes: number,
): Promise<Uint8Array> {
  const more = await git(['rev-list', '--count', commit, `^${base}`]);
  if (more.out.toString().trim() === '0') return new Uint8Array();
  await git(['update-ref', ref, commit]);
  try {
    const { out, cut } = await git(['bundle', 'create', '--quiet', '-', ref, `^${base}`], { cutAfter: mostBytes });
    if (!cut) return out;
  } finally {
    await git(['update-ref', '-d', ref]);
  }
  throw new Fault('input', `What the run changed is more than ${Math.floor(mostBytes / 1e6)} MB, packed.`, {
    field: 'run',
    cure: 'Push its branch and start a new run there, or let it take out what is large.',
  });
}

/** The pack of a bundle begins after its first empty line. Throws `input`. */
export async function unpackInto(git: Git, bundle: Uint8Array): Promise<void> {
  const bytes = Buffer.from(bundle);
  const end = bytes.indexOf('\n\n');
  if (!/^# v[23] git bundle\n/.test(bytes.subarray(0, 20).toString('latin1')) || end < 0)
    throw unsound('it is no git bundle');
  try {
    // Strict: every object is examined, and nothing is kept of a pack that has one that is not sound.
    await git(['index-pack', '--stdin', '--fix-thin', '--strict'], { input: bytes.subarray(end + 2) });
  } catch (error) {
    throw unsound(stderrOf(error).trim().split('\n').at(-1) ?? 'git does not take it', error);
  }
}

function unsound(why: string, cause?: unknown): Fault {
  return new Fault('input', `The commits in the bundle are not sound: ${why.slice(0, 300)}.`, {
    field: 'bundle',
    cure: 'Ask for the file again where it came from: `nightshift runs bundle <run> --out <file>`.',
    cause,
  });
}
