/** The way out, attacked from inside: what is not plainly allowed is refused with a code, and nobody outside hears of it. */
import { describe, expect, test } from 'vitest';
import { until } from '../contract/until.ts';
import { codeOf, get, proxy, raw, web } from './egress-fixture.ts';

const here = { allowPrivate: true };

describe('a plain request', () => {
  test('to an allowed address arrives, with its path, body and answer', async () => {
    const site = await web((_request, response) => {
      response.setHeader('x-answer', 'yes');
      response.end('made');
    });
    const { say, attempts } = await proxy([`127.0.0.1:${site.port}`], here);
    const body = 'a=1';
    const answer = await say(get(`http://127.0.0.1:${site.port}/p/q?r=s`, { 'Content-Length': '3' }, 'POST', body));
    expect(answer).toMatch(/^HTTP\/1.1 200 .*x-answer: yes.*made/s);
    expect(site.requests).toMatchObject([{ method: 'POST', url: '/p/q?r=s', body }]);
    await until('its record', () => attempts.length === 1);
    expect(attempts).toEqual([
      { host: '127.0.0.1', port: site.port, method: 'POST', decision: 'allow', code: null, sent: 3, received: 4 },
    ]);
  });

  test('to anything else is refused with a code, and nothing is connected', async () => {
    const site = await web();
    const port = String(site.port);
    const { say, attempts } = await proxy(['127.0.0.1:1', 'allowed.test'], {
      ...here,
      names: { 'allowed.test': ['127.0.0.1'], localhost: ['127.0.0.1'] },
    });
    const expected: Record<string, string> = {
      [`http://127.0.0.1:${port}/`]: 'net.host_not_allowed',
      [`http://localhost:${port}/`]: 'net.host_not_allowed',
      [`http://allowed.test:${port}/`]: 'net.host_not_allowed',
      'http://allowed.test/': 'net.host_not_allowed',
      'http://allowed.test:443/': 'net.resolved_private',
      [`http://2130706433:${port}/`]: 'net.url_confusing',
      [`http://0x7f000001:${port}/`]: 'net.url_confusing',
      [`http://0177.0.0.1:${port}/`]: 'net.url_confusing',
      [`http://127.1:${port}/`]: 'net.url_confusing',
      [`http://[::ffff:127.0.0.1]:${port}/`]: 'net.url_confusing',
      [`http://[::1]:${port}/`]: 'net.host_not_allowed',
      [`http://0.0.0.0:${port}/`]: 'net.host_not_allowed',
      [`http://127.0.0.1:1@127.0.0.1:${port}/`]: 'net.url_confusing',
      [`http://127.0.0.1:1#@127.0.0.1:${port}/`]: 'net.url_confusing',
      [`http://127.0.0.1:${port}\\@allowed.test/`]: 'net.url_confusing',
      [`https://127.0.0.1:${port}/`]: 'net.url_confusing',
      '/': 'net.url_confusing',
    };
    for (const [url, code] of Object.entries(expected)) expect(codeOf(await say(get(url))), url).toBe(code);
    expect(site.connections()).toBe(0);
    expect(attempts.every(({ decision, sent, received }) => decision === 'deny' && sent + received === 0)).toBe(true);
    expect(attempts).toHaveLength(Object.keys(expected).length);
  });

  test('tells the server the judged host, whatever the Host header says, and keeps the connection’s own headers', async () => {
    const site = await web();
    const { say } = await proxy([`127.0.0.1:${site.port}`], here);
    await say(
      get(`http://127.0.0.1:${site.port}/`, {
        Host: 'internal.example',
        Connection: 'close, X-Secret-Hop',
        'X-Secret-Hop': 'x',
        'Proxy-Authorization': 'Basic eA==',
        'Proxy-Connection': 'keep-alive',
        'Keep-Alive': 'timeout=5',
        TE: 'trailers',
        Upgrade: 'websocket',
        'X-Kept': 'y',
      }),
    );
    const { headers } = site.requests[0] ?? { headers: {} };
    expect(headers).toMatchObject({ host: `127.0.0.1:${site.port}`, 'x-kept': 'y', connection: 'close' });
    for (const name of ['x-secret-hop', 'proxy-authorization', 'proxy-connection', 'keep-alive', 'te', 'upgrade'])
      expect(headers).not.toHaveProperty(name);
  });

  test('is not followed to where a redirect leads', async () => {
    const secret = await web();
    const site = await web((_request, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${secret.port}/` }).end();
    });
    const { say } = await proxy([`127.0.0.1:${site.port}`], here);
    const answer = await say(get(`http://127.0.0.1:${site.port}/`));
    expect(answer).toMatch(/^HTTP\/1.1 302 /);
    expect(codeOf(await say(get(`http://127.0.0.1:${secret.port}/`)))).toBe('net.host_not_allowed');
    expect(secret.connections()).toBe(0);
  });

  test.each([
    ['two lengths', 'Content-Length: 3\r\nContent-Length: 40\r\n'],
    ['a length and chunks', 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n'],
    ['chunks in disguise', 'Transfer-Encoding: xchunked\r\nContent-Length: 3\r\n'],
    ['a line without its return', 'X: y\nContent-Length: 3\r\n'],
    ['a blank before the colon', 'Content-Length : 3\r\n'],
    ['a NUL in a header', 'X-A: a\0b\r\n'],
    ['a folded header', 'X-A: a\r\n b\r\nContent-Length: 3\r\n'],
  ])('with %s never becomes two requests', async (_, headers) => {
    const site = await web();
    const { say } = await proxy([`127.0.0.1:${site.port}`], here);
    const hidden = `GET http://127.0.0.1:${site.port}/hidden HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    await say(
      `POST http://127.0.0.1:${site.port}/open HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n0\r\n\r\n${hidden}`,
    );
    expect(site.requests.filter(({ url }) => url === '/hidden')).toEqual([]);
    expect(site.requests.length).toBeLessThanOrEqual(1);
  });

  test('cannot put a line of its own into the request that goes out', async () => {
    const seen: string[] = [];
    const site = await raw((socket) =>
      socket.on('data', (chunk) => {
        seen.push(chunk.toString('latin1'));
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      }),
    );
    const { say } = await proxy([`127.0.0.1:${site.port}`], here);
    await say(`GET http://127.0.0.1:${site.port}/a\rX-Evil:1 HTTP/1.1\r\nHost: x\r\n\r\n`);
    await say(`GET http://127.0.0.1:${site.port}/a b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(seen.join('')).not.toMatch(/evil/i);
  });
});

describe('a tunnel', () => {
  test('to an allowed host and port carries bytes both ways', async () => {
    const site = await raw((socket) => socket.on('data', (chunk) => socket.end(`echo ${chunk}`)));
    const { say, attempts } = await proxy([`127.0.0.1:${site.port}`], here);
    expect(await say(`CONNECT 127.0.0.1:${site.port} HTTP/1.1\r\nHost: x\r\n\r\nping`)).toMatch(
      /^HTTP\/1.1 200 .*echo ping$/s,
    );
    await until('its record', () => attempts.length === 1);
    expect(attempts).toMatchObject([{ method: 'CONNECT', decision: 'allow', sent: 4, received: 9 }]);
  });

  test.each([
    ['127.0.0.1:1', 'net.host_not_allowed'],
    ['127.0.0.1:22', 'net.host_not_allowed'],
    ['localhost:PORT', 'net.host_not_allowed'],
    ['2130706433:PORT', 'net.url_confusing'],
    ['0x7f.1:PORT', 'net.url_confusing'],
    ['[::ffff:7f00:1]:PORT', 'net.url_confusing'],
    ['a@127.0.0.1:PORT', 'net.url_confusing'],
    ['127.0.0.1:PORT/', 'net.url_confusing'],
    ['127.0.0.1.:PORT', 'net.url_confusing'],
    ['127.0.0.1', 'net.url_confusing'],
    ['169.254.169.254:80', 'net.host_not_allowed'],
  ])('to %s is refused: %s', async (target, code) => {
    const site = await raw(() => {});
    const { say } = await proxy([`127.0.0.1:${site.port}`], here);
    const answer = await say(`CONNECT ${target.replace('PORT', String(site.port))} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(codeOf(answer)).toBe(code);
    expect(site.connections()).toBe(0);
  });

  test('with a NUL in the name, which a suffix would hide, is refused', async () => {
    const site = await raw(() => {});
    const { say } = await proxy(['*.allowed.test:1', `127.0.0.1:${site.port}`], here);
    const answer = await say('CONNECT evil.test\0.allowed.test:1 HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(answer).not.toMatch(/^HTTP\/1.1 200/);
    expect(site.connections()).toBe(0);
  });
});

describe('a name', () => {
  test.each([
    ['the loopback', ['127.0.0.1']],
    ['a private network', ['10.0.0.1']],
    ['the metadata service', ['169.254.169.254']],
    ['the IPv6 loopback', ['::1']],
    ['IPv4 in IPv6', ['::ffff:127.0.0.1']],
    ['a public and a private address', ['93.184.216.34', '127.0.0.1']],
    ['this host', ['0.0.0.0']],
  ])('that leads to %s is refused, although it is on the list', async (_, addresses) => {
    const { say } = await proxy(['rebind.test:80'], { names: { 'rebind.test': addresses }, ...here });
    expect(codeOf(await say(get('http://rebind.test/')))).toBe('net.resolved_private');
    expect(codeOf(await say('CONNECT rebind.test:80 HTTP/1.1\r\nHost: x\r\n\r\n'))).toBe('net.resolved_private');
  });

  test('is resolved once, and that very address is dialled: a second answer is never asked for', async () => {
    const [good, bad] = [await web(), await web(undefined, { host: '127.0.0.2' })];
    let asked = 0;
    const { say } = await proxy([`rebind.test:${good.port}`], {
      resolve: async () => [asked++ === 0 ? '127.0.0.1' : '127.0.0.2'],
      // The first answer stands for a public address.
      admits: (address) => address === '127.0.0.1',
    });
    expect(await say(get(`http://rebind.test:${good.port}/`))).toContain('hello');
    expect([asked, good.requests.length, bad.connections()]).toEqual([1, 1, 0]);
    expect(codeOf(await say(get(`http://rebind.test:${good.port}/`)))).toBe('net.resolved_private');
  });

  test('that has no address, and a host that does not answer, are told apart', async () => {
    const closed = await web();
    const { say } = await proxy(['nowhere.test:80', '127.0.0.1:1'], here);
    expect(codeOf(await say(get('http://nowhere.test/')))).toBe('net.not_resolved');
    expect(codeOf(await say(get('http://127.0.0.1:1/')))).toBe('net.unreachable');
    expect(closed.connections()).toBe(0);
  });
});

describe('a budget', () => {
  test('of bytes breaks off what exceeds it, and refuses what follows', async () => {
    const site = await web((_request, response) => void response.end('x'.repeat(500_000)));
    const { say, attempts } = await proxy([`127.0.0.1:${site.port}`], {
      ...here,
      limit: { bytes: 100_000, requests: 10 },
    });
    expect((await say(get(`http://127.0.0.1:${site.port}/`))).length).toBeLessThan(200_000);
    expect(codeOf(await say(get(`http://127.0.0.1:${site.port}/`)))).toBe('limit.network_bytes');
    expect(codeOf(await say(`CONNECT 127.0.0.1:${site.port} HTTP/1.1\r\nHost: x\r\n\r\n`))).toBe('limit.network_bytes');
    expect(attempts.map(({ code }) => code)).toEqual(Array(3).fill('limit.network_bytes'));
    expect(site.requests).toHaveLength(1);
  });

  test('of bytes holds in a tunnel', async () => {
    const site = await raw((socket) => {
      const more = (): void => void (socket.destroyed || socket.write('x'.repeat(65_536), more));
      more();
    });
    const { say, attempts } = await proxy([`127.0.0.1:${site.port}`], {
      ...here,
      limit: { bytes: 300_000, requests: 10 },
    });
    expect((await say(`CONNECT 127.0.0.1:${site.port} HTTP/1.1\r\nHost: x\r\n\r\n`)).length).toBeLessThan(400_000);
    await until('its record', () => attempts.length === 1);
    expect(attempts).toMatchObject([{ decision: 'allow', code: 'limit.network_bytes' }]);
  });

  test('of requests refuses the next one', async () => {
    const site = await web();
    const { say } = await proxy([`127.0.0.1:${site.port}`], { ...here, limit: { bytes: 1e6, requests: 2 } });
    const codes = [];
    for (let i = 0; i < 4; i++) codes.push(codeOf(await say(get(`http://127.0.0.1:${site.port}/`))));
    expect(codes).toEqual([null, null, 'limit.network_requests', 'limit.network_requests']);
    expect(site.requests).toHaveLength(2);
  });
});
