/** One unique key on every way into the product, and then a search for it in everything that the product leaves and starts. */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ApiClient } from '#contract/api.ts';
import type { AuditVerdict } from '#contract/audit.ts';
import { entry } from '#host/self.ts';
import { openSocket, overWebSocket } from '#server/connect.ts';
import { inFiles, inRepository, inTexts, newCanary, watchProcesses } from '../fakes/canary.ts';
import { hostHome } from '../fakes/host-process.ts';
import {
  call,
  fail,
  hang,
  type MessagesServer,
  reply,
  startMessagesServer,
  text,
  use,
} from '../fakes/messages-server.ts';
import { scratch, spec } from '../fakes/places.ts';
import { brokenService } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';
import { hasSecretService, secretService } from '../fakes/secret-service.ts';

const linux = process.platform === 'linux';

/** Prints whatever a tool can see of environments and processes. */
const look =
  'env; for each in /proc/[0-9]*; do tr "\\0" "\\n" < $each/environ; tr "\\0" "\\n" < $each/cmdline; done 2>/dev/null; find / \\( -name vault.json -o -name "run-*.jsonl" -o -name nightshift.db \\) 2>/dev/null; echo "looked around"';

async function command(
  argv: string[],
  env: NodeJS.ProcessEnv,
  stdin = '',
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [entry('cli'), ...argv], { env, cwd: env.HOME });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk;
    });
  child.stdin.end(stdin);
  const code = await new Promise<number | null>((resolve) => void child.once('close', resolve));
  return { code, said };
}

async function untilEnded(client: ApiClient, run: string) {
  const over = new AbortController();
  for await (const item of await client.events.follow({ after: 0, run }, { signal: over.signal }))
    if (item.kind === 'event' && item.event.type === 'run.ended') break;
  over.abort();
  return client.runs.get({ run });
}

interface Way {
  env: NodeJS.ProcessEnv;
  /** Arguments of `model key`; null: the key is in the environment. */
  argv: string[] | null;
}

/** A night with the key, and everything that was found of it afterwards. */
async function night(canary: string, api: MessagesServer, { env: more, argv }: Way) {
  const { attach, paths, env } = hostHome({ ANTHROPIC_BASE_URL: api.url, NIGHTSHIFT_IDLE_MS: '60000', ...more });
  const home = env.HOME as string;
  const repository = testRepository(brokenService);
  const watch = watchProcesses(canary, [entry('host'), entry('cli')]);
  onTestFinished(() => void watch.stop());
  const said: Record<string, string> = {};
  let attachment = await attach();
  if (argv) {
    const stored = await command(['model', 'key', ...argv], env, canary);
    expect(stored).toMatchObject({ code: 0 });
    said['what the command said'] = stored.said;
    // The next host has to find the key by itself.
    await attachment.client.host.stop({});
    await attachment.closed;
    attachment = await attach();
  }
  const socket = await openSocket(attachment.socket);
  said.traffic = '';
  socket.on('message', (data) => {
    said.traffic += String(data);
  });
  const { client, close } = overWebSocket(socket);
  expect((await client.model.status()).key).not.toBe('none');

  api.push(
    fail(529, { message: `overloaded, and your key is ${canary}` }),
    reply([text(`Let me see.`), call('Bash', { command: look })]),
    hang(),
  );
  const wanted = { repository: repository.root, schedule: 'manual', checks: ['node answer.test.js'] };
  await client.routines.add({ id: 'look', spec: spec({ ...wanted, model: 'claude-opus-5-5' }) });
  const { run } = await client.routines.run({ routine: 'look' });
  await api.arrived(3);
  await expect.poll(() => watch.seen.has('bwrap')).toBe(true);
  api.push(use('Propose', { title: 'Seen', explanation: 'All of it.', not_done: ['Nothing else.'] }));
  api.release();
  expect(await untilEnded(client, run)).toMatchObject({ outcome: 'nothing_to_propose' });

  api.push(fail(401, { message: `the key ${canary} is not valid` }));
  const refused = await client.routines.run({ routine: 'look' });
  const broken = await untilEnded(client, refused.run);
  expect(broken).toMatchObject({ outcome: 'failed', reason: { code: 'model.key_rejected' } });

  const demo = await client.demo.create();
  await client.routines.edit({ routine: demo.routine.id, change: { model: 'rehearsal' } });
  const rehearsal = await client.routines.run({ routine: demo.routine.id });
  expect(await untilEnded(client, rehearsal.run)).toMatchObject({ outcome: 'proposed', rehearsal: true });
  await client.host.doctor({});
  const exported = await command(['audit', 'export', '--to', join(home, 'audit-export.jsonl')], env);
  expect(exported).toMatchObject({ code: 0 });
  const checked = await command(['audit', 'verify', '--json'], env);
  expect([checked.code, JSON.parse(checked.said)]).toMatchObject([0, { ok: true, runs: 3 }]);
  said['what a fault said'] = JSON.stringify(
    await client.runs.get({ run: 'run-00000000' }).catch((fault) => fault.toData()),
  );
  const { url } = await client.host.openUrl().catch(() => ({ url: null }));
  if (url) said.page = await (await fetch(url)).text();

  const living = inFiles(canary, home);
  await client.host.stop({ force: true });
  close();
  await attachment.closed;
  expect(readFileSync(paths.log, 'utf8')).toContain('host started');
  return {
    found: [
      ...living,
      ...inFiles(canary, home),
      ...inRepository(canary, repository.root),
      ...inRepository(canary, demo.repository),
      ...inTexts(canary, said),
      ...watch.stop(),
    ],
    watch,
    said,
    requests: api.requests,
    verdict: JSON.parse(checked.said) as AuditVerdict,
    verifyExport: () => command(['audit', 'verify', '--file', join(home, 'audit-export.jsonl')], env),
  };
}

