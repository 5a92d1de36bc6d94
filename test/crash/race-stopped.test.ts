/** A host that was stopped until another took its place writes nothing more when it goes on. */
import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { startTimeOf, whereabouts } from '#host/processes.ts';
import { hostHome } from '../fakes/host-process.ts';
import { call, hang, reply, startMessagesServer } from '../fakes/messages-server.ts';
import { spec } from '../fakes/places.ts';
import { brokenService } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';
import { verifies } from '../promises.ts';

const propose = reply([call('Propose', { title: 'Mend', explanation: 'It was off.', not_done: ['Nothing else.'] })]);
const edit = reply([call('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' })]);

test.skipIf(process.platform === 'win32')(
  verifies(
    'survives-kill',
    'stopped in the middle of a run, replaced, continued: the run is written by one (no SIGSTOP on Windows)',
  ),
  async () => {
    const server = await startMessagesServer([hang(), edit, propose, edit, propose]);
    onTestFinished(() => server.close());
    const home = hostHome({ ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url });
    const first = await home.attach();
    const wish = { repository: testRepository(brokenService).root, schedule: 'manual', model: 'claude-opus-5-5' };
    await first.client.routines.add({ id: 'triage', spec: spec(wish) });
    const { run } = await first.client.routines.run({ routine: 'triage' });
    await server.arrived(1);
    process.kill(first.hostPid, 'SIGSTOP');
    onTestFinished(() => {
      try {
        process.kill(first.hostPid, 'SIGKILL');
      } catch {}
    });
    // A stopped process is alive, so that nobody takes its place by himself: as after its memory was lost in a long sleep.
    const lease = new Database(home.paths.leaseDatabase);
    lease.prepare('UPDATE lease SET pid = 0').run();
    lease.close();
    rmSync(home.paths.endpoint, { force: true });
    first.close();

    const second = await home.attach();
    expect(second.hostPid).not.toBe(first.hostPid);
    await expect.poll(async () => (await second.client.runs.get({ run })).state, { timeout: 60_000 }).toBe('ended');
    const before = (await second.client.host.status()).seq;
    // The answer that the first host waits for arrives in the moment in which it goes on.
    const identity = { pid: first.hostPid, startTime: startTimeOf(first.hostPid), bootId: null, pidNamespace: null };
    server.release();
    process.kill(first.hostPid, 'SIGCONT');
    await expect.poll(() => whereabouts(identity) !== 'gone', { timeout: 60_000 }).toBe(false);

    expect((await second.client.host.status()).seq).toBe(before);
    const events = await second.client.runs.events({ run });
    expect(events.filter((event) => event.type === 'run.ended')).toHaveLength(1);
    expect(events.filter((event) => event.type === 'tool.started' && event.name === 'Edit')).toHaveLength(1);
    expect(await second.client.runs.get({ run })).toMatchObject({ outcome: 'proposed' });
  },
);
