/** Memories in the terminal: what is kept, what runs offer, and what became of it. */
import type { Event } from '#contract/events.ts';
import type { Memory, MemoryChange, MemoryOffer } from '#contract/memory.ts';
import type { Paint } from './paint.ts';
import { facts, indent, table } from './table.ts';

export function memoryTable(paint: Paint, { repository, folder, off, files, offers }: Memory): string[] {
  return [
    ...facts(paint, [
      ['repository', repository],
      ['folder', folder],
      ['switched off', off],
    ]),
    '',
    ...(files.length === 0
      ? ['Nothing is kept of this repository.']
      : table(
          paint,
          ['FILE', 'BYTES', 'CHANGED'],
          files.map(({ file, bytes, changedAt }) => [file, String(bytes), changedAt]),
        )),
    ...offers.flatMap((offer) => offerLines(paint, offer)),
  ];
}

function offerLines(paint: Paint, { id, at, run, changes, why }: MemoryOffer): string[] {
  return [
    '',
    paint.yellow(`Offer ${id} of ${run}, ${at}: ${why}`),
    ...changes.flatMap((change) => [
      `  ${title(change)}`,
      ...(change.text === null ? [] : indent(change.text, '    ')),
    ]),
    paint.typed(`  nightshift memory take ${id}   # or: nightshift memory drop ${id}`),
  ];
}

const title = ({ file, text }: MemoryChange) => (text === null ? `${file} is to be forgotten` : `${file}, as a whole:`);

export function memoryLines(
  paint: Paint,
  event: Extract<Event, { type: 'memory.offered' | 'memory.settled' }>,
): string[] {
  if (event.type === 'memory.offered')
    return [`Noted for the memory: ${event.changes.map(({ file }) => file).join(', ')}`];
  const words = {
    kept: 'What it noted is kept',
    waits: 'What it noted waits for you',
    dropped: 'What it noted is dropped',
  };
  return event.state === 'waits'
    ? [paint.yellow(words.waits), paint.typed('  nightshift memory show')]
    : [words[event.state]];
}
