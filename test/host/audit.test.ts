/** The audit log of real runs: what it says, that it is written once, and that no change to it goes unseen. */
import { appendFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AuditBreak, AuditRecord } from '#contract/audit.ts';
import type { AuditMark } from '#core/store/audit-heads.ts';
import { openStore } from '#core/store/event-log.ts';
import { canonical, hashOf, sealed, sha256 } from '#host/audit/chain.ts';
import { verifyExport } from '#host/audit/export.ts';
import { openAuditDesk } from '#host/audit/methods.ts';
import { createSigner } from '#host/audit/signer.ts';
import { holds, readKeys } from '#host/audit/verify.ts';
import { systemClock } from '#host/clock.ts';
import { createSecrets } from '#host/secrets.ts';
import { use } from '../fakes/messages-server.ts';
import { silent } from '../fakes/places.ts';
import { memoryVault, realRuntime, type Setting } from '../fakes/real-runtime.ts';
import { limits } from '../fakes/records.ts';
import { verifies } from '../promises.ts';

const script = () => [
  use('Bash', {
    command: 'API_TOKEN=Zx9kQ2mN7pL4vB8wT1rY6uE3 node answer.test.js || echo "Authorization: Bearer abc.def.ghi"',
  }),
  use('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' }),
  use('Propose', { title: 'Mend', explanation: 'It was off by one.', not_done: ['Nothing else.'] }),
];

async function audited(setting: Setting = {}) {
  const parts = await realRuntime({ script: script(), routine: { checks: [] }, ...setting });
  const run = await parts.runOnce();
  await parts.audit.log.settled();
  const file = join(parts.paths.audit, `${run.id}.jsonl`);
  const records = () =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditRecord);
  const verify = () => parts.audit.methods.verify({ run: run.id });
  return { ...parts, run, file, records, verify };
}

test(
  verifies('audit-chain', 'a run leaves a chain of records that begins with its policy and the self-test'),
  async () => {
    const { records, file, paths, run, verify, store } = await audited();
    const all = records();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(paths.audit).mode & 0o777).toBe(0o700);
    const [first] = all;
    expect(first).toMatchObject({ seq: 1, what: 'run.queued', actor: 'person', prev: '0'.repeat(64), run: run.id });
    const opening = JSON.parse(first?.input_redacted ?? '');
    expect(opening).toMatchObject({ version: '0.0.0', policy: { permissionMode: 'acceptEdits' } });
    expect(opening.enforced).toEqual(run.enforced);
    expect(opening.enforced.length).toBeGreaterThan(3);
    expect(first?.policy_hash).toBe(sha256(canonical(opening.policy)));
    for (const [index, record] of all.entries()) {
      expect(record.seq).toBe(index + 1);
      expect(record.prev).toBe(all[index - 1]?.hash ?? '0'.repeat(64));
      expect(record.hash).toBe(hashOf(record));
    }
    const bash = all.filter(({ tool }) => tool === 'Bash');
    expect(bash.map(({ what }) => what)).toEqual(['permission.decided', 'tool.started', 'tool.finished']);
    expect(bash[0]).toMatchObject({ decision: 'allow', policy_hash: expect.any(String) });
    expect(bash[2]?.exit).toBe(0);
    expect(all.find(({ tool, what }) => tool === 'Edit' && what === 'tool.finished')?.files_changed_hash).toMatch(
      /^\w{64}$/,
    );
    expect(all.at(-1)).toMatchObject({ what: 'checkpoint', checkpoint: { key: expect.any(String) } });
    expect(store.auditHeads.get(run.id)).toMatchObject({ seq: all.length, hash: all.at(-1)?.hash });
    expect(await verify()).toMatchObject({ ok: true, runs: 1, records: all.length, unsigned: 0, first: null });
  },
);

