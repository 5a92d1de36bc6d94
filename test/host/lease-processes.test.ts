/** One process is never taken for another that later got its number. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ownIdentity, startTimeOf, whereabouts } from '#host/processes.ts';
import { until } from '../contract/until.ts';

describe('a process', () => {
  test('knows itself', () => {
    expect(ownIdentity()).toMatchObject({ pid: process.pid, startTime: expect.stringMatching(/./) });
    expect(whereabouts(ownIdentity())).toBe('here');
  });

  test('is another one with another start time or after another boot', () => {
    const own = ownIdentity();
    expect(whereabouts({ ...own, startTime: `${own.startTime}0` })).toBe('gone');
    expect(whereabouts({ ...own, bootId: 'another' })).toBe('gone');
    expect(whereabouts({ ...own, pidNamespace: 'pid:[1]' })).toBe('elsewhere');
    expect(whereabouts({ ...own, pidNamespace: null }), 'noted by an earlier version').toBe('here');
  });

  test('is gone once it was killed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const identity = { ...ownIdentity(), pid: child.pid ?? 0, startTime: startTimeOf(child.pid ?? 0) };
    expect(whereabouts(identity)).toBe('here');
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    expect(whereabouts(identity)).toBe('gone');
  });

  test.skipIf(process.platform !== 'linux')('is dead when only its entry is left, unreaped (reads /proc)', async () => {
    // The shell has become a program that reaps nobody before its child may end.
    const script = 'exec 3<&0; (read _ <&3) & echo $!; exec sleep 60';
    const parent = spawn('sh', ['-c', script]);
    try {
      const pid = Number(await new Promise((resolve) => parent.stdout.once('data', (text) => resolve(String(text)))));
      await until('the sleeper', () => readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'sleep\n');
      parent.stdin.end('\n');
      const stat = await until('the zombie', () => {
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ');
        return fields?.[0] === 'Z' ? fields : null;
      });
      expect(whereabouts({ ...ownIdentity(), pid, startTime: stat[19] ?? '' })).toBe('gone');
    } finally {
      parent.kill('SIGKILL');
    }
  });
});
