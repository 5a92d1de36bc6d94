/** A run that was given a network, from inside: what it was given works with the usual programs, and nothing else does. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { NetworkAttempt } from '#contract/egress.ts';
import type { NetworkSpec } from '#core/ports.ts';
import { createSandbox, type SandboxOptions } from '#host/sandbox/launch.ts';
import { until } from '../contract/until.ts';
import { silent } from '../fakes/places.ts';
import { outside, raw, web } from './egress-fixture.ts';
import { ground, hands, noSandbox } from './sandbox-fixture.ts';

const online = (network: NetworkSpec, options: Partial<SandboxOptions> = {}) =>
  hands(ground(), options, 'write', { network });
const byHand = (port: number): NetworkSpec => ({ allow: [`127.0.0.1:${port}`], allowPrivate: true });

describe.skipIf(noSandbox)('the network of a run (Linux only)', () => {
  test('without an allow-list there is no proxy, no socket and no variable [child-sees-nothing]', async () => {
    const { bash, enforced } = await hands();
    expect((await bash('env | grep -i proxy; ls /run; (exec 3<>/dev/tcp/127.0.0.1/3128) 2>&1')).text).toMatch(
      /^ls: cannot access '\/run'.*Connection refused.*$/s,
    );
    expect(enforced).toContain('no network');
  });

  test('an allowed address answers, plainly and through a tunnel, and every attempt is told', async () => {
    const site = await web();
    const attempts: NetworkAttempt[] = [];
    const { bash, enforced } = await online({ ...byHand(site.port), onAttempt: (attempt) => attempts.push(attempt) });
    expect((await bash(`curl -sS --noproxy '' http://127.0.0.1:${site.port}/`)).text).toBe('hello');
    expect((await bash(`curl -sS -p --noproxy '' http://127.0.0.1:${site.port}/`)).text).toBe('hello');
    expect(
      (await bash(`wget -qO- http://127.0.0.1:${site.port}/ || curl -sS http://127.0.0.1:${site.port}/`)).text,
    ).toBe('hello');
    // Who asks no proxy is led to it.
    expect(enforced).toEqual(
      expect.arrayContaining([
        'no network but the proxy',
        'the proxy answers',
        'a host that is not allowed is refused',
      ]),
    );
    expect(enforced).toContain(`network only to 127.0.0.1:${site.port}`);
    await until('the records', () => attempts.length === 3);
    expect(attempts.map(({ method, decision, code }) => [method, decision, code])).toEqual([
      ['GET', 'allow', null],
      ['CONNECT', 'allow', null],
      ['CONNECT', 'allow', null],
    ]);
  });

  test('a refusal can be read by the model, also where the program keeps it to itself', async () => {
    const { bash } = await online({ allow: ['allowed.test'] });
    const plain = await bash('curl -s http://denied.test/');
    expect(JSON.parse(plain.text)).toMatchObject({
      decision: 'deny',
      code: 'net.host_not_allowed',
      host: 'denied.test',
      port: 80,
    });
    const tunnel = await bash('curl -s https://denied.test/; echo done');
    expect(tunnel.text).toMatch(/^done\n\{"decision":"deny","code":"net.host_not_allowed",.*"method":"CONNECT"/);
    expect((await bash('true')).text).toBe('(no output)');
  });

  test('listeners on the host’s loopback are not reached by any spelling [child-sees-nothing]', async () => {
    const [site, secret] = [await web(), await raw(() => {})];
    const six = await web(undefined, { host: '::1' });
    const { bash } = await online(byHand(site.port));
    const proxied = (url: string) => `curl -sS --max-time 10 --noproxy '' ${url}`;
    const hosts = [
      '127.0.0.1',
      'localhost',
      '127.1',
      '0.0.0.0',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '127.0.0.1.',
      'ip6-localhost',
      '$(hostname)',
      '10.0.2.2',
      '169.254.169.254',
    ];
    const commands = [
      ...hosts.flatMap((host) => [`http://${host}:${secret.port}/`, `-p http://${host}:${secret.port}/`]).map(proxied),
      proxied(`http://127.0.0.1:${site.port}@127.0.0.1:${secret.port}/`),
      proxied(`-H 'Host: 127.0.0.1:${site.port}' http://127.0.0.1:${secret.port}/`),
      proxied(`--proxy socks5h://127.0.0.1:3128 http://127.0.0.1:${secret.port}/`),
      proxied(`http://[::1]:${six.port}/`),
      `exec 3<>/dev/tcp/127.0.0.1/${secret.port}`,
      `exec 3<>/dev/udp/127.0.0.1/53`,
      `curl -sS --noproxy '*' http://127.0.0.1:${secret.port}/`,
      `printf 'CONNECT 127.0.0.1:${secret.port} HTTP/1.1\\r\\n\\r\\n' >/dev/tcp/127.0.0.1/3128`,
      `printf 'GET http://127.0.0.1:${secret.port}/ HTTP/1.1\\r\\nHost: 127.0.0.1:${site.port}\\r\\n\\r\\n' >/dev/tcp/127.0.0.1/3128`,
      `printf 'GET / HTTP/1.1\\r\\nHost: 127.0.0.1:${secret.port}\\r\\n\\r\\n' >/dev/tcp/127.0.0.1/3128`,
    ];
    for (const command of commands) await bash(command);
    expect([secret.connections(), six.connections()]).toEqual([0, 0]);
    expect((await bash(`curl -s http://127.0.0.1:${site.port}/`)).text).toMatch(/^hello/);
  }, 60_000);

  test('a name on the list that leads to the loopback is refused', async () => {
    const secret = await web();
    const options = { network: { resolve: async () => ['127.0.0.1'] } };
    const { bash } = await online({ allow: [`rebind.test:${secret.port}`, `localhost:${secret.port}`] }, options);
    for (const host of ['rebind.test', 'localhost'])
      expect((await bash(`curl -s --noproxy '' http://${host}:${secret.port}/`)).text).toContain(
        'net.resolved_private',
      );
    expect(secret.connections()).toBe(0);
  });

  test('sockets of the host are not there: none by name, none without a name', async () => {
    let reached = 0;
    const place = ground();
    const names = [join(place.root, 's'), `\0nightshift-test-${process.pid}`];
    for (const name of names) {
      const server = createSocketServer((socket) => {
        reached++;
        socket.destroy();
      });
      await new Promise<void>((resolve) => server.listen(name, resolve));
      onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    }
    const { bash } = await hands(place);
    const reach = (name: string) =>
      bash(`perl -MSocket -e 'socket(S,PF_UNIX,SOCK_STREAM,0);exit(connect(S,pack_sockaddr_un(${name}))?0:1)'`);
    expect((await reach(`"${names[0]}"`)).exitCode).toBe(1);
    expect((await reach(`"\\0nightshift-test-${process.pid}"`)).exitCode).toBe(1);
    expect(reached).toBe(0);
  });

  test('the proxy of a run leaves nothing on disk, and is no way to another run’s hosts', async () => {
    const before = () => readdirSync(tmpdir()).filter((name) => name.startsWith('nightshift-net-'));
    const known = before();
    const [one, two] = [await web(), await web()];
    const first = await online(byHand(one.port));
    const second = await online(byHand(two.port));
    expect(before().filter((name) => !known.includes(name))).toEqual([]);
    expect((await first.bash(`curl -s --noproxy '' http://127.0.0.1:${two.port}/`)).text).toContain(
      'net.host_not_allowed',
    );
    expect((await second.bash(`curl -s http://127.0.0.1:${two.port}/`)).text).toBe('hello');
    expect((await first.bash('ls /run/nightshift; echo x > /run/nightshift/x; rm /run/nightshift/proxy')).ok).toBe(
      false,
    );
    expect((await first.bash(`curl -s http://127.0.0.1:${one.port}/`)).text).toBe('hello');
  });

  test('what a run has used of its budget stays used when its sandbox is started anew', async () => {
    const site = await web();
    const sandbox = createSandbox({ log: silent });
    const place = ground();
    const spec = {
      ...place,
      run: 'run-budget',
      access: 'write' as const,
      network: { ...byHand(site.port), requests: 2 },
    };
    const texts = [];
    for (let i = 0; i < 3; i++) {
      const own = await sandbox.launch(spec);
      texts.push((await own.call('Bash', { command: `curl -s http://127.0.0.1:${site.port}/` })).text);
      await own.close();
    }
    expect(texts.slice(0, 2)).toEqual(['hello', 'hello']);
    expect(texts[2]).toContain('limit.network_requests');
  });

  test('a host with a credential is trusted by the usual programs, and the secret is nowhere inside', async () => {
    const site = await web((request, response) => void response.end(`got ${request.headers.authorization}`), {
      secureAs: 'api.test',
    });
    const secret = 's3cr3t-in-a-sandbox';
    const { bash } = await online(
      {
        allow: [`api.test:${site.port}`],
        credentials: [
          {
            host: 'api.test',
            port: site.port,
            methods: ['GET'],
            pathPrefix: '/',
            header: 'authorization',
            value: `Bearer ${secret}`,
          },
        ],
      },
      { network: { resolve: async () => ['127.0.0.1'], admits: () => true, trust: (await outside()).certificate } },
    );
    const url = `https://api.test:${site.port}/`;
    const programs = [
      `curl -sS ${url}`,
      `/usr/bin/python3 -c "import urllib.request as u; print(u.urlopen('${url}').read().decode())"`,
      `/opt/nightshift/bin/node -e "fetch('${url}').then((r) => r.text()).then(console.log)"`,
    ];
    for (const program of programs) expect((await bash(program)).text, program).toBe('got [secret removed]');
    expect(site.requests.every(({ headers }) => headers.authorization === `Bearer ${secret}`)).toBe(true);
    const look = await bash(
      `env; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\\0' '\\n'; grep -r s3cr3t /etc /run /tmp /opt 2>/dev/null`,
    );
    expect(look.text).not.toContain('s3cr3t-in');
  }, 30_000);

  test('a wrong entry of the list is named before anything starts', async () => {
    await expect(online({ allow: ['https://example.com/'] })).rejects.toMatchObject({
      code: 'input',
      field: 'network',
    });
    await expect(online({ allow: [], registries: ['npn'] })).rejects.toMatchObject({ code: 'input' });
  });

  test('a large download and a server inside the sandbox both work beside the proxy', async () => {
    const site = await web((_request, response) => void response.end(Buffer.alloc(20_000_000, 'x')));
    const place = ground();
    mkdirSync(join(place.worktree, 'ignored'));
    writeFileSync(join(place.worktree, 'ignored/index.html'), 'inside');
    const { bash } = await hands(place, {}, 'write', {
      network: { allow: [`127.0.0.1:${site.port}`], allowPrivate: true },
    });
    expect((await bash(`curl -s http://127.0.0.1:${site.port}/ | wc -c`)).text).toBe('20000000');
    const server = `/opt/nightshift/bin/node -e "require('http').createServer((q, s) => s.end('inside')).listen(8123)" & `;
    const asked = `for i in $(seq 100); do curl -sf http://localhost:8123/ && break; sleep 0.05; done; kill %1`;
    expect((await bash(server + asked)).text).toContain('inside');
  }, 30_000);
});
