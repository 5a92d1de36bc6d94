/** How instruction files are handed to the agent: whole, each with its place, the narrower ones last. */
import type { Piece } from './gather.ts';

const whose: Record<Piece['layer'], string> = {
  managed: 'of the administrator of this machine',
  person: 'of the person you work for, for all repositories',
  project: 'of this repository',
  local: 'of the person you work for, for this repository',
};

/** Empty when there are none. */
export function instructionWords(pieces: readonly Piece[], folder: boolean): string {
  if (pieces.length === 0) return '';
  const opening = folder
    ? 'For the files that you have just touched, these instructions count, too; where they differ from earlier ones, they hold.'
    : 'How to work here, from the broadest to the narrowest; where two differ, the later one holds.';
  return [opening, ...pieces.map(({ layer, path, body }) => `# ${path} (${whose[layer]})\n\n${body}`)].join('\n\n');
}
