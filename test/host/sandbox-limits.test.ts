/** What a command can use up is bounded, and the run goes on afterwards. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resultLimit } from '#contract/hands.ts';
import { until } from '../contract/until.ts';
import { ground, hands, marker, noSandbox, processesWith } from './sandbox-fixture.ts';

const mebibyte = 1024 ** 2;

describe.skipIf(noSandbox)('limits of a run (Linux only)', () => {
  test('a fork bomb stays within its bound and the run can go on', async (context) => {
    const { bash, enforced } = await hands(ground(), { limits: { processes: 100 } });
    if (!enforced.includes('at most 100 processes'))
      context.skip('root without a control group cannot bound processes');
    const tag = marker();
    await bash(`bomb() { sleep ${tag} & bomb & bomb & wait; }; bomb`, 1500);
    expect(processesWith(tag).length).toBeLessThanOrEqual(100);
    const after = await until('a command to run again', async () => {
      const answer = await bash('echo alive');
      return answer.text === 'alive' ? answer : null;
    });
    expect(after.ok).toBe(true);
  });

  test('a bomb that has left its command behind is ended by the next one', async (context) => {
    const { bash, enforced } = await hands(ground(), { limits: { processes: 100 } });
    if (!enforced.includes('at most 100 processes'))
      context.skip('root without a control group cannot bound processes');
    const tag = marker();
    await bash(`for i in $(seq 200); do setsid sleep ${tag} & done; true`, 1500);
    await until('the bound to be reached', () => processesWith(tag).length > 50);
    const after = await until('a command to run again', async () => {
      const answer = await bash('echo alive');
      return answer.text === 'alive' ? answer : null;
    });
    expect(after.ok).toBe(true);
  });

  test('a process that takes too much memory fails', async () => {
    const { bash, enforced } = await hands(ground(), { limits: { processMemory: 1024 * mebibyte } });
    expect(enforced).toContain('at most 1 GiB of memory a process');
    const hog = await bash('node -e "const a = []; for (;;) a.push(Buffer.alloc(2 ** 24, 1))"', 30_000);
    expect(hog).toMatchObject({ ok: false, code: 'tool.exit_code' });
    expect(await bash('echo alive')).toMatchObject({ ok: true, text: 'alive' });
  });

  test('files and the scratch space have a size', async () => {
    const { bash, call } = await hands(ground(), { limits: { fileSize: 8 * mebibyte, scratch: 4 * mebibyte } });
    expect((await bash('head -c 9000000 /dev/zero > big')).ok).toBe(false);
    expect(await bash('head -c 9000000 /dev/zero > /tmp/big')).toMatchObject({
      ok: false,
      text: expect.stringContaining('No space left'),
    });
    const full = await call('Write', { file_path: '/tmp/more', content: 'x'.repeat(mebibyte) });
    expect(full).toMatchObject({ ok: false, code: 'tool.no_space' });
  });

  test('processes that take too much memory together are stopped, with a code, and the run goes on', async () => {
    const { bash } = await hands(ground(), { limits: { totalMemory: 600 * mebibyte } });
    // Three: when the sum is reached each of them holds more than the hands do, so it is one of them that the kernel ends.
    const one = `perl -e '$x = "x" x 300_000_000; sleep 60' & `;
    const answer = await bash(`${one.repeat(3)}wait`, 60_000);
    // A control group ends one of them; where there is none, the host ends the call.
    expect(answer.ok).toBe(false);
    expect(['tool.memory_limit', 'tool.exit_code']).toContain(answer.code);
    expect(await bash('echo alive')).toMatchObject({ ok: true, text: 'alive' });
  });

  test('8 GB of memory are not to be had, and the run goes on', async () => {
    const { bash } = await hands(ground(), {
      limits: { processMemory: 1024 * mebibyte, totalMemory: 1024 * mebibyte },
    });
    const hog = await bash(`perl -e 'for (1 .. 80) { push @a, "x" x 100_000_000 } print "had it\n"'`, 60_000);
    expect(hog).toMatchObject({ ok: false, code: expect.stringMatching(/^tool\.(exit_code|memory_limit)$/) });
    expect(hog.text).not.toContain('had it');
    expect(await bash('echo alive')).toMatchObject({ ok: true, text: 'alive' });
  });

  test('a command that fills the disk with many files is stopped, with a code, and the run can tidy up', async () => {
    // An eighth of it is what may be written until the stop has had its effect.
    const limits = { worktreeGrowth: 640 * mebibyte, fileSize: 16 * mebibyte };
    const { bash, place } = await hands(ground(), { limits });
    const answer = await bash(
      'mkdir big; for i in $(seq 400); do head -c 8000000 /dev/zero > big/$i; sleep 0.02; done',
      60_000,
    );
    expect(answer).toMatchObject({ ok: false, code: 'tool.disk_limit' });
    expect(readdirSync(join(place.worktree, 'big')).length).toBeLessThan(400);
    expect(await bash('rm -rf big && echo tidy')).toMatchObject({ ok: true, text: 'tidy' });
  });

  test('what fills the disk in the background is ended too', async () => {
    const limits = { worktreeGrowth: 640 * mebibyte, fileSize: 16 * mebibyte };
    const { bash } = await hands(ground(), { limits });
    const tag = marker();
    const fill = `mkdir big; for i in $(seq 400); do head -c 8000000 /dev/zero > big/$i; sleep 0.02; done; sleep ${tag}`;
    await bash(`setsid bash -c '${fill}' >/dev/null 2>&1 &`);
    await until('it to be gone', () => processesWith(tag).length === 0);
    expect((await bash('ls big | wc -l')).text).not.toBe('400');
  });

  test('1 GB of output is stopped long before', async () => {
    const { bash } = await hands();
    const answer = await bash('head -c 1000000000 /dev/zero | tr "\\0" x', 60_000);
    expect(answer).toMatchObject({ ok: false, code: 'tool.output_limit' });
    expect(answer.text.length).toBeLessThanOrEqual(resultLimit);
  });

  test('the kernel takes memory from a run before it takes it from anybody else', async () => {
    const own = () => readFileSync('/proc/self/oom_score_adj', 'utf8');
    const before = own();
    const { bash } = await hands();
    expect((await bash('cat /proc/self/oom_score_adj /proc/1/oom_score_adj')).text).toBe('1000\n1000');
    // Whoever starts it is a victim for that moment only.
    expect(own()).toBe(before);
  });

  test('a command is stopped at its time limit, with everything it started', async () => {
    const { bash } = await hands();
    const tag = marker();
    const answer = await bash(`echo begun; sleep ${tag} & sleep ${tag}`, 300);
    expect(answer).toMatchObject({
      ok: false,
      code: 'tool.timeout',
      exitCode: null,
      text: 'begun\nStopped after 0.3 seconds, its time limit.',
    });
    await until('all of it to be gone', () => processesWith(`sleep\0${tag}`).length === 0);
  });

  test('a command is cancelled, also one that ignores signals', async () => {
    const { call } = await hands();
    const [tag, stop] = [marker(), new AbortController()];
    const answer = call('Bash', { command: `trap '' TERM INT HUP; sleep ${tag}` }, stop.signal);
    await until('the command to run', () => processesWith(`sleep\0${tag}`).length > 0);
    stop.abort();
    expect(await answer).toMatchObject({ ok: false, code: 'tool.cancelled' });
    await until('all of it to be gone', () => processesWith(`sleep\0${tag}`).length === 0);
    expect(await call('Bash', { command: 'true' }, stop.signal)).toMatchObject({ code: 'tool.cancelled' });
  });

  test('a line of 10 MB comes back short, with both ends', async () => {
    const { bash } = await hands();
    const { ok, text } = await bash(`printf first; head -c 10000000 /dev/zero | tr '\\0' x; printf last`);
    expect(ok).toBe(true);
    expect(text.length).toBeLessThanOrEqual(resultLimit);
    expect(text).toMatch(/^firstx+\n\[… about 99\d+ of 10000009 bytes left out …\]\nx+last$/);
  });

  test('binary output is named, broken text is repaired', async () => {
    const { bash } = await hands();
    expect((await bash('head -c 100000 /dev/zero')).text).toBe(
      '[binary output, 100000 bytes, not shown; send it through a filter such as xxd or file]',
    );
    expect((await bash("printf 'a\\xff\\xfeb\\e[31mred\\e[0m\\a'")).text).toBe('a\uFFFD\uFFFDbred\uFFFD');
    const many = await bash('for i in $(seq 40000); do printf "\\xf0\\x9f\\x8c\\x99"; done');
    expect(many.text.isWellFormed()).toBe(true);
    expect(/^🌙+\n\[…[^\]]*\]\n🌙+$/u.test(many.text), many.text.slice(14_900, 15_100)).toBe(true);
  });

  test('output without end is stopped', async () => {
    const { bash } = await hands(ground(), { limits: { callOutput: 4 * mebibyte } });
    const answer = await bash('yes');
    expect(answer).toMatchObject({ ok: false, code: 'tool.output_limit' });
    expect(answer.text).toContain('Stopped: it printed more than 4 MiB.');
    expect(answer.text.length).toBeLessThanOrEqual(resultLimit);
  });

  test('a background process that keeps the output open does not hold up the answer, and lives on', async () => {
    const { bash } = await hands();
    const tag = marker();
    const answer = await bash(`echo started; (while :; do echo noise; sleep 0.01; done) & sleep ${tag} &`, 60_000);
    expect(answer).toMatchObject({ ok: true, exitCode: 0 });
    expect(answer.text).toContain('started');
    expect(answer.milliseconds).toBeLessThan(60_000);
    expect((await bash(`pgrep -f "sleep ${tag}" | wc -l`)).text).not.toBe('0');
  });

  test('calls run side by side', async () => {
    const { bash } = await hands();
    const [waiting, signalling] = [bash('until [ -e /tmp/go ]; do sleep 0.01; done; echo seen'), bash('touch /tmp/go')];
    expect((await waiting).text).toBe('seen');
    expect((await signalling).ok).toBe(true);
  });
});
