/** The browser's door, asked by raw HTTP as a hostile page, another user or a curious program would. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { systemClock } from '#host/clock.ts';
import { createClients } from '#server/clients.ts';
import { type Door, openDoor } from '#server/door.ts';
import { createRouter } from '#server/router.ts';
import { createSignIn } from '#server/sign-in.ts';
import { closeAll, openFake, recordingLog, scratch } from '../contract/transports.ts';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

let door: Door;
let close: () => Promise<void>;
let root: string;

beforeEach(async () => {
  const { log } = recordingLog();
  const clients = createClients(createRouter(openFake().handlers, log));
  const folder = scratch();
  root = join(folder, 'renderer');
  mkdirSync(join(root, 'assets'), { recursive: true });
  writeFileSync(join(root, 'index.html'), '<!doctype html><title>the app</title>');
  writeFileSync(join(root, 'assets', 'app-1a2b.js'), 'export {};');
  writeFileSync(join(folder, 'outside.txt'), 'not for the page');
  symlinkSync(join(folder, 'outside.txt'), join(root, 'link.txt'));
  door = await openDoor({ root, clients, clock: systemClock, log });
  close = async () => {
    door.close();
    await clients.close();
  };
});

afterEach(async () => {
  await close();
  await closeAll();
});

/** `path` goes out as it is, dots and all. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: door.port, path, headers, method, agent: false }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    asked.on('error', reject).end();
  });
}

const pathOf = (url: string) => url.slice(url.indexOf('/', 'http://'.length));

async function signedIn(): Promise<string> {
  const { headers } = await ask(pathOf(door.mintUrl()));
  return headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '';
}

/** The status a WebSocket upgrade is refused with, or 101. */
function upgrade(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${door.port}${path}`, { headers });
    socket.on('open', () => {
      socket.close();
      resolve(101);
    });
    socket.on('unexpected-response', (_request, answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    socket.on('error', reject);
  });
}

describe('who is let in', () => {
  test('nobody without the cookie [door-locked]', async () => {
    for (const path of ['/', '/runs/1', '/assets/app-1a2b.js', '/rpc', '/sign-in', '/sign-in?code='])
      expect(await ask(path), path).toMatchObject({ status: 403 });
  });

  test('nobody with a made-up cookie or that of another host', async () => {
    const cookie = await signedIn();
    const value = cookie.split('=')[1];
    for (const wrong of [
      `nightshift-${door.port}=`,
      `nightshift-${door.port}=x`,
      `nightshift-1=${value}`,
      `${cookie}x`,
    ])
      expect((await ask('/', { cookie: wrong })).status, wrong).toBe(403);
    expect((await ask('/', { cookie: `other=1; ${cookie}; last=2` })).status).toBe(200);
  });

  test('no other Host, cookie or not: a name that resolves to this machine is not this machine', async () => {
    const cookie = await signedIn();
    for (const host of ['evil.example', `evil.example:${door.port}`, `localhost:${door.port}`, '127.0.0.1'])
      expect((await ask('/', { cookie, host })).status, host).toBe(403);
  });

  test('no foreign Origin, cookie or not [door-locked]', async () => {
    const cookie = await signedIn();
    const foreign = ['https://evil.example', 'null', `https://127.0.0.1:${door.port}`, 'http://127.0.0.1:1', ''];
    for (const origin of foreign) expect((await ask('/', { cookie, origin })).status, origin).toBe(403);
    expect((await ask('/', { cookie, origin: `http://127.0.0.1:${door.port}` })).status).toBe(200);
  });

  test('a foreign Host or Origin cannot even spend a code', async () => {
    const path = pathOf(door.mintUrl());
    expect((await ask(path, { host: 'evil.example' })).status).toBe(403);
    expect((await ask(path, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask(path)).status).toBe(200);
  });

  test('an upgrade needs all three: cookie, own Origin, own Host, and the one path', async () => {
    const cookie = await signedIn();
    const origin = `http://127.0.0.1:${door.port}`;
    expect(await upgrade('/rpc', { origin })).toBe(403);
    expect(await upgrade('/rpc', { cookie })).toBe(403);
    expect(await upgrade('/rpc', { cookie, origin: 'https://evil.example' })).toBe(403);
    expect(await upgrade('/rpc', { cookie, origin, host: 'evil.example' })).toBe(403);
    expect(await upgrade('/other', { cookie, origin })).toBe(403);
    expect(await upgrade('/rpc', { cookie, origin })).toBe(101);
  });

  test('it listens on the loopback address alone', async () => {
    const outcome = await new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.2', port: door.port });
      socket.on('connect', () => resolve('connected')).on('error', () => resolve('refused'));
      socket.on('connect', () => socket.destroy());
    });
    expect(outcome).toBe('refused');
  });
});

