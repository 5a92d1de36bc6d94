/** Hosts with rules about methods and secrets: the encryption ends in the proxy, and the secret never comes in. */
import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Credential } from '#core/ports.ts';
import { createAuthority } from '#host/egress/authority.ts';
import { createScrub } from '#host/egress/scrub.ts';
import { codeOf, proxy, web } from './egress-fixture.ts';

const host = 'api.test';
const secret = 'Bearer s3cr3t-t0ken-value';
const names = { [host]: ['127.0.0.1'], 'registry.test': ['127.0.0.1'] };
const admits = () => true;
const ask = (method: string, path: string, headers = '', body = '') =>
  `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${headers}\r\n${body}`;

async function api(answer: Parameters<typeof web>[0], more: Partial<Credential> = {}) {
  const site = await web(answer, { secureAs: host });
  const credential = {
    ...{ host, port: site.port, methods: ['GET', 'POST'], pathPrefix: '/v1', header: 'Authorization', value: secret },
    ...more,
  };
  const way = await proxy([`${host}:${site.port}`], { names, admits, credentials: [credential] });
  const inside = (...args: Parameters<typeof ask>) => way.inTunnel(`${host}:${site.port}`, ask(...args), host);
  return { site, ...way, inside };
}

describe('a credential', () => {
  test('is put into its header for its host, path and methods, over whatever the run sent', async () => {
    const { site, inside } = await api((_request, response) => void response.end('ok'));
    expect(await inside('GET', '/v1/items?x=1', 'Authorization: Bearer mine\r\n')).toMatch(/^HTTP\/1.1 200 .*ok/s);
    expect(site.requests).toMatchObject([
      { url: '/v1/items?x=1', headers: { authorization: secret, host: `${host}:${site.port}` } },
    ]);
  });

  test.each([
    ['DELETE', '/v1/items'],
    ['GET', '/v2/items'],
    ['GET', '/v1evil'],
    ['GET', '/'],
    ['GET', '/v1/../admin'],
    ['GET', '/v1/%2e%2e/admin'],
    ['GET', '/v1/..%2fadmin'],
    ['GET', '/v1//admin'],
    ['GET', '/v1\\..\\admin'],
    ['GET', '//v1/items'],
    ['GET', '/V1/items'],
  ])('is not given to %s %s', async (method, path) => {
    const { site, inside } = await api((_request, response) => void response.end('ok'));
    await inside(method, path);
    expect(JSON.stringify(site.requests)).not.toContain('s3cr3t');
  });

  test('is never in a body or in a query', async () => {
    const { site, inside } = await api((_request, response) => void response.end('ok'));
    await inside('POST', '/v1/x?token=$TOKEN', 'Content-Length: 13\r\n', '{"t":"$TOKEN"');
    expect(site.requests).toMatchObject([{ url: '/v1/x?token=$TOKEN', body: '{"t":"$TOKEN"' }]);
  });

  test('is not sent to where a redirect leads', async () => {
    const { inside, site } = await api(
      (_request, response) => void response.writeHead(307, { location: '/v2/' }).end(),
    );
    expect(await inside('GET', '/v1/x')).toMatch(/^HTTP\/1.1 307 /);
    expect(site.requests).toHaveLength(1);
  });

  test('is not given without encryption', async () => {
    const site = await web();
    const credential = {
      host,
      port: site.port,
      methods: ['GET'],
      pathPrefix: '/',
      header: 'Authorization',
      value: secret,
    };
    const { say } = await proxy([`${host}:${site.port}`], { names, admits, credentials: [credential] });
    await say(`GET http://${host}:${site.port}/v1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(site.requests).toHaveLength(1);
    expect(JSON.stringify(site.requests)).not.toContain('s3cr3t');
  });

  test('is taken out of whatever comes back: body, headers, other spellings', async () => {
    const bare = 's3cr3t-t0ken-value';
    const { inside } = await api((request, response) => {
      response.setHeader('X-Echo', String(request.headers.authorization));
      response.write(`raw ${request.headers.authorization} `);
      response.write(`url ${encodeURIComponent(secret)} json ${JSON.stringify({ a: bare })} `);
      response.write(`hex ${Buffer.from(bare).toString('hex')} `);
      for (const before of ['', 'x', 'xy'])
        response.write(`b64 ${Buffer.from(`${before}${bare}!`).toString('base64')} `);
      response.end('end');
    });
    const answer = await inside('GET', '/v1/echo');
    expect(answer).toContain('end');
    expect(answer).toContain('[secret removed]');
    const inBase64 = ['', 'x', 'xy'].map((before) => Buffer.from(`${before}${bare}!`).toString('base64'));
    for (const text of [bare, encodeURIComponent(secret), Buffer.from(bare).toString('hex'), ...inBase64])
      expect(answer).not.toContain(text);
  });

  test('is taken out also where the server cuts it into single bytes', async () => {
    const { inside } = await api((_request, response) => {
      const bytes = [...Buffer.from(`before ${secret} after`)];
      const next = (): void => {
        const byte = bytes.shift();
        if (byte === undefined) response.end();
        else response.write(Buffer.from([byte]), next);
      };
      next();
    });
    const answer = await inside('GET', '/v1/slow');
    expect(answer.replace(/\r\n[0-9a-f]+\r\n/g, '')).toContain('before [secret removed] after');
    expect(answer.replace(/\r\n[0-9a-f]+\r\n/g, '')).not.toContain('s3cr3t');
  });

  test('cannot be hidden in a compressed or partial answer', async () => {
    const { site, inside } = await api((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end('whatever');
    });
    const answer = await inside('GET', '/v1/x', 'Accept-Encoding: gzip\r\nRange: bytes=0-3\r\n');
    expect(codeOf(answer)).toBe('net.response_encoded');
    expect(site.requests[0]?.headers).toMatchObject({ 'accept-encoding': 'identity' });
    expect(site.requests[0]?.headers).not.toHaveProperty('range');
  });

  test('goes to no server that cannot prove to be the host', async () => {
    const site = await web(undefined, { secureAs: 'other.test' });
    const credential = {
      host,
      port: site.port,
      methods: ['GET'],
      pathPrefix: '/',
      header: 'Authorization',
      value: secret,
    };
    const { inTunnel } = await proxy([`${host}:${site.port}`], { names, admits, credentials: [credential] });
    expect(codeOf(await inTunnel(`${host}:${site.port}`, ask('GET', '/'), host))).toBe('net.unreachable');
    expect(site.requests).toEqual([]);
  });

  test('a tunnel to the host is not one to another: both names inside must be its own', async () => {
    const { site, inTunnel } = await api((_request, response) => void response.end('ok'));
    const to = `${host}:${site.port}`;
    const front = 'GET /v1 HTTP/1.1\r\nHost: front.test\r\nConnection: close\r\n\r\n';
    expect(codeOf(await inTunnel(to, front, host))).toBe('net.url_confusing');
    expect(site.requests).toEqual([]);
  });
});

describe('a package registry', () => {
  test('may be read from and not written to', async () => {
    const site = await web((_request, response) => void response.end('package'), { secureAs: 'registry.test' });
    const to = `registry.test:${site.port}`;
    const { inTunnel, attempts } = await proxy([to], { names, admits, readOnly: ['registry.test'] });
    const say = (method: string, headers = '', body = '') =>
      inTunnel(
        to,
        `${method} /left-pad HTTP/1.1\r\nHost: registry.test\r\nConnection: close\r\n${headers}\r\n${body}`,
        'registry.test',
      );
    expect(await say('GET')).toContain('package');
    expect(await say('HEAD')).toMatch(/^HTTP\/1.1 200/);
    for (const method of ['PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'])
      expect(codeOf(await say(method, 'Content-Length: 1\r\n', 'x')), method).toBe('net.read_only');
    expect(codeOf(await say('GET', 'Content-Length: 1\r\n', 'x'))).toBe('net.read_only');
    expect(codeOf(await say('GET', 'Transfer-Encoding: chunked\r\n', '1\r\nx\r\n0\r\n\r\n'))).toBe('net.read_only');
    expect(site.requests.map(({ method }) => method)).toEqual(['GET', 'HEAD']);
    expect(attempts.filter(({ code }) => code === 'net.read_only')).toHaveLength(7);
  });
});

test('the authority of a run is one, for a few days, and its certificates name one host', async () => {
  const own = new X509Certificate((await createAuthority()).certificate);
  expect(own.ca).toBe(true);
  expect(own.checkIssued(own)).toBe(true);
  expect(Date.parse(own.validTo) - Date.now()).toBeLessThan(8 * 86_400_000);
  const other = new X509Certificate((await createAuthority()).certificate);
  expect(own.verify(other.publicKey)).toBe(false);
});

test('a secret is found wherever the chunks are cut', async () => {
  const text = `a ${secret} b s3cr3t-t0ken-value c s3cr3t-t0ken-valu d`;
  for (let cut = 1; cut < text.length; cut++) {
    const body = createScrub([secret]).body();
    const seen: Buffer[] = [];
    body.on('data', (chunk: Buffer) => seen.push(chunk));
    body.write(Buffer.from(text.slice(0, cut)));
    body.end(Buffer.from(text.slice(cut)));
    await new Promise((resolve) => body.once('end', resolve));
    expect(Buffer.concat(seen).toString()).toBe('a [secret removed] b [secret removed] c s3cr3t-t0ken-valu d');
  }
});
