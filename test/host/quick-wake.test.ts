/** What the OS timer of a Linux system starts: a host that runs is asked without Node, and nothing else is lost by that. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { quickWake } from '#host/scheduler/quick-wake.ts';
import { hostHome } from '../fakes/host-process.ts';
import { scratch, spec } from '../fakes/places.ts';
import { testRepository } from '../fakes/repository.ts';

const elsewhere = process.platform !== 'linux';
const reason = elsewhere ? ' (only systemd starts it)' : '';
const on = test.skipIf(elsewhere);

/** A terminal entry that notes how it was called and ends with 7. */
function entry(folder: string) {
  const cli = join(folder, `the "cli's" $entry`);
  const note = join(folder, 'called');
  writeFileSync(cli, `printf '%s ' "$@" >>'${note}'; exit 7\n`);
  return { exec: '/bin/sh', cli, called: () => (existsSync(note) ? readFileSync(note, 'utf8').trim() : null) };
}

async function start(words: string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  const [program = '', ...args] = words;
  const child = spawn(program, args, { env, stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

/** Something that listens, and a note that says so. */
async function listener(answer: string | null): Promise<string> {
  const folder = scratch('ns');
  const socket = join(folder, 'host.sock');
  const server = createServer((peer) => {
    peer.on('error', () => {});
    peer.once('data', () => answer !== null && peer.end(answer));
  });
  server.listen(socket);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const endpoint = join(folder, 'endpoint.json');
  writeFileSync(endpoint, JSON.stringify({ version: '1', socket }));
  return endpoint;
}

const env = { PATH: '/usr/local/bin:/usr/bin:/bin' };
const asked = { by: 'os_timer', routine: 'a' };
const words = 'due --by os_timer --no-wait --routine a';

on(`a host that runs claims the instant, and no other program is started for it${reason}`, async () => {
  const home = hostHome();
  const { client } = await home.attach();
  const routine = { repository: testRepository().root, schedule: 'manual', model: 'rehearsal' };
  await client.routines.add({ id: 'a', spec: spec(routine) });
  const at = new Date(Date.now() + 1500).toISOString();
  await client.routines.fireAt({ routine: 'a', at });
  await expect.poll(() => Date.now() > Date.parse(at), { timeout: 10_000 }).toBe(true);
  const { called, ...rest } = entry(scratch('ns'));
  expect(await start(quickWake({ ...rest, endpoint: home.paths.endpoint }, asked), env)).toBe(0);
  expect(await client.routines.ledger({ routine: 'a' })).toMatchObject([{ dueAt: at, claimedBy: 'os_timer' }]);
  expect(called()).toBeNull();

  // What the host refuses is for the terminal entry to say.
  const by = { by: 'nobody' };
  expect(await start(quickWake({ ...rest, endpoint: home.paths.endpoint }, by), env)).toBe(7);
  expect(called()).toBe('due --by nobody --no-wait');
});

on(`with a host that answers only in part or not at all, the terminal entry follows${reason}`, async () => {
  for (const answer of ['HTTP/1.1 500 Internal\r\n\r\n', '', null]) {
    const { called, ...rest } = entry(scratch('ns'));
    const endpoint = await listener(answer);
    expect(await start(quickWake({ ...rest, endpoint }, asked), env)).toBe(7);
    expect(called()).toBe(words);
  }
});

on(
  `without a note, with one that cannot be believed, and without perl, the terminal entry follows${reason}`,
  async () => {
    const folder = scratch('ns');
    const noPerl = join(folder, 'bin');
    mkdirSync(noPerl);
    symlinkSync('/bin/sh', join(noPerl, 'sh'));
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const cases: [string, NodeJS.ProcessEnv][] = [
      [join(folder, 'none'), env],
      [file('half', '{"version":"1","sock'), env],
      [file('gone', JSON.stringify({ socket: join(folder, 'nobody.sock') })), env],
      [file('escaped', JSON.stringify({ socket: join(folder, 'a"b') })), env],
      [await listener('HTTP/1.1 200 OK\r\n\r\n{}'), { PATH: noPerl }],
    ];
    for (const [endpoint, env] of cases) {
      const { called, ...rest } = entry(scratch('ns'));
      expect(await start(quickWake({ ...rest, endpoint }, asked), env), endpoint).toBe(7);
      expect(called(), endpoint).toBe(words);
    }
  },
);