describe('the one-time code', () => {
  test('buys one cookie that scripts cannot read and other sites cannot send', async () => {
    const answer = await ask(pathOf(door.mintUrl()));
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('<meta http-equiv="refresh" content="0;url=/">');
    const cookie = answer.headers['set-cookie']?.[0] ?? '';
    expect(cookie).toMatch(/^nightshift-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await ask('/', { cookie: cookie.split(';', 1)[0] ?? '' })).body).toContain('the app');
  });

  test('works once', async () => {
    const path = pathOf(door.mintUrl());
    expect((await ask(path)).status).toBe(200);
    const again = await ask(path);
    expect(again.status).toBe(403);
    expect(again.headers['set-cookie']).toBeUndefined();
  });

  test('is not spent by a look without the body, as a preview of links takes', async () => {
    const path = pathOf(door.mintUrl());
    const look = await ask(path, {}, 'HEAD');
    expect(look).toMatchObject({ status: 405, headers: { allow: 'GET' } });
    expect(look.headers['set-cookie']).toBeUndefined();
    expect((await ask(path)).status).toBe(200);
  });

  test('of two requests at the same instant, one wins [door-locked]', async () => {
    const path = pathOf(door.mintUrl());
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(path)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('ends after five minutes', () => {
    let now = 1_000_000;
    const signIn = createSignIn({ now: () => now, after: () => () => {} }, 'n');
    const [early, late] = [signIn.mint(), signIn.mint()];
    now += 5 * 60_000 - 1;
    expect(signIn.exchange(early)).not.toBeNull();
    now += 1;
    expect(signIn.exchange(late)).toBeNull();
  });
});

describe('what is served', () => {
  test('every answer carries the strict policy, refusals too', async () => {
    const cookie = await signedIn();
    for (const answer of [await ask('/'), await ask('/', { cookie }), await ask('/nope.js', { cookie })]) {
      const policy = String(answer.headers['content-security-policy']);
      expect(policy).toMatch(/^default-src 'none'; script-src 'self';/);
      expect(policy).toContain("connect-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    }
  });

  test('files by type, screens as the app, nothing else', async () => {
    const cookie = await signedIn();
    const script = await ask('/assets/app-1a2b.js', { cookie });
    expect(script).toMatchObject({ status: 200, body: 'export {};' });
    expect(script.headers).toMatchObject({ 'content-type': 'text/javascript; charset=utf-8' });
    expect(script.headers['cache-control']).toContain('immutable');
    for (const screen of ['/', '/runs/run-1', '/proposals?x=1'])
      expect(await ask(screen, { cookie }), screen).toMatchObject({
        status: 200,
        body: expect.stringContaining('the app'),
      });
    expect((await ask('/assets/gone.js', { cookie })).status).toBe(404);
    expect((await ask('/', { cookie }, 'POST')).status).toBe(405);
    expect(await ask('/', { cookie }, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  test('no path leads out of the folder, nor does a link inside it', async () => {
    const cookie = await signedIn();
    const out = ['/../outside.txt', '/..%2foutside.txt', '/%2e%2e/outside.txt', '/assets/..%2f..%2foutside.txt'];
    const odd = [
      '//etc/passwd',
      '/..%5coutside.txt',
      '/%00',
      '/%',
      '/link.txt',
      `/${encodeURIComponent(root)}/index.html`,
    ];
    for (const path of [...out, ...odd]) {
      const answer = await ask(path, { cookie });
      expect(answer.body, path).not.toContain('not for the page');
      expect(answer.body, path).not.toContain('root:');
      expect([200, 404], path).toContain(answer.status);
    }
  });
});
