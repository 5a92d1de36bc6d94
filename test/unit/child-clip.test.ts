/** Output of any size and kind becomes a bounded, well-formed text. */
import { describe, expect, test } from 'vitest';
import { Collector, cutMiddle, plain } from '../../src-main/child/clip.ts';

describe('a collector', () => {
  test('gives back short output whole, however it was cut into chunks', () => {
    const text = 'Grüße 🌙 '.repeat(10);
    const collector = new Collector(1000);
    for (const byte of Buffer.from(text)) collector.push(Buffer.from([byte]));
    expect(collector.text(1000)).toBe(text);
  });

  test.each([1, 7, 4096, 1_000_000])('keeps both ends of long output in chunks of %i bytes', (step) => {
    const all = Buffer.from(`first${'m'.repeat(200_000)}last`);
    const collector = new Collector(2000);
    for (let at = 0; at < all.length; at += step) collector.push(all.subarray(at, at + step));
    const text = collector.text(1000);
    expect(text).toMatch(/^firstm+\n\[… about \d+ of 200009 bytes left out …\]\nm+last$/);
    expect(text.length).toBeLessThanOrEqual(1000);
  });

  test('never cuts a character in half', () => {
    for (let shift = 0; shift < 4; shift++) {
      const collector = new Collector(2000);
      collector.push(Buffer.from('x'.repeat(shift) + '🌙'.repeat(50_000)));
      expect(collector.text(1001)).not.toContain('\uFFFD');
      expect(cutMiddle('x'.repeat(shift) + '🌙'.repeat(5000), 1001)).not.toContain('\uFFFD');
    }
  });

  test('names binary output', () => {
    const collector = new Collector(100);
    collector.push(Buffer.from([65, 0, 66]));
    expect(collector.text(1000)).toMatch(/^\[binary output, 3 bytes/);
  });
});

test('what a terminal would obey is taken out', () => {
  expect(plain('\x1b[31mred\x1b[0m\ttab\nline\x07\x1b]0;title\x07')).toBe('red\ttab\nline\uFFFD');
});

test('a text within its limit is left alone, a longer one says what is missing', () => {
  expect(cutMiddle('short', 1000)).toBe('short');
  const cut = cutMiddle(`${'a'.repeat(5000)}${'z'.repeat(5000)}`, 1000);
  expect(cut).toMatch(/^a+\n\[… 9120 of 10000 characters left out …\]\nz+$/);
  expect(cut.length).toBeLessThanOrEqual(1000);
});
