/** Commits of a run as a git bundle, and back; what comes in is checked object by object before anything of it counts. */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
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

/** Bytes: what is packed to almost nothing must not fill the disk as soon as somebody looks at it. */
const mostPacked = 128_000_000;
const mostUnpacked = 1_000_000_000;
/** A larger file is read piece by piece instead of whole in memory. */
const piecemeal = ['-c', 'core.bigFileThreshold=16m'];

/** The pack of a bundle begins after its first empty line. Nothing of it is kept when it unpacks to more than `most` bytes. Throws `input`. */
export async function unpackInto(git: Git, bundle: Uint8Array, most = mostUnpacked): Promise<void> {
  const bytes = Buffer.from(bundle);
  const end = bytes.indexOf('\n\n');
  if (!/^# v[23] git bundle\n/.test(bytes.subarray(0, 20).toString('latin1')) || end < 0)
    throw unsound('it is no git bundle');
  const folder = await packFolder(git);
  const before = new Set(await readdir(folder).catch(() => []));
  let pack: string | undefined;
  try {
    // Strict: every object is examined, and nothing is kept of a pack that has one that is not sound.
    const how = ['--stdin', '--fix-thin', '--strict', `--max-input-size=${mostPacked}`];
    const { out } = await git([...piecemeal, 'index-pack', ...how], { input: bytes.subarray(end + 2) });
    pack = /^pack\t([0-9a-f]{40,64})$/m.exec(out.toString())?.[1];
  } catch (error) {
    throw unsound(stderrOf(error).trim().split('\n').at(-1) ?? 'git does not take it', error);
  }
  if (pack === undefined || (await unpackedSize(git, join(folder, `pack-${pack}.idx`))) <= most) return;
  // One that was there before is not ours to take away.
  for (const end of ['idx', 'rev', 'pack'])
    if (!before.has(`pack-${pack}.${end}`)) await rm(join(folder, `pack-${pack}.${end}`), { force: true });
  throw unsound(`they are more than ${Math.floor(most / 1e6)} MB, unpacked`);
}

/** Bytes of all objects in it. */
async function unpackedSize(git: Git, idx: string): Promise<number> {
  const { out: listed } = await git(['show-index'], { input: await readFile(idx) });
  const ids = listed.toString().replace(/^\d+ ([0-9a-f]+).*$/gm, '$1');
  const { out } = await git(['cat-file', '--batch-check=%(objectsize)', '--buffer'], { input: ids });
  return out
    .toString()
    .split('\n')
    .reduce((sum, size) => sum + Number(size), 0);
}

async function packFolder(git: Git): Promise<string> {
  const { out } = await git(['rev-parse', '--path-format=absolute', '--git-path', 'objects/pack']);
  return out.toString().replace(/\n$/, '');
}

function unsound(why: string, cause?: unknown): Fault {
  return new Fault('input', `The commits in the bundle are not sound: ${why.slice(0, 300)}.`, {
    field: 'bundle',
    cure: 'Ask for the file again where it came from: `nightshift runs bundle <run> --out <file>`.',
    cause,
  });
}
