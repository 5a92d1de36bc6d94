/** A session goes on in another data directory from one file, and never in both places. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { call, hang, reply, say, thinking, use } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';
import type { TestRepository } from '../fakes/repository.ts';
import { taskRuntime } from '../fakes/task.ts';

const git = (root: string, ...args: string[]) =>
  execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
const sealed = async (lines: string[]) => {
  const { createHash } = await import('node:crypto');
  const body = lines.map((line) => `${line}\n`).join('');
  return `${body}${JSON.stringify({ kind: 'end', sha256: createHash('sha256').update(body).digest('hex') })}\n`;
};

/** Another machine: another data directory, and a clone of the repository. */
async function elsewhere(from: TestRepository, script: Parameters<typeof taskRuntime>[0] = {}) {
  const root = join(scratch(), 'clone');
  execFileSync('git', ['clone', '--quiet', '--no-local', from.root, root]);
  return { ...(await taskRuntime({ ...script, repository: { ...from, root } as TestRepository })), root };
}

async function handedOver(more: Parameters<typeof taskRuntime>[0] = {}) {
  const here = await taskRuntime({
    script: [
      reply([
        thinking('hm'),
        call('Bash', { command: "printf '\\0\\377' > 'odd name'; ln -s odd\\ name link; rm src/answer.js" }),
      ]),
      say('Half of it.'),
    ],
    ...more,
  });
  const run = await here.start();
  await here.ended(run);
  const { text } = await here.handing.handOver({ run, door: 'terminal' });
  const file = join(scratch(), 'a.session.jsonl');
  writeFileSync(file, text);
  return { ...here, run, text, file };
}

test('it goes on there with the conversation and the files; here it is over, and gives the same file again [one-place]', async () => {
  const { run, text, file, handlers, handing, repository, clock, events } = await handedOver();
  const there = await elsewhere(repository, { script: [use('Bash', { command: 'ls -l' }), say('Done.')] });
  const taken = await there.handing.take({ file, repository: there.root, prompt: 'Go on.' });
  const over = await there.ended(taken.run);
  expect(over).toMatchObject({ outcome: 'proposed', origin: { run, turn: 2, how: 'bundle' } });
  const told = there.server.requests[0]?.body.messages ?? [];
  expect(JSON.stringify(told)).toContain('Half of it.');
  expect(JSON.stringify(told)).not.toContain('"thinking"');
  expect(readFileSync(there.file(taken.run, 'odd name'))).toEqual(Buffer.from([0, 255]));
  expect(git(there.root, 'diff', '--name-status', `${over.base}..${over.branch}`).split('\n')).toEqual([
    'A\tlink',
    'A\todd name',
    'D\tsrc/answer.js',
  ]);
  await expect(there.handing.take({ file, repository: there.root })).rejects.toMatchObject({ code: 'conflict' });

  expect(await handlers.runs.get({ run })).toMatchObject({ session: 'stopped', handedOver: expect.any(String) });
  expect((await handing.handOver({ run, door: 'browser' })).text).toBe(text);
  const count = events(run).length;
  const say2 = handlers.runs.say({ run, text: 'And?', interrupt: false, door: 'window' });
  await expect(say2).rejects.toMatchObject({ code: 'conflict', cure: expect.stringContaining('runs fork') });
  await expect(handlers.runs.rewind({ run, toTurn: 1, door: 'window' })).rejects.toMatchObject({ code: 'conflict' });
  const { proposal } = await handlers.runs.get({ run });
  await expect(
    handlers.proposals.revise({ proposal: proposal ?? '', comments: [{ text: 'More.' }] }),
  ).rejects.toMatchObject({ code: 'conflict' });
  clock.pass(86_400_000);
  await handlers.due({ by: 'sweep' });
  expect(events(run)).toHaveLength(count);
});

test('what it may do is decided where it goes on', async () => {
  const { file, repository } = await handedOver({
    routine: { network: ['evil.example'], permissions: { allow: ['Bash(curl:*)'], ask: [], deny: ['Bash(rm:*)'] } },
  });
  const there = await elsewhere(repository, { script: [say('Done.')] });
  const { run } = await there.handing.take({ file, repository: there.root });
  await there.ended(run);
  expect(there.store.records.spec(run)).toMatchObject({
    ...{ network: [], permissions: { allow: [], deny: ['Bash(rm:*)'] }, repository: there.root },
  });
});

