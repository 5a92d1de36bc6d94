/** A task that waits for a limit, on a real systemd: its host is killed, and the OS timer alone sees it to its end. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import type { Run } from '#contract/runs.ts';
import { openStore } from '#core/store/event-log.ts';
import { systemClock } from '#host/clock.ts';
import { entry } from '#host/self.ts';
import { call, fail, reply, startMessagesServer } from '../fakes/messages-server.ts';
import { brokenService } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';
import { noUserManager } from '../fakes/user-manager.ts';
import { reason, wokenProduct } from '../fakes/woken-product.ts';

const product = wokenProduct();
const { nightshift, livingHost, data } = product;

async function eventsOf(run: string): Promise<Event[]> {
  const argv = [entry('cli'), 'runs', 'follow', run, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, argv, { env: product.manager.env });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
}

async function killHost(): Promise<number | null> {
  const pid = livingHost();
  if (pid !== null) process.kill(pid, 'SIGKILL');
  await expect.poll(livingHost, { timeout: 30_000 }).toBeNull();
  return pid;
}

/** As if the hours had gone by, all but so many seconds. Only while no host lives. */
function hoursLater(run: string, seconds: number): void {
  const store = openStore(data('nightshift.db'), systemClock);
  const until = new Date(Date.now() + seconds * 1000).toISOString();
  store.commit((writer) => {
    writer.append({ type: 'run.held', run, until, reason: 'as before', wait: 1, of: 3 });
    writer.records.setFact('rate_limits', '[]');
  });
  store.close();
}

test.skipIf(noUserManager !== null)(
  `the operating system wakes a task whose limit has lifted, once${reason}`,
  async () => {
    const server = await startMessagesServer([
      reply([call('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' })]),
      fail(429, { headers: { 'retry-after': '7200' } }),
      reply([call('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] })]),
    ]);
    onTestFinished(() => server.close());
    const model = { ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url };
    Object.assign(product.manager.env, model);
    await product.manager.systemctl(
      'set-environment',
      ...Object.entries(model).map(([name, value]) => `${name}=${value}`),
    );
    const { root: repository } = testRepository(brokenService);
    const task = promisify(execFile)(
      process.execPath,
      [entry('cli'), 'run', '--prompt', 'Mend it.', '--model', 'claude-opus-5-5', '--repo', repository],
      { env: product.manager.env },
    );
    // It is killed below, which it reports as a failure.
    task.catch(() => {});
    const runs = () => nightshift<Run[]>('runs', 'list');
    await expect.poll(async () => (await runs())[0]?.held?.wait, { timeout: 60_000, interval: 500 }).toBe(1);
    const [{ id: run = '' } = {}] = await runs();
    // Nobody looks at it any more, neither a person nor a host.
    task.child.kill('SIGKILL');
    await killHost();
    hoursLater(run, 40);
    // Whoever comes next brings the timers in line, and goes, too.
    await nightshift('doctor', '--fix').catch(() => undefined);
    expect(await product.manager.systemctl('list-timers', '--all')).toContain('nightshift');
    const killed = await killHost();
    // Only files are looked at until another host has come: a command of ours would start one itself.
    await expect.poll(() => [null, killed].includes(livingHost()), { timeout: 90_000 }).toBe(false);
    await expect.poll(async () => (await runs())[0]?.state, { timeout: 90_000, interval: 500 }).toBe('ended');
    const [over] = await runs();
    expect(over).toMatchObject({ id: run, outcome: 'proposed' });
    const events = await eventsOf(run);
    const lifted = events.filter((event) => event.type === 'run.resumed' && event.why === 'limit_lifted');
    expect(lifted).toHaveLength(1);
    expect(server.requests).toHaveLength(3);
  },
);