test('secrets are cut out before anything is hashed', async () => {
  const { file, records } = await audited();
  const text = readFileSync(file, 'utf8');
  for (const secret of ['Zx9kQ2mN7pL4vB8wT1rY6uE3', 'abc.def.ghi']) expect(text).not.toContain(secret);
  const call = records().find(({ what, tool }) => what === 'tool.started' && tool === 'Bash');
  expect(call?.input_redacted).toContain('node answer.test.js');
  expect(call?.input_hash).toBe(sha256(call?.input_redacted ?? ''));
});

describe('every change is found, at its place', () => {
  const edit = (change: (lines: string[]) => string[]) => (file: string) => {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    writeFileSync(file, `${change(lines).join('\n')}\n`);
  };
  const rehash = (line: string, change: object) => {
    const { hash: _hash, ...record } = { ...(JSON.parse(line) as AuditRecord), ...change };
    return JSON.stringify(sealed(record));
  };
  const cases: [string, (file: string) => void, Partial<AuditBreak>][] = [
    [
      'a changed record',
      edit((l) => l.with(4, (l[4] as string).replace('"actor":"', '"actor": "x'))),
      { kind: 'changed', seq: 5 },
    ],
    [
      'a changed field',
      edit((l) => l.with(2, JSON.stringify({ ...JSON.parse(l[2] as string), code: 'x' }))),
      { kind: 'changed', seq: 3 },
    ],
    [
      'a change with a new hash',
      edit((l) => l.with(4, rehash(l[4] as string, { code: 'x' }))),
      { kind: 'changed', seq: 5 },
    ],
    ['a removed record', edit((l) => l.toSpliced(3, 1)), { kind: 'removed', seq: 4 }],
    ['the first record removed', edit((l) => l.slice(1)), { kind: 'removed', seq: 1 }],
    ['a record twice', edit((l) => l.toSpliced(3, 0, l[2] as string)), { kind: 'inserted', seq: 3 }],
    [
      'a forged record',
      edit((l) => l.toSpliced(3, 0, rehash(l[3] as string, { actor: 'person' }))),
      { kind: 'inserted', seq: 4 },
    ],
    [
      'two records exchanged',
      edit((l) => l.with(3, l[4] as string).with(4, l[3] as string)),
      { kind: 'reordered', seq: 4 },
    ],
    ['a tail cut off', edit((l) => l.slice(0, -2)), { kind: 'truncated' }],
    ['half a line cut off', (f) => truncateSync(f, statSync(f).size - 20), { kind: 'truncated' }],
    ['an emptied file', (f) => truncateSync(f, 0), { kind: 'truncated', seq: 1 }],
    ['a deleted file', (f) => rmSync(f), { kind: 'missing_file', seq: 1 }],
    ['rubbish at the end', (f) => appendFileSync(f, 'x'), { kind: 'inserted' }],
    [
      'a field twice, of which the last is as it was',
      edit((l) => l.with(2, `{"decision":"deny",${(l[2] as string).slice(1)}`)),
      { kind: 'changed', seq: 3 },
    ],
    ['a space more', edit((l) => l.with(2, ` ${l[2]}`)), { kind: 'changed', seq: 3 }],
    ['a line of no record', edit((l) => l.with(1, '{}')), { kind: 'changed', seq: 2 }],
    [
      'the whole chain forged anew',
      edit((lines) => {
        let prev = '0'.repeat(64);
        return lines.map((line) => {
          const made = rehash(line, { prev, code: 'forged' });
          prev = (JSON.parse(made) as AuditRecord).hash;
          return made;
        });
      }),
      { kind: 'bad_signature' },
    ],
  ];

  test(verifies('audit-chain', `${cases.length} ways to tamper`), async () => {
    const { file, verify, run } = await audited();
    const whole = readFileSync(file);
    expect((await verify()).ok).toBe(true);
    for (const [name, tamper, found] of cases) {
      tamper(file);
      const verdict = await verify();
      expect([name, verdict.ok, verdict.first]).toEqual([
        name,
        false,
        expect.objectContaining({ run: run.id, ...found }),
      ]);
      writeFileSync(file, whole);
    }
    expect((await verify()).ok).toBe(true);
  });
});