const ways: [string, boolean, (canary: string) => Promise<Way>][] = [
  ['environment', linux, async (canary) => ({ env: { ANTHROPIC_API_KEY: canary }, argv: null })],
  [
    'keychain',
    linux && hasSecretService,
    async () => ({ env: { DBUS_SESSION_BUS_ADDRESS: (await secretService(true)).DBUS_SESSION_BUS_ADDRESS }, argv: [] }),
  ],
  [
    'passphrase file',
    linux,
    async () => {
      const file = join(scratch(), 'passphrase');
      writeFileSync(file, 'a long passphrase\n', { mode: 0o600 });
      return { env: {}, argv: ['--passphrase-file', file] };
    },
  ],
];

for (const [name, can, make] of ways)
  test.skipIf(!can)(
    `a key from the ${name} is used, and found nowhere (needs /proc and a Secret Service for keychains) [key-unseen]`,
    async () => {
      const canary = newCanary();
      const api = await startMessagesServer();
      onTestFinished(() => api.close());
      const { found, requests, watch, said, verdict, verifyExport } = await night(canary, api, await make(canary));
      expect(found).toEqual([]);
      // The search has seen what it is about: the key was sent, tools ran, the traffic was recorded.
      expect(requests.every(({ headers }) => JSON.stringify(headers).includes(canary))).toBe(true);
      const told = JSON.stringify(requests.at(2)?.body);
      expect(told).toContain('looked around');
      for (const hidden of ['vault.json', 'nightshift.db']) expect(told).not.toContain(`/${hidden}`);
      expect(told).not.toMatch(/\/run-\w+\.jsonl/);
      expect([...watch.seen].some((program) => program === 'bwrap')).toBe(true);
      expect(said.traffic).toContain('run.ended');
      expect((await verifyExport()).code).toBe(0);
      // Where there is a place for the audit key, every checkpoint is signed with the one that was made there.
      const kept = name !== 'environment';
      expect([verdict.keys.length, verdict.signed > 0, verdict.unsigned > 0]).toEqual([kept ? 1 : 0, kept, !kept]);
    },
    120_000,
  );

/** Here a core file lies in the working folder of what has crashed. */
const coresLieThere = linux && /^core(\.%p)?$/.test(readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim());

test.skipIf(!linux)(
  'a host that crashes leaves the key in no core file and in no report (skipped without /proc) [key-unseen]',
  async () => {
    const canary = newCanary();
    const { attach, env, paths } = hostHome({
      ...{ ANTHROPIC_API_KEY: canary, NIGHTSHIFT_IDLE_MS: '60000', NODE_OPTIONS: '--report-on-signal' },
    });
    const { hostPid, closed } = await attach();
    expect(inTexts(canary, { here: readFileSync(`/proc/${hostPid}/environ`) })).toEqual(['here']);
    expect(readFileSync(`/proc/${hostPid}/coredump_filter`, 'utf8').trim()).toMatch(/^0+$/);
    const written = (what: RegExp) =>
      readdirSync(paths.data).some((name) => what.test(name) && statSync(join(paths.data, name)).size > 0);
    process.kill(hostPid, 'SIGUSR2');
    await expect.poll(() => written(/^report\..*\.json$/), { timeout: 20_000 }).toBe(true);
    const mayDump = spawnSync('prlimit', ['--pid', String(hostPid), '--core=unlimited']).status === 0;
    process.kill(hostPid, 'SIGABRT');
    await closed;
    if (coresLieThere && mayDump) await expect.poll(() => written(/^core/), { timeout: 20_000 }).toBe(true);
    expect(inFiles(canary, env.HOME as string)).toEqual([]);
  },
  60_000,
);

test.skipIf(!linux)(
  'the search finds a leak in a file, in a process, and in disguise (skipped without /proc)',
  async () => {
    const canary = newCanary();
    const folder = scratch();
    const leaks = [canary, Buffer.from(canary).toString('hex'), Buffer.from(`{"key":"${canary}"}`).toString('base64')];
    for (const [index, leak] of leaks.entries()) {
      const file = join(folder, `leak-${index}`);
      writeFileSync(file, `before ${leak} after`);
      expect(inFiles(canary, folder)).toEqual([file]);
      rmSync(file);
    }
    expect(inFiles(canary, folder)).toEqual([]);
    const watch = watchProcesses(canary, []);
    const child = spawn('sleep', ['60'], { env: { PATH: process.env.PATH, LEAK: canary } });
    await expect.poll(() => [...watch.found]).toEqual(['environ of sleep']);
    child.kill();
    const teller = spawn('sh', ['-c', 'read line', canary]);
    onTestFinished(() => void teller.kill());
    await expect.poll(() => [...watch.found].some((each) => each.startsWith('cmdline of'))).toBe(true);
    watch.stop();
    const repository = testRepository({ 'a.txt': `${canary}\n` });
    expect(inRepository(canary, repository.root)).toEqual(['objects']);
  },
);
