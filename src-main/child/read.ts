/** Shows a part of a text file with line numbers, in bounded memory whatever the file's size; an image as it is. */
import { closeSync, readSync } from 'node:fs';
import { extname } from 'node:path';
import { type Answer, type Context, done, ToolFailure } from './answer.ts';
import { plain } from './clip.ts';
import { picture } from './image.ts';
import { optionalCount, text } from './input.ts';
import { openFile } from './places.ts';

const usualLines = 2000;
/** Characters of one line; longer ones are cut, and say so. */
const longestLine = 2000;

export function read(input: Record<string, unknown>, context: Context): Answer {
  const path = text(input, 'file_path');
  const first = Math.max(1, optionalCount(input, 'offset') ?? 1);
  const count = optionalCount(input, 'limit', 1) ?? usualLines;
  const { fd, size } = openFile(path, context);
  try {
    const found = picture(fd, size, path);
    if (found) return done(found.words, { image: { mediaType: found.mediaType, base64: found.base64 } });
    if (looksBinary(fd)) return done(`[${kind(path)}, ${size} bytes, not shown]`);
    return done(numbered(fd, first, count, context.resultLimit));
  } finally {
    closeSync(fd);
  }
}

function numbered(fd: number, first: number, count: number, limit: number): string {
  const shown: string[] = [];
  let room = limit - 200;
  let total = 0;
  for (const line of lines(fd)) {
    total += 1;
    if (total < first) continue;
    const row = `${String(total).padStart(6)}\t${line}`;
    room -= row.length + 1;
    if (shown.length === count || room < 0) {
      return `${shown.join('\n')}\n[more lines follow; go on with offset ${total}]`;
    }
    shown.push(row);
  }
  if (total === 0) return '[the file is empty]';
  if (shown.length === 0)
    throw new ToolFailure('tool.bad_input', `offset ${first} is past the end: the file has ${total} lines.`);
  return shown.join('\n');
}

/** Each line of the file, cut to what is shown of it. */
function* lines(fd: number): Generator<string> {
  const buffer = Buffer.alloc(262_144);
  // Bytes, four at most for a character, and some more to see that there was more.
  const kept = longestLine * 4 + 4;
  let start = Buffer.alloc(0);
  let length = 0;
  for (let at = 0; ; ) {
    const got = readSync(fd, buffer, 0, buffer.length, at);
    if (got === 0) break;
    at += got;
    for (let from = 0; from < got; ) {
      const newline = buffer.subarray(0, got).indexOf(10, from);
      const piece = buffer.subarray(from, newline < 0 ? got : newline);
      if (start.length < kept) start = Buffer.concat([start, piece.subarray(0, kept - start.length)]);
      length += piece.length;
      if (newline < 0) break;
      yield shorten(start, length);
      start = Buffer.alloc(0);
      length = 0;
      from = newline + 1;
    }
  }
  if (length > 0) yield shorten(start, length);
}

function shorten(bytes: Buffer, length: number): string {
  const line = plain(bytes.toString('utf8').replace(/\r$/, ''));
  if (bytes.length === length && line.length <= longestLine) return line;
  return `${line.slice(0, longestLine).toWellFormed()} [line cut: ${length} bytes]`;
}

function looksBinary(fd: number): boolean {
  const start = Buffer.alloc(8192);
  return start.subarray(0, readSync(fd, start, 0, start.length, 0)).includes(0);
}

function kind(path: string): string {
  const ending = extname(path).slice(1).toLowerCase();
  return /^(png|jpe?g|gif|webp|bmp|ico|tiff?|avif|heic)$/.test(ending) ? `${ending} image` : 'binary file';
}
