/** Takes a secret out of what a host sends back, wherever the chunks are cut and in the spellings that servers echo. */
import type { OutgoingHttpHeaders } from 'node:http';
import { Transform } from 'node:stream';

const removed = '[secret removed]';

export interface Scrub {
  headers(all: OutgoingHttpHeaders): OutgoingHttpHeaders;
  body(): Transform;
}

/** `secrets`: whole header values, for example `Bearer abc`; their last word is a secret, too. */
export function createScrub(secrets: readonly string[]): Scrub {
  const texts = [...new Set(secrets.flatMap(spellings))].sort((a, b) => b.length - a.length);
  // Bytes as characters one to one, so that a chunk may end anywhere.
  const needles = texts.map((text) => Buffer.from(text, 'utf8').toString('latin1'));
  const clean = (text: string): string => needles.reduce((rest, needle) => rest.replaceAll(needle, removed), text);
  const longest = Math.max(0, ...needles.map((needle) => needle.length));
  return {
    headers: (all) =>
      Object.fromEntries(
        Object.entries(all).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.map((each) => clean(String(each))) : clean(String(value)),
        ]),
      ),
    body() {
      let held = '';
      return new Transform({
        transform(chunk: Buffer, _encoding, done) {
          const text = clean(held + chunk.toString('latin1'));
          const safe = Math.max(0, text.length - (longest - 1));
          held = text.slice(safe);
          done(null, Buffer.from(text.slice(0, safe), 'latin1'));
        },
        flush(done) {
          done(null, Buffer.from(clean(held), 'latin1'));
        },
      });
    },
  };
}

/** As it is, without its scheme, what Basic hides, and each in Base64, in an address, in JSON and in hexadecimal. */
function spellings(secret: string): string[] {
  const bare = secret.split(' ').at(-1) ?? secret;
  const basic = /^basic /i.test(secret) ? Buffer.from(bare, 'base64').toString('utf8') : '';
  const password = basic.slice(basic.indexOf(':') + 1);
  return [secret, bare, basic, password]
    .filter((text) => text.length >= 4)
    .flatMap((text) => [
      text,
      encodeURIComponent(text),
      JSON.stringify(text).slice(1, -1),
      Buffer.from(text).toString('hex'),
      ...base64Cores(text),
    ]);
}

/** What Base64 makes of a text wherever it stands in a longer one: at each of the three offsets, without the edges. */
function base64Cores(text: string): string[] {
  return [0, 1, 2]
    .map((offset) => {
      const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)])
        .toString('base64')
        .replace(/=+$/, '');
      return encoded.slice(offset === 0 ? 0 : offset + 1, -1);
    })
    .filter((core) => core.length >= 8);
}
