import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createClients } from '#server/clients.ts';
import { openDoor } from '#server/door.ts';
import { type DoorMemory, readDoorMemory, writeDoorMemory } from '#server/door-memory.ts';
import { createRouter } from '#server/router.ts';
import { closeAll, openFake } from '../contract/transports.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { scratch, silent } from '../fakes/places.ts';

const day = 24 * 60 * 60_000;

function setUp() {
  const data = scratch();
  const root = join(data, 'page');
  mkdirSync(root);
  writeFileSync(join(root, 'index.html'), '<!doctype html><title>Nightshift</title>');
  const clock = manualClock('2026-11-20T03:00:00.000Z');
  const clients = createClients(createRouter(openFake().handlers, silent));
  onTestFinished(closeAll);
  const open = async () => {
    const memory = readDoorMemory({ data }, clock.now());
    const remember = (fresh: DoorMemory) => writeDoorMemory({ data }, fresh);
    const door = await openDoor({ root, clients, clock, log: silent, memory, remember });
    onTestFinished(() => door.close());
    return door;
  };
  const signIn = async (url: string) => (await fetch(url)).headers.get('set-cookie')?.split(';')[0] ?? '';
  const look = async (port: number, cookie: string) =>
    (await fetch(`http://127.0.0.1:${port}/`, { headers: { cookie } })).status;
  return { data, clock, open, signIn, look };
}

test('after a restart of the host an open page finds it at the same address and is still signed in', async () => {
  const { open, signIn, look } = setUp();
  const first = await open();
  const cookie = await signIn(first.mintUrl());
  first.close();
  const second = await open();
  expect(second.port).toBe(first.port);
  expect(await look(second.port, cookie)).toBe(200);
  expect(await look(second.port, `${cookie.split('=')[0]}=guessed`)).toBe(403);
});

test('a session ends after a week', async () => {
  const { open, signIn, look, clock, data } = setUp();
  const door = await open();
  const cookie = await signIn(door.mintUrl());
  clock.jump(clock.now() + 7 * day);
  expect(await look(door.port, cookie)).toBe(403);
  expect(readDoorMemory({ data }, clock.now())).toBeNull();
});

test('when the port is taken another one is used, and what was signed in at the old one does not count', async () => {
  const { open, signIn, look } = setUp();
  const first = await open();
  const cookie = await signIn(first.mintUrl());
  first.close();
  const squatter = createServer();
  await expect
    .poll(
      () =>
        new Promise((resolve) => {
          squatter.once('error', () => resolve(false)).listen(first.port, '127.0.0.1', () => resolve(true));
        }),
    )
    .toBe(true);
  onTestFinished(() => void squatter.close());
  const second = await open();
  expect(second.port).not.toBe(first.port);
  expect(await look(second.port, cookie)).toBe(403);
});

test('what is kept is for one person alone and holds no cookie', async () => {
  const { open, signIn, data } = setUp();
  const cookie = await signIn((await open()).mintUrl());
  const file = join(data, 'door.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).not.toContain(cookie.split('=')[1]);
});

test('a file that is not ours to understand is nothing to remember', () => {
  const data = scratch();
  for (const text of ['', '{', '{"port":80,"sessions":[]}', '{"port":8080,"sessions":[["x",1]]}']) {
    writeFileSync(join(data, 'door.json'), text);
    expect(readDoorMemory({ data }, 0)).toBeNull();
  }
});