test('the files of two runs exchanged are found', async () => {
  const { handlers, ended, server, file, run, audit } = await audited();
  server.push(...script());
  const other = await ended((await handlers.routines.run({ routine: 'triage' })).run);
  await audit.log.settled();
  const second = file.replace(run.id, other.id);
  const [a, b] = [readFileSync(file), readFileSync(second)];
  writeFileSync(file, b);
  writeFileSync(second, a);
  const verdict = await audit.methods.verify({});
  expect(verdict.breaks.map(({ run: id, kind, seq }) => [id, kind, seq])).toEqual(
    [run.id, other.id].toSorted().map((id) => [id, 'inserted', 1]),
  );
});

test('a run whose head and file are both gone is missed', async () => {
  const { file, store, run, audit } = await audited();
  rmSync(file);
  store.commit(() => store.auditHeads.put({ ...(store.auditHeads.get(run.id) as AuditMark), run: 'run-00000000' }));
  expect((await audit.methods.verify({})).breaks.map(({ run: id, kind }) => [id, kind])).toContainEqual([
    run.id,
    'missing_file',
  ]);
});

describe('after a kill', () => {
  /** A later host on the same data. */
  function later(paths: { database: string; audit: string; settings: string; unitPrefix: string }) {
    const store = openStore(paths.database, systemClock);
    const parts = { store, clock: systemClock, log: silent, paths, version: '0.0.0', secrets: createSecrets() };
    const desk = openAuditDesk({ ...parts, vault: memoryVault() });
    onTestFinished(async () => {
      await desk.log.close();
      store.close();
    });
    return { store, desk };
  }

  test(
    verifies('survives-kill', 'half a line, lines the database does not know of, and lines never written are mended'),
    async () => {
      const { file, store, run, paths, runtime } = await audited();
      const whole = readFileSync(file, 'utf8');
      const lines = whole.trimEnd().split('\n');
      const mark = store.auditHeads.get(run.id);
      await runtime.close();
      const at = (count: number) =>
        lines
          .slice(0, count)
          .map((line) => `${line}\n`)
          .join('');
      const known = 4;
      const record = JSON.parse(lines[known - 1] as string) as AuditRecord;
      for (const [found, why] of [
        [at(known), 'killed before the file'],
        [at(known) + (lines[known] as string).slice(0, 30), 'killed in the middle of a line'],
        [at(known + 2), 'killed before the head was stored'],
        [at(known + 2) + (lines[known + 2] as string).slice(0, 9), 'both'],
      ]) {
        writeFileSync(file, found as string);
        const back = openStore(paths.database, systemClock);
        const behind = {
          seq: record.seq,
          hash: record.hash,
          event: record.event as number,
          bytes: Buffer.byteLength(at(known)),
        };
        back.commit(({ records }) => {
          back.auditHeads.put({ ...(mark as NonNullable<typeof mark>), ...behind, checkpoint: null });
          records.setFact('audit_seq', '0');
        });
        back.close();
        const { store: young, desk } = later(paths);
        await desk.log.settled();
        const text = readFileSync(file, 'utf8');
        // What the run's own seal put between is not written anew: there is one checkpoint less.
        expect([why, text.slice(0, at(known).length)]).toEqual([why, at(known)]);
        const verdict = await desk.methods.verify({});
        expect([why, verdict.ok, verdict.first]).toEqual([why, true, null]);
        const events = text
          .trimEnd()
          .split('\n')
          .flatMap((line) => (JSON.parse(line) as AuditRecord).event ?? []);
        expect(new Set(events).size).toBe(events.length);
        expect(events).toEqual(lines.flatMap((line) => (JSON.parse(line) as AuditRecord).event ?? []));
        await desk.log.close();
        expect(young.auditHeads.get(run.id)?.bytes).toBe(Buffer.byteLength(text));
      }
    },
  );
});

