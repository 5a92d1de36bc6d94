/** The browser door from the terminal: the one-time address is printed, and never handed to another program in the open. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { browserCommand, openInBrowser } from '#cli/browser.ts';
import { open } from '#cli/open.ts';
import { createContext } from '#cli/run-cli.ts';
import { cli, clientOf, linkTo, sourceOf } from '../fakes/cli-shell.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { verifies } from '../promises.ts';

const url = 'http://127.0.0.1:4711/open#secret-code';
let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'nightshift-open-'));
});
afterEach(() => rmSync(data, { recursive: true }));

function contextOf(links: ReturnType<typeof linkTo>[], json = false) {
  const out: string[] = [];
  const clock = manualClock('2026-11-20T22:00:00.000Z');
  const [first = linkTo(clientOf({})), ...next] = links;
  const shell = {
    ...{ out: { write: (text: string) => void out.push(text) }, err: { write: () => {} }, stdin: sourceOf([]) },
    ...{ env: { NIGHTSHIFT_HOME: data }, cwd: '/', zone: 'UTC', version: '1', clock },
    signal: new AbortController().signal,
    attach: async () => next.shift() ?? first,
  };
  return { ctx: createContext(shell, first, json), out, clock };
}

const host = (address = url) => linkTo(clientOf({ host: { openUrl: async () => ({ url: address }) } }));

describe('open', () => {
  test('says why and the address, and stays until its parent is gone', async () => {
    const { ctx, out, clock } = contextOf([host()]);
    let parent = 100;
    let over = false;
    const opening = open(ctx, { browser: true, parent: () => parent }).finally(() => {
      over = true;
    });
    await vi.waitUntil(() => out.length > 0);
    expect(out.join('')).toMatch(/^There is no display here: .*\nhttp:\/\/127\.0\.0\.1:4711\/open#secret-code\n$/);
    clock.advance(5000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(over).toBe(false);
    parent = 1;
    clock.advance(1000);
    expect(await opening).toBe(0);
  });

  test('when the host goes away, the address of the next one is printed', async () => {
    const first = host();
    const { ctx, out, clock } = contextOf([first, host('http://127.0.0.1:4712/open#next')], true);
    let parent = 100;
    const opening = open(ctx, { browser: false, parent: () => parent });
    await vi.waitUntil(() => out.length === 1);
    first.end();
    await vi.waitUntil(() => out.length === 2);
    expect(out.map((line) => JSON.parse(line).url)).toEqual([url, 'http://127.0.0.1:4712/open#next']);
    parent = 1;
    clock.advance(1000);
    await opening;
  });
});

describe('the browser', () => {
  test('needs a display on Linux', () => {
    expect(browserCommand({}, 'linux')).toBeNull();
    expect(browserCommand({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toEqual({ file: 'xdg-open', args: [] });
  });

  test.skipIf(process.platform === 'win32')(
    'gets a page that only its owner can read, never the address itself (needs POSIX file modes)',
    async () => {
      const seen = join(data, 'argv');
      const browser = join(data, 'browser');
      writeFileSync(browser, `#!/bin/sh\nprintf '%s' "$*" > '${seen}.part'\nmv '${seen}.part' '${seen}'\n`);
      chmodSync(browser, 0o755);
      openInBrowser({ file: browser, args: [] }, `${url}?a=1&b="2"`, data, () => {});
      await vi.waitUntil(() => existsSync(seen), 10_000);
      const page = new URL(readFileSync(seen, 'utf8'));
      expect(page.href).not.toContain('secret-code');
      expect(statSync(page).mode & 0o777).toBe(0o600);
      expect(readFileSync(page, 'utf8')).toContain(
        'content="0;url=http://127.0.0.1:4711/open#secret-code?a=1&amp;b=&quot;2&quot;"',
      );
    },
  );

  test('that cannot be started is said, and nothing breaks', async () => {
    const said: string[] = [];
    openInBrowser({ file: join(data, 'nothing-here'), args: [] }, url, data, (text) => void said.push(text));
    await vi.waitUntil(() => said.length > 0);
    expect(said[0]).toContain('No browser could be started');
  });
});

describe('model key', () => {
  test(verifies('key-unseen', 'is read from standard input, trimmed, and not shown'), async () => {
    const keys: string[] = [];
    const setKey = async ({ key }: { key: string }) => {
      keys.push(key);
      return { auto: 'some-model', rehearsal: false, key: 'keychain' as const, detail: 'Stored.', baseUrl: null };
    };
    const { code, out, err } = await cli(['model', 'key'], { model: { setKey } }, { stdin: 'sk-ant-0123456789\n' });
    expect({ code, keys, err }).toEqual({ code: 0, keys: ['sk-ant-0123456789'], err: '' });
    expect(out).not.toContain('sk-ant');
  });

  test('typed at a terminal: not echoed, correctable, the terminal is put back', async () => {
    const raw: boolean[] = [];
    const keys: string[] = [];
    const setKey = async ({ key }: { key: string }) => {
      keys.push(key);
      return { auto: 'm', rehearsal: false, key: 'keychain' as const, detail: '', baseUrl: null };
    };
    const stdin = Object.assign(sourceOf(['sk-ant-x', '\u007f', '123', '\r']), {
      isTTY: true,
      setRawMode: (on: boolean) => void raw.push(on),
    });
    const { err } = await cli(['model', 'key'], { model: { setKey } }, { shell: { stdin } });
    expect({ keys, raw, err }).toEqual({ keys: ['sk-ant-123'], raw: [true, false], err: 'API key (not shown): \n' });
  });

  test('nothing on standard input is bad input', async () => {
    const { code, err } = await cli(['model', 'key'], {}, { stdin: '\n' });
    expect(code).toBe(2);
    expect(err).toContain('No key came in');
  });
});