test('it looks nothing up there, keeps nothing by itself, and switches no hooks off', async () => {
  const { file, repository } = await handedOver({ routine: { web: ['search'], hooks: 'off', memory: 'on' } });
  const there = await elsewhere(repository, { script: [say('Done.')] });
  const { run } = await there.handing.take({ file, repository: there.root });
  await there.ended(run);
  const spec = there.store.records.spec(run);
  expect([spec?.web, spec?.hooks, spec?.memory]).toEqual([undefined, undefined, 'review']);
});

test('two who take it at once begin one session', async () => {
  const { file, repository } = await handedOver();
  const there = await elsewhere(repository, { script: [say('Done.'), say('Done.')] });
  const taking = () => there.handing.take({ file, repository: there.root });
  const both = await Promise.allSettled([taking(), taking()]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } });
  expect(await there.handlers.runs.list({ limit: 10 })).toHaveLength(1);
});

test('a run that waits for an answer is handed over; one at work is not', async () => {
  const here = await taskRuntime({ script: [use('Bash', { command: 'echo 1' }), hang()] });
  const run = await here.start();
  await here.server.arrived(2);
  await expect(here.handing.handOver({ run, door: 'terminal' })).rejects.toMatchObject({ code: 'conflict' });
  expect((await here.handlers.runs.get({ run })).session).toBe('working');
  await here.handlers.runs.stop({ run });
  await here.ended(run);
});

test('no secret that is known here leaves with it', async () => {
  const key = 'sk-ant-api03-not-a-real-key-000000';
  const here = await taskRuntime({ script: [use('Bash', { command: `echo ${key} > a; cat a` }), say('Done.')] });
  const run = await here.start();
  await here.ended(run);
  here.secrets.know('plain-password-of-this-host');
  expect((await here.handing.handOver({ run, door: 'terminal' })).text).not.toContain(key);
  const again = await taskRuntime({ script: [use('Bash', { command: `echo ${key} > a` }), say('Done.')] });
  again.secrets.know(key);
  const other = await again.start();
  await again.ended(other);
  await expect(again.handing.handOver({ run: other, door: 'terminal' })).rejects.toMatchObject({ code: 'input' });
  expect((await again.handlers.runs.get({ run: other })).session).toBe('idle');
});