test('without a keychain nothing is signed, the run is none the worse, and the check says so', async () => {
  const none = () => Promise.reject(new Error('no keychain'));
  const { verify, run } = await audited({ vault: { get: none, set: none, delete: none } });
  expect(run.outcome).toBe('proposed');
  const verdict = await verify();
  expect(verdict).toMatchObject({ ok: true, signed: 0, keys: [] });
  expect(verdict.unsigned).toBeGreaterThan(0);
});

test('the key is made once, and stays in the vault', async () => {
  const vault = memoryVault();
  const pems: string[] = [];
  const place = { vault, account: 'test', clock: systemClock, log: silent, secrets: createSecrets() };
  const signers = [1, 2].map(() => createSigner({ ...place, onKey: (pem) => void pems.push(pem) }));
  const signed = [];
  for (const signer of signers) signed.push(await signer.sign('text'), await signer.sign('text'));
  expect(new Set(signed.map((each) => each?.key)).size).toBe(1);
  expect(new Set(pems).size).toBe(1);
  expect(pems).toHaveLength(2);
  const [key] = readKeys(pems).values();
  expect(holds('text', signed[3]?.signature ?? '', key)).toBe(true);
  expect(holds('other', signed[3]?.signature ?? '', key)).toBe(false);
});

test('every hundred records there is a checkpoint', async () => {
  const bash = Array.from({ length: 60 }, (_, n) => use('Bash', { command: `echo ${n}` }));
  const { records } = await audited({
    script: [...bash, ...script()],
    routine: { checks: [], limits: limits({ turns: 100, minutes: 10, dollars: 50, dollarsPerDay: 50 }) },
  });
  const all = records();
  expect(all.length).toBeGreaterThan(120);
  expect(all[99]).toMatchObject({ seq: 100, what: 'checkpoint' });
});

describe('trailers', () => {
  const trailer = /^Nightshift-Audit: (\S+) (\d+) (\w{64})$/m;

  test('a fast-forward lands the reviewed commit, which names a place in the chain', async () => {
    const { handlers, run, repository, records } = await audited();
    const done = await handlers.proposals.approve({ proposal: run.proposal ?? '' });
    expect(done).toMatchObject({ landedHow: 'fast_forward', landedAs: done.head });
    const [, id, seq, hash] = trailer.exec(repository.git('log', '-1', '--format=%B', 'main')) ?? [];
    expect(id).toBe(run.id);
    expect(records()[Number(seq) - 1]).toMatchObject({ hash, what: 'checkpoint' });
    expect(repository.git('log', '-1', '--format=%(trailers:key=Nightshift-Audit,valueonly)', 'main')).toContain(hash);
  });

  test('a merge commit names the end of the chain; what was reviewed stays as it is', async () => {
    const { handlers, run, repository, records, audit } = await audited();
    repository.commit({ 'other.txt': 'x\n' });
    const done = await handlers.proposals.approve({ proposal: run.proposal ?? '' });
    expect(done.landedHow).toBe('merge_commit');
    expect(repository.git('rev-parse', 'main^2')).toBe(done.head);
    const [, , seq, hash] = trailer.exec(repository.git('log', '-1', '--format=%B', 'main')) ?? [];
    expect(records()[Number(seq) - 1]?.hash).toBe(hash);
    await audit.log.settled();
    expect(
      records()
        .slice(Number(seq))
        .map(({ what }) => what),
    ).toContain('proposal.approved');
  });
});

