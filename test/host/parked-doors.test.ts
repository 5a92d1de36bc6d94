/** A parked run holds no host up: it leaves, and whoever answers, at whatever door, starts the one that goes on. */
import { spawn } from 'node:child_process';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { Question } from '#contract/questions.ts';
import { entry } from '#host/self.ts';
import { hostHome } from '../fakes/host-process.ts';
import { call, reply, type Step, startMessagesServer } from '../fakes/messages-server.ts';
import { spec } from '../fakes/places.ts';
import { brokenService } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';

const plan: [ReturnType<typeof reply>, ReturnType<typeof reply>] = [
  reply([call('Bash', { command: 'echo once >> trace.txt' }, 'toolu_1')]),
  reply([call('Propose', { title: 'Publish', explanation: 'So.', not_done: ['Nothing else.'] }, 'toolu_2')]),
];
const answer: Step = ({ body }) => plan[body.messages.filter(({ role }) => role === 'assistant').length] ?? plan[1];

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function parked() {
  const server = await startMessagesServer(Array(20).fill(answer));
  onTestFinished(() => server.close());
  const home = hostHome({
    ANTHROPIC_API_KEY: 'sk-test-key',
    ANTHROPIC_BASE_URL: server.url,
    NIGHTSHIFT_IDLE_MS: '200',
  });
  const repository = testRepository(brokenService);
  const first = await home.attach();
  const permissions = { allow: [], ask: ['Bash(echo once*)'], deny: [] };
  const routine = spec({ repository: repository.root, schedule: 'manual', model: 'claude-opus-5-5', permissions });
  await first.client.routines.add({ id: 'triage', spec: { ...routine, checks: [] } });
  const { run } = await first.client.routines.run({ routine: 'triage' });
  await expect.poll(async () => (await first.client.runs.get({ run })).parkedOn, { timeout: 30_000 }).not.toBeNull();
  first.close();
  // Nobody is attached and nothing is at work: a question is no reason to stay.
  await expect.poll(() => isAlive(first.hostPid), { timeout: 30_000 }).toBe(false);

  /** The command line, as a person types it. */
  async function cli(...argv: string[]) {
    const child = spawn(process.execPath, [entry('cli'), ...argv], { env: home.env, cwd: home.env.HOME });
    const said = { out: '', err: '' };
    child.stdout.on('data', (text) => {
      said.out += text;
    });
    child.stderr.on('data', (text) => {
      said.err += text;
    });
    const code = await new Promise<number | null>((resolve) => void child.once('close', resolve));
    return { code, ...said };
  }
  async function ended() {
    const { client } = await home.attach();
    await expect.poll(async () => (await client.runs.get({ run })).state, { timeout: 30_000 }).toBe('ended');
    return client;
  }
  const questions = async () => JSON.parse((await cli('questions', 'list', '--json')).out) as Question[];
  return { ...home, run, cli, ended, questions, first };
}

test.skipIf(process.platform !== 'linux')(
  'an answer on the command line, with no host there, starts one, and the same run goes on [parks-durably] (bubblewrap, Linux only)',
  async () => {
    const { run, cli, ended, questions } = await parked();
    const [question] = await questions();
    expect(question).toMatchObject({ run, state: 'open', action: { command: 'echo once >> trace.txt' } });
    const approved = await cli('questions', 'approve', question?.id ?? '');
    expect(approved).toMatchObject({ code: 0, err: '' });
    const client = await ended();
    expect(await client.runs.list({})).toMatchObject([{ id: run, outcome: 'proposed' }]);
    expect(await client.questions.list({})).toMatchObject([{ state: 'approved', answeredBy: 'terminal' }]);
    expect(await cli('questions', 'deny', question?.id ?? '')).toMatchObject({
      ...{ code: expect.any(Number), err: expect.stringContaining('approved') },
    });
    expect(await client.audit.verify({})).toMatchObject({ ok: true });
  },
  90_000,
);

test.skipIf(process.platform !== 'linux')(
  'of two people at two doors at once, neither of whom finds a host, one answers and the other is told [parks-durably] (bubblewrap, Linux only)',
  async () => {
    const { cli, ended, questions, paths, first } = await parked();
    const [question] = await questions();
    // The machine was started anew meanwhile: whatever the lease names is of another boot.
    await expect.poll(() => cli('host', 'status').then(({ code }) => code), { timeout: 30_000 }).toBe(4);
    const lease = new Database(paths.leaseDatabase);
    lease.prepare('UPDATE lease SET pid = ?, boot_id = ?').run(process.pid, 'of another boot');
    lease.close();
    const told = await Promise.all([
      cli('questions', 'approve', question?.id ?? ''),
      cli('questions', 'deny', question?.id ?? ''),
    ]);
    expect(told.map(({ code }) => code === 0).toSorted()).toEqual([false, true]);
    expect(told.find(({ code }) => code !== 0)?.err).toMatch(/not open any more: (approved|denied)/);
    const client = await ended();
    expect((await client.host.status()).pid).not.toBe(first.hostPid);
    expect(await client.questions.list({})).toHaveLength(1);
  },
  90_000,
);