describe('a file that is not sound is refused by name and changes nothing', async () => {
  test.each([
    ['cut short', (text: string) => text.slice(0, -40), 'cut short'],
    ['its first line cut', (text: string) => text.slice(0, 40), 'begin'],
    ['cut in the middle', (text: string) => `${text.slice(0, text.length / 2)}\n`, 'cut short'],
    ['one letter changed', (text: string) => text.replace('Half of it', 'Half of us'), 'changed after'],
    ['empty', () => '', 'begin'],
    ['no text', () => '\u0000\u0001\n', 'begin'],
    ['another file', () => '{"kind":"cassette"}\n', 'begin'],
  ])('%s', async (_, spoil, words) => {
    const { file, text, handing, repository, store, events } = await handedOver();
    writeFileSync(file, spoil(text));
    const [seq, refs] = [store.seq(), git(repository.root, 'for-each-ref')];
    await expect(handing.take({ file, repository: repository.root })).rejects.toMatchObject({
      ...{ code: 'input', field: 'file', message: expect.stringContaining(words) },
    });
    expect(store.seq()).toBe(seq);
    expect(git(repository.root, 'for-each-ref')).toBe(refs);
    expect(events).toBeDefined();
  });

  test('of a later version', async () => {
    const { file, text, handing, repository } = await handedOver();
    writeFileSync(file, text.replace('"version":1', '"version":9'));
    await expect(handing.take({ file, repository: repository.root })).rejects.toMatchObject({ code: 'unsupported' });
  });

  test('forged: sealed anew over commits that are not sound, that are not there, or events of another run', async () => {
    const { file, text, repository, run } = await handedOver();
    const there = await elsewhere(repository);
    const lines = text.trimEnd().split('\n').slice(0, -1);
    const forged = (change: (line: string) => string) => sealed(lines.map(change));
    const noise = Buffer.from('# v2 git bundle\n\nPACKnoise').toString('base64');
    for (const change of [
      (line: string) => (line.includes('"piece"') ? JSON.stringify({ kind: 'piece', base64: noise }) : line),
      (line: string) => (line.includes('"piece"') ? JSON.stringify({ kind: 'piece', base64: '' }) : line),
      (line: string) => line.replace(/"files":"[0-9a-f]{40}"/, `"files":"${'0'.repeat(40)}"`),
      (line: string) => (line.includes('"event"') ? line.replaceAll(run, 'run-00000009') : line),
      (line: string) => (line.includes('"session"') ? line.replace('"turn":2', '"turn":7') : line),
    ]) {
      writeFileSync(file, await forged(change));
      const seq = there.store.seq();
      await expect(there.handing.take({ file, repository: there.root })).rejects.toMatchObject({ code: 'input' });
      expect(there.store.seq()).toBe(seq);
    }
    expect(git(there.root, 'status', '--porcelain')).toBe('');
  });

  test('forged: files of names that lead elsewhere, or into what git itself keeps', async () => {
    const { file, text, repository } = await handedOver();
    const there = await elsewhere(repository);
    const lines = text.trimEnd().split('\n').slice(0, -1);
    const base = git(repository.root, 'rev-parse', 'HEAD');
    const made = (args: string[], input: string | Buffer) =>
      execFileSync('git', ['-C', repository.root, ...args], { input, encoding: 'utf8' }).trim();
    const blob = made(['hash-object', '-w', '--stdin'], '#!/bin/sh\n');
    const entry = (mode: string, name: string, hash: string) =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(hash, 'hex')]);
    const tree = (...entries: Buffer[]) =>
      made(['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], Buffer.concat(entries));
    for (const hostile of [
      tree(entry('40000', '.git', tree(entry('100755', 'config', blob)))),
      tree(entry('40000', '..', tree(entry('100755', 'outside', blob)))),
      tree(entry('100755', '../outside', blob)),
      tree(entry('100755', '.GIT', blob)),
    ]) {
      const commit = made(['commit-tree', hostile, '-p', base, '-m', 'Files of a run, kept by Nightshift'], '');
      git(repository.root, 'update-ref', 'refs/heads/hostile', commit);
      const packed = execFileSync('git', ['-C', repository.root, 'bundle', 'create', '-', 'hostile', `^${base}`], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const forged = lines
        .map((line) => line.replace(/"files":"[0-9a-f]{40}"/, `"files":"${commit}"`))
        .map((line) =>
          line.includes('"piece"') ? JSON.stringify({ kind: 'piece', base64: packed.toString('base64') }) : line,
        );
      writeFileSync(file, await sealed(forged));
      const seq = there.store.seq();
      await expect(there.handing.take({ file, repository: there.root })).rejects.toMatchObject({
        ...{ code: 'input', message: expect.stringContaining('not sound') },
      });
      expect(there.store.seq()).toBe(seq);
    }
  });

  test('forged: so deep that whoever reads it has no end', async () => {
    const { file, text, repository } = await handedOver();
    const deep = `${'['.repeat(300_000)}${']'.repeat(300_000)}`;
    const lines = text.trimEnd().split('\n').slice(0, -1);
    const forged = lines.map((line) =>
      line.replace('"content":[', `"content":[{"type":"text","text":"x","deep":${deep}},`),
    );
    expect(forged).not.toEqual(lines);
    writeFileSync(file, await sealed(forged));
    const there = await elsewhere(repository);
    await expect(there.handing.take({ file, repository: there.root })).rejects.toMatchObject({ code: 'input' });
  });

  test('for a repository that does not have where it began', async () => {
    const { file } = await handedOver();
    const other = await taskRuntime({ repository: undefined as never });
    git(
      other.repository.root,
      'commit',
      '--allow-empty',
      '-m',
      'another beginning',
      '--amend',
      '--reset-author',
      '--date=2001-01-01T00:00:00Z',
    );
    // Made in the same second it had the very same commit, which amending leaves behind.
    git(other.repository.root, 'reflog', 'expire', '--expire=now', '--all');
    git(other.repository.root, 'gc', '--quiet', '--prune=now');
    await expect(other.handing.take({ file, repository: other.repository.root })).rejects.toMatchObject({
      ...{ code: 'input', field: 'repository' },
    });
  });
});