describe('export and retention', () => {
  const collect = async (stream: AsyncIterable<unknown> | AsyncIterator<unknown>) => {
    const lines: string[] = [];
    for await (const item of stream as AsyncIterable<{ line: string }>) lines.push(item.line);
    return lines;
  };

  test('an export is checked without a host, and finds what was changed in it', async () => {
    const { audit, run } = await audited();
    const lines = await collect(await audit.methods.export({}));
    const text = `${lines.join('\n')}\n`;
    expect(verifyExport(text)).toMatchObject({ ok: true, runs: 1, unsigned: 0 });
    expect(verifyExport(text, run.id).ok).toBe(true);
    expect(verifyExport(lines.toSpliced(4, 1).join('\n')).first).toMatchObject({ kind: 'removed', seq: 3 });
    expect(verifyExport(lines.slice(0, -1).join('\n')).first).toMatchObject({ kind: 'truncated' });
    const head = JSON.parse(lines[1] as string);
    const shorter = JSON.parse(JSON.parse(lines.at(-3) as string).text);
    head.head = { ...head.head, seq: shorter.seq, hash: shorter.hash };
    const cut = [lines[0], JSON.stringify(head), ...lines.slice(2, -2)].join('\n');
    expect(verifyExport(cut).first).toMatchObject({ kind: 'bad_signature' });
    expect(() => verifyExport('hello')).toThrow(/no audit export/);
    // A whole run taken out, also from the list, also with the looks of an export from before there was one.
    const begin = JSON.parse(lines[0] as string);
    expect(verifyExport(lines[0] as string).first).toMatchObject({ run: run.id, kind: 'missing_file' });
    expect(() => verifyExport(JSON.stringify({ ...begin, runs: [] }))).toThrow(/list of its runs/);
    const stripped = [JSON.stringify({ ...begin, signature: null, key: null }), ...lines.slice(1)].join('\n');
    expect(() => verifyExport(stripped)).toThrow(/list of its runs/);
    const { runs: _list, ...older } = begin;
    const disguised = [JSON.stringify(older), ...lines.slice(1)].join('\n');
    expect(verifyExport(disguised).first).toMatchObject({ kind: 'bad_signature' });
  });

  test('pruned runs keep the end of their chain; the rest still verifies', async () => {
    const { audit, run, file, handlers, store } = await audited();
    const later = new Date(Date.now() + 3_600_000).toISOString();
    expect(await audit.methods.prune({ before: later })).toEqual({ pruned: [] });
    await handlers.proposals.reject({ proposal: run.proposal ?? '' });
    expect(await audit.methods.prune({ before: new Date(0).toISOString() })).toEqual({ pruned: [] });
    expect(await audit.methods.prune({ before: later })).toEqual({ pruned: [run.id] });
    expect(() => statSync(file)).toThrow();
    expect(store.auditHeads.get(run.id)).toMatchObject({
      checkpoint: { what: 'checkpoint' },
      prunedAt: expect.any(String),
    });
    expect(await audit.methods.verify({})).toMatchObject({ ok: true, runs: 1, pruned: 1, signed: 1 });
    expect(verifyExport((await collect(await audit.methods.export({}))).join('\n'))).toMatchObject({
      ok: true,
      pruned: 1,
    });
  });
});

test('records come in pages; an unknown run is named', async () => {
  const { audit, run, records } = await audited();
  const page = await audit.methods.records({ run: run.id, after: 2, limit: 3 });
  expect(page).toEqual(records().slice(2, 5));
  const allowed = records().filter(({ decision }) => decision === 'allow');
  expect(allowed.length).toBeGreaterThan(1);
  const [first] = allowed;
  const of = (after: number) => audit.methods.records({ run: run.id, after, decision: 'allow', limit: 1000 });
  expect(await of(0)).toEqual(allowed);
  expect(await of(first?.seq ?? 0)).toEqual(allowed.slice(1));
  await expect(audit.methods.records({ run: 'run-00000000', after: 0, limit: 1 })).rejects.toMatchObject({
    code: 'not_found',
  });
  await expect(audit.methods.verify({ run: 'run-00000000' })).rejects.toMatchObject({ code: 'not_found' });
});

test('a run that never had a sandbox has its record, too', async () => {
  const { runOnce, audit } = await realRuntime({ env: {} });
  const run = await runOnce();
  expect(run).toMatchObject({ outcome: 'failed', reason: { code: 'model.key_missing' } });
  const records = await audit.methods.records({ run: run.id, after: 0, limit: 10 });
  expect(records.map(({ what }) => what)).toEqual(['run.queued', 'run.ended', 'checkpoint']);
  expect((await audit.methods.verify({})).ok).toBe(true);
});
