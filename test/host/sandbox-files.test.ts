/** The file tools: what they answer, what they refuse, and that links never lead them out. */
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { isHalfWritten } from '#contract/half-written.ts';
import { resultLimit } from '#contract/hands.ts';
import { hands, noSandbox } from './sandbox-fixture.ts';

describe.skipIf(noSandbox)('file tools (Linux only)', () => {
  let own: Awaited<ReturnType<typeof hands>>;
  let at: (name: string) => string;
  beforeEach(async () => {
    own = await hands();
    at = (name) => join(own.place.worktree, name);
  });

  /** As much of an image as says how large it is. */
  const png = (width: number, height: number, more = 0) => {
    const bytes = Buffer.alloc(33 + more);
    bytes.write('\x89PNG\r\n\x1a\n', 'latin1');
    bytes.write('IHDR', 12);
    bytes.writeUInt32BE(width, 16);
    bytes.writeUInt32BE(height, 20);
    return bytes;
  };
  const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
  const small: [name: string, bytes: Buffer, text: string][] = [
    ['a.gif', Buffer.concat([Buffer.from('GIF89a'), hex('0300 0200 00 00 00')]), 'gif image, 3×2'],
    ['b.jpg', hex('ffd8 ffe0 0004 0000 ffc0 0011 08 0005 0007 03 0000 0000 0000'), 'jpeg image, 7×5'],
    [
      'c.webp',
      Buffer.concat([Buffer.from('RIFF....WEBPVP8X'), hex('0a000000 00000000 090000 130000 0000')]),
      'webp image, 10×20',
    ],
  ];
  const refused: [name: string, bytes: Buffer, says: string][] = [
    ['wide.png', png(8001, 10), '8000 pixels a side'],
    ['heavy.png', png(10, 10, 1_000_000), '1000033 bytes: 1000000 bytes can be shown at most'],
    ['empty.png', png(0, 10), 'nothing to see'],
  ];

  describe('Read', () => {
    const read = (input: Record<string, unknown>) => own.call('Read', input);

    test('numbers lines, from an offset, up to a limit', async () => {
      expect((await read({ file_path: 'notes.txt' })).text).toBe(
        '     1\tone\n     2\ttwo\n     3\tthree\n     4\tfour',
      );
      expect((await read({ file_path: '/workspace/notes.txt', offset: 2, limit: 1 })).text).toBe(
        '     2\ttwo\n[more lines follow; go on with offset 3]',
      );
      expect(await read({ file_path: 'notes.txt', offset: 9 })).toMatchObject({
        ok: false,
        text: expect.stringContaining('has 4 lines'),
      });
    });

    test('a large file in bounded pieces that continue each other', async () => {
      const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index + 1} ${'.'.repeat(60)}`);
      writeFileSync(at('service.log'), `${lines.join('\n')}\n`);
      const first = (await read({ file_path: 'service.log' })).text;
      expect(first.length).toBeLessThanOrEqual(resultLimit);
      const next = Number(first.match(/offset (\d+)\]$/)?.[1]);
      expect((await read({ file_path: 'service.log', offset: next, limit: 1 })).text).toContain(`\tline ${next} .`);
      expect((await read({ file_path: 'service.log', offset: 19_999 })).text).toContain('\tline 20000 .');
    });

    test('long lines are cut, binary files and images named, empty ones said to be', async () => {
      writeFileSync(at('long'), `${'x'.repeat(1_000_000)}\nend\n`);
      expect((await read({ file_path: 'long' })).text).toMatch(
        /^ {5}1\tx{2000} \[line cut: 1000000 bytes\]\n {5}2\tend$/,
      );
      writeFileSync(at('a.png'), Buffer.from([0x89, 0x50, 0, 0]));
      expect((await read({ file_path: 'a.png' })).text).toBe('[png image, 4 bytes, not shown]');
      writeFileSync(at('empty'), '');
      expect((await read({ file_path: 'empty' })).text).toBe('[the file is empty]');
    });

    test('images are shown as they are, by what they are and not by their name; too large ones are refused with the figures', async () => {
      const icon = readFileSync(join(import.meta.dirname, '../../resources/icons/nightshift.png'));
      const [width, height] = [icon.readUInt32BE(16), icon.readUInt32BE(20)];
      writeFileSync(at('shot.txt'), icon);
      expect(await read({ file_path: 'shot.txt' })).toMatchObject({
        ...{ ok: true, text: `[png image, ${width}×${height}, ${icon.length} bytes]` },
        image: { mediaType: 'image/png', base64: icon.toString('base64') },
      });
      for (const [name, bytes, text] of small) {
        writeFileSync(at(name), bytes);
        expect((await read({ file_path: name })).text).toBe(`[${text}, ${bytes.length} bytes]`);
      }
      for (const [name, bytes, says] of refused) {
        writeFileSync(at(name), bytes);
        const answer = await read({ file_path: name });
        expect(answer).toMatchObject({ ok: false, code: 'tool.image', text: expect.stringContaining(says) });
        expect(answer.image).toBeUndefined();
      }
    });

    test('what is no file is refused without waiting', async () => {
      await own.bash('mkfifo pipe; mkdir folder');
      expect(await read({ file_path: 'pipe' })).toMatchObject({ ok: false, code: 'tool.not_a_file' });
      expect(await read({ file_path: 'folder' })).toMatchObject({ ok: false, code: 'tool.is_directory' });
      expect(await read({ file_path: 'gone' })).toMatchObject({
        ok: false,
        code: 'tool.not_found',
        text: 'gone does not exist.',
      });
      expect(await read({ file_path: 7 })).toMatchObject({ ok: false, code: 'tool.bad_input' });
      expect(await read({ file_path: 'a\0b' })).toMatchObject({ ok: false, code: 'tool.bad_input' });
    });
  });

  describe('Edit and Write', () => {
    test('change one place, tell it as a diff that git can apply backwards, and keep the mode', async () => {
      await own.bash('chmod 755 notes.txt');
      const answer = await own.call('Edit', { file_path: 'notes.txt', old_string: 'two\n', new_string: 'zwei\n' });
      expect(answer).toMatchObject({ ok: true, text: 'Changed one place in notes.txt.' });
      expect(answer.patch).toBe(
        '--- a/notes.txt\n+++ b/notes.txt\n@@ -1,4 +1,4 @@\n one\n-two\n+zwei\n three\n four\n',
      );
      expect(readFileSync(at('notes.txt'), 'utf8')).toBe('one\nzwei\nthree\nfour\n');
      expect(statSync(at('notes.txt')).mode & 0o777).toBe(0o755);
    });

    test('the place must be beyond doubt', async () => {
      const edit = (more: Record<string, unknown>) =>
        own.call('Edit', { file_path: 'notes.txt', old_string: 'o', new_string: '0', ...more });
      expect(await edit({})).toMatchObject({
        ok: false,
        code: 'tool.ambiguous',
        text: expect.stringContaining('3 times'),
      });
      expect(await edit({ old_string: 'absent' })).toMatchObject({ ok: false, code: 'tool.no_match' });
      expect(await edit({ new_string: 'o' })).toMatchObject({ ok: false, code: 'tool.bad_input' });
      expect(await edit({ file_path: 'gone' })).toMatchObject({ ok: false, code: 'tool.not_found' });
      expect(await edit({ replace_all: true })).toMatchObject({ ok: true, text: 'Changed 3 places in notes.txt.' });
      expect(readFileSync(at('notes.txt'), 'utf8')).toBe('0ne\ntw0\nthree\nf0ur\n');
    });

    test('dollar signs and the like are taken as they are', async () => {
      await own.call('Edit', { file_path: 'notes.txt', old_string: 'two', new_string: "$& $1 $' \u2028" });
      expect(readFileSync(at('notes.txt'), 'utf8')).toContain("\n$& $1 $' \u2028\n");
    });

    test('bytes that are no text are not edited', async () => {
      writeFileSync(at('latin'), Buffer.from([0x61, 0xff, 0x62]));
      expect(await own.call('Edit', { file_path: 'latin', old_string: 'a', new_string: 'c' })).toMatchObject({
        ok: false,
        code: 'tool.not_text',
      });
      expect(readFileSync(at('latin'))).toEqual(Buffer.from([0x61, 0xff, 0x62]));
    });

    test('Write makes files and folders, and shortens files', async () => {
      const made = await own.call('Write', { file_path: 'a/b/c.txt', content: 'hello' });
      expect(made).toMatchObject({ ok: true, text: 'Created a/b/c.txt (5 bytes).' });
      expect(made.patch).toContain('--- /dev/null\n+++ b/a/b/c.txt\n');
      const again = await own.call('Write', { file_path: '/workspace/a/b/c.txt', content: 'hi' });
      expect(again).toMatchObject({ ok: true, text: 'Wrote /workspace/a/b/c.txt (2 bytes).' });
      expect(readFileSync(at('a/b/c.txt'), 'utf8')).toBe('hi');
      expect(await own.call('Write', { file_path: 'a', content: 'x' })).toMatchObject({
        ok: false,
        code: 'tool.is_directory',
      });
      expect(await own.call('Write', { file_path: '.git', content: 'x' })).toMatchObject({
        ok: false,
        code: 'tool.not_permitted',
      });
    });

    test('who has the old file open reads it to its end: at no instant is there a mixture', async () => {
      const old = openSync(at('notes.txt'), 'r');
      try {
        await own.call('Edit', { file_path: 'notes.txt', old_string: 'two', new_string: 'zwei' });
        await own.call('Write', { file_path: 'notes.txt', content: 'x' });
        await own.call('Write', { file_path: 'new.txt', content: 'y' });
        expect(readFileSync(old, 'utf8')).toBe('one\ntwo\nthree\nfour\n');
        expect(readFileSync(at('notes.txt'), 'utf8')).toBe('x');
        expect(readdirSync(at('.')).sort()).toEqual(['.git', '.gitignore', 'new.txt', 'notes.txt']);
      } finally {
        closeSync(old);
      }
    });

    test('what a kill could leave of it has the name that git is told to leave out', async () => {
      const names = new Set<string>();
      const watcher = watch(at('.'), (_, name) => names.add(name ?? ''));
      onTestFinished(() => watcher.close());
      await own.call('Write', { file_path: 'new.txt', content: 'y' });
      await vi.waitFor(() => expect([...names]).toContain('new.txt'), 10_000);
      expect([...names].filter((name) => name !== 'new.txt')).toEqual([expect.toSatisfy(isHalfWritten)]);
    });

    test('a file with another name keeps both, and one in a folder that takes no new files is written all the same', async () => {
      await own.bash('ln notes.txt other.txt && mkdir shut && cp notes.txt shut/ && chmod 555 shut');
      expect((await own.call('Write', { file_path: 'notes.txt', content: 'x' })).ok).toBe(true);
      expect(readFileSync(at('other.txt'), 'utf8')).toBe('x');
      expect((await own.call('Write', { file_path: 'shut/notes.txt', content: 'y' })).ok).toBe(true);
      expect(readFileSync(at('shut/notes.txt'), 'utf8')).toBe('y');
      await own.bash('chmod 755 shut');
    });

    test('changes made at the same time are all kept', async () => {
      writeFileSync(at('many'), Array.from({ length: 20 }, (_, index) => `<${index}>`).join('\n'));
      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          own.call('Edit', { file_path: 'many', old_string: `<${index}>`, new_string: 'x' }),
        ),
      );
      expect(readFileSync(at('many'), 'utf8')).toBe(Array(20).fill('x').join('\n'));
    });
  });

  describe('links and paths', () => {
    test('lead nowhere outside', async () => {
      symlinkSync('/etc/passwd', at('file-link'));
      symlinkSync('/usr', at('folder-link'));
      symlinkSync('/usr/not-there', at('dangling'));
      symlinkSync('loop', at('loop'));
      const out = { ok: false, code: 'tool.outside_workspace' };
      for (const path of [
        'file-link',
        'folder-link/bin/env',
        '/etc/passwd',
        '../etc/passwd',
        'dangling',
        'folder-link/new',
        '/workspacex/a',
      ]) {
        expect(await own.call('Write', { file_path: path, content: 'x' }), path).toMatchObject(out);
      }
      for (const path of ['file-link', 'folder-link/bin/env', '/etc/passwd', '/proc/self/environ', 'loop']) {
        expect(await own.call('Read', { file_path: path }), path).toMatchObject(out);
      }
      expect(await own.call('Glob', { pattern: '../*' })).toMatchObject(out);
      expect(await own.call('Glob', { pattern: '/etc/*' })).toMatchObject(out);
      expect(await own.call('Glob', { pattern: '*', path: 'folder-link' })).toMatchObject(out);
      expect(await own.call('Grep', { pattern: 'root', path: 'folder-link' })).toMatchObject(out);
    });

    test('inside may be followed', async () => {
      mkdirSync(at('real'));
      symlinkSync('real', at('alias'));
      symlinkSync('../notes.txt', at('real/notes'));
      expect((await own.call('Write', { file_path: 'alias/new.txt', content: 'x' })).ok).toBe(true);
      expect(readFileSync(at('real/new.txt'), 'utf8')).toBe('x');
      expect((await own.call('Edit', { file_path: 'alias/notes', old_string: 'two', new_string: '2' })).ok).toBe(true);
      expect(readFileSync(at('notes.txt'), 'utf8')).toContain('\n2\n');
    });

    test('that are swapped all the while never let a write out', async () => {
      mkdirSync(at('a'));
      symlinkSync('/tmp/../usr', at('b'));
      const swapping = own.bash(
        'while [ ! -e /tmp/stop ]; do mv -T a c; mv -T b a; mv -T a b; mv -T c a; done',
        60_000,
      );
      for (let round = 0; round < 200; round++) await own.call('Write', { file_path: 'a/f.txt', content: 'x' });
      await own.bash('touch /tmp/stop');
      await swapping;
      expect((await own.bash('ls /usr/f.txt')).ok).toBe(false);
    });
  });

  describe('Glob and Grep', () => {
    beforeEach(() => {
      mkdirSync(at('src/deep'), { recursive: true });
      mkdirSync(at('ignored'));
      mkdirSync(at('node_modules/x'), { recursive: true });
      for (const name of ['src/a.ts', 'src/deep/b.ts', 'ignored/c.ts', 'node_modules/x/d.ts'])
        writeFileSync(at(name), `needle in ${name}\nsecond Needle\n`);
      utimesSync(at('src/a.ts'), 1000, 1000);
      utimesSync(at('src/deep/b.ts'), 2000, 2000);
    });

    test('Glob lists newest first', async () => {
      expect((await own.call('Glob', { pattern: 'src/**/*.ts' })).text).toBe(
        '/workspace/src/deep/b.ts\n/workspace/src/a.ts',
      );
      expect((await own.call('Glob', { pattern: '*.ts', path: 'src' })).text).toBe('/workspace/src/a.ts');
      expect((await own.call('Glob', { pattern: '**/d.ts' })).text).toBe('No files match.');
      expect((await own.call('Glob', { pattern: '/workspace/node_modules/**/*.ts' })).text).toBe(
        '/workspace/node_modules/x/d.ts',
      );
    });

    test('Grep answers files, lines or counts, and leaves out what git ignores', async () => {
      const grep = async (more: Record<string, unknown>) =>
        (await own.call('Grep', { pattern: 'needle', glob: '*.ts', path: 'src', ...more })).text;
      const names = async (more = {}) =>
        (await grep(more))
          .split('\n')
          .map((row) => row.replace(/^\.\//, ''))
          .sort();
      expect(await names()).toEqual(['a.ts', 'deep/b.ts']);
      expect(await names({ path: '.' })).not.toContain('ignored/c.ts');
      expect(await grep({ output_mode: 'content', path: 'src/a.ts' })).toMatch(/^(\.\/)?a\.ts:1:needle in src\/a\.ts$/);
      expect(await grep({ output_mode: 'count', '-i': true, path: 'src/deep' })).toMatch(/^(\.\/)?b\.ts:2$/);
      expect(await grep({ output_mode: 'content', '-A': 1, path: 'src/deep' })).toMatch(/b\.ts-2-second Needle/);
      expect(await grep({ output_mode: 'content', head_limit: 1 })).toContain('[1 more lines not shown]');
      expect(await grep({ pattern: 'nowhere' })).toBe('No matches.');
      expect(await grep({ pattern: '--version' })).toBe('No matches.');
    });

    test('Grep names a pattern that is none', async () => {
      expect(await own.call('Grep', { pattern: '(' })).toMatchObject({ ok: false, code: 'tool.bad_input' });
    });
  });
});
