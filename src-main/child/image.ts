/** Knows an image by its first bytes, with its size in pixels, and refuses one that no model takes. */
import { readSync } from 'node:fs';
import type { HandsImage } from '#contract/hands.ts';
import { ToolFailure } from './answer.ts';

type Kind = HandsImage['mediaType'];

/** Bytes of a file; as text a third more, which still leaves room for a request of many. */
const largest = 1_000_000;
/** Pixels of one side. Source: the vendor's guide to vision, November 2026. */
const widest = 8_000;

export interface Picture extends HandsImage {
  /** For the model, beside the image. */
  words: string;
}

/** Null: no image that a model can see. Throws `tool.image` for one that is too large. */
export function picture(fd: number, size: number, path: string): Picture | null {
  const head = Buffer.alloc(Math.min(size, 262_144));
  readSync(fd, head, 0, head.length, 0);
  const found = measured(head);
  if (!found) return null;
  const { kind, width, height } = found;
  const what = `${path} is an image of ${width}×${height} pixels and ${size} bytes`;
  if (size > largest) refuse(`${what}: ${largest} bytes can be shown at most.`);
  if (width > widest || height > widest) refuse(`${what}: ${widest} pixels a side can be shown at most.`);
  if (width === 0 || height === 0) refuse(`${what}: there is nothing to see.`);
  const all = Buffer.alloc(size);
  if (readSync(fd, all, 0, size, 0) < size) refuse(`${path} changed while it was read.`);
  const words = `[${kind.slice('image/'.length)} image, ${width}×${height}, ${size} bytes]`;
  return { mediaType: kind, base64: all.toString('base64'), words };
}

function refuse(why: string): never {
  throw new ToolFailure(
    'tool.image',
    `${why} Make a smaller one, for example with a program of the project, and read that.`,
  );
}

interface Measured {
  kind: Kind;
  width: number;
  height: number;
}

function measured(head: Buffer): Measured | null {
  const starts = (text: string, at = 0) => head.subarray(at, at + text.length).toString('latin1') === text;
  if (starts('\x89PNG\r\n\x1a\n') && starts('IHDR', 12) && head.length >= 24)
    return { kind: 'image/png', width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
  if ((starts('GIF87a') || starts('GIF89a')) && head.length >= 10)
    return { kind: 'image/gif', width: head.readUInt16LE(6), height: head.readUInt16LE(8) };
  if (starts('RIFF') && starts('WEBP', 8) && head.length >= 30) return webp(head);
  if (starts('\xff\xd8\xff')) return jpeg(head);
  return null;
}

function webp(head: Buffer): Measured | null {
  const kind = 'image/webp' as const;
  const form = head.subarray(12, 16).toString('latin1');
  if (form === 'VP8X') return { kind, width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1 };
  if (form === 'VP8 ') return { kind, width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff };
  if (form !== 'VP8L') return null;
  const bits = head.readUInt32LE(21);
  return { kind, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

/** Segments one after the other until the one that says how large it is. */
function jpeg(head: Buffer): Measured | null {
  for (let at = 2; at + 9 < head.length; ) {
    if (head[at] !== 0xff) return null;
    const marker = head[at + 1] ?? 0;
    const frame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (frame) return { kind: 'image/jpeg', height: head.readUInt16BE(at + 5), width: head.readUInt16BE(at + 7) };
    at += 2 + (marker === 0xff ? -1 : head.readUInt16BE(at + 2));
  }
  return null;
}
