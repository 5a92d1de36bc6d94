/** One process is never taken for another that later got its number. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isSameProcessAlive, ownIdentity, startTimeOf } from '#host/processes.ts';
import { until } from '../contract/until.ts';

describe('a process', () => {
  test('knows itself', () => {
    expect(ownIdentity()).toMatchObject({ pid: process.pid, startTime: expect.stringMatching(/./) });
    expect(isSameProcessAlive(ownIdentity())).toBe(true);
  });

  test('is another one with another start time or after another boot', () => {
    const own = ownIdentity();
    expect(isSameProcessAlive({ ...own, startTime: `${own.startTime}0` })).toBe(false);
    expect(isSameProcessAlive({ ...own, bootId: 'another' })).toBe(false);
  });

  test('is gone once it was killed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const identity = { ...ownIdentity(), pid: child.pid ?? 0, startTime: startTimeOf(child.pid ?? 0) };
    expect(isSameProcessAlive(identity)).toBe(true);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    expect(isSameProcessAlive(identity)).toBe(false);
  });

  test.skipIf(process.platform !== 'linux')('is dead when only its entry is left, unreaped (reads /proc)', async () => {
    const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 60']);
    try {
      const pid = Number(await new Promise((resolve) => parent.stdout.once('data', (text) => resolve(String(text)))));
      const stat = await until('the zombie', () => {
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ');
        return fields?.[0] === 'Z' ? fields : null;
      });
      expect(isSameProcessAlive({ ...ownIdentity(), pid, startTime: stat[19] ?? '' })).toBe(false);
    } finally {
      parent.kill('SIGKILL');
    }
  });
});
