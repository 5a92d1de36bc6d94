/** The hands as one file, for clones: where it lies, and the proof that it is made of their sources as they are now. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = ['out', 'quick'];
/** CommonJS: Node begins with it sooner than with a module, and looks for no package.json. */
export const handsFile = (root: string): string => join(root, ...folder, 'hands.cjs');
export const handsProofFile = (root: string): string => join(root, ...folder, 'hands-made-from.json');

/** What decides how the sources are put together, beside themselves. */
const settings = ['package.json', 'resources/setup/bundle-host.mjs'];

export interface HandsProof {
  /** SHA-256 of every source with its path; and of the file made of them. */
  sources: string;
  bundle: string;
}

/**
 * @param root folder that holds package.json.
 * @param bundle what was made of them. All is read whole: no date or length stands for what is in a file.
 */
export function proofOf(root: string, bundle: Buffer): HandsProof {
  const child = join('src-main', 'child');
  const names = readdirSync(join(root, child)).filter((name) => name.endsWith('.ts'));
  const files = [...settings, ...names.sort().map((name) => join(child, name))];
  const sources = createHash('sha256');
  for (const file of files) {
    const content = readFileSync(join(root, file));
    sources.update(`${file}\0${content.length}\0`).update(content);
  }
  return { sources: sources.digest('hex'), bundle: createHash('sha256').update(bundle).digest('hex') };
}

/** The bundle itself, so that what runs is what was looked at, while it was made of these very sources; else null. */
export function provenHands(root: string): Buffer | null {
  try {
    const claimed = JSON.parse(readFileSync(handsProofFile(root), 'utf8')) as HandsProof;
    const content = readFileSync(handsFile(root));
    const { sources, bundle } = proofOf(root, content);
    return claimed.sources === sources && claimed.bundle === bundle ? content : null;
  } catch {
    return null;
  }
}
