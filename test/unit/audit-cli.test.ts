/** `nightshift audit`: what is asked, what is printed, and that a break is exit code 1. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type AuditRecord, type AuditVerdict, noHash } from '#contract/audit.ts';
import { sealed } from '#host/audit/chain.ts';
import { checkpointFields } from '#host/audit/facts.ts';
import { cli } from '../fakes/cli-shell.ts';
import { scratch } from '../fakes/places.ts';

const run = 'run-00000001';
const none = { runs: 1, records: 3, signed: 1, unsigned: 2, pruned: 0, keys: [noHash] };
const whole: AuditVerdict = { ok: true, ...none, first: null, breaks: [] };
const cut = { run, seq: 4, kind: 'truncated' as const, detail: 'Two are missing.' };
const record = (seq: number, prev: string): AuditRecord =>
  sealed({
    ...checkpointFields,
    ...{
      seq,
      prev,
      run,
      ts: '2026-11-20T03:00:00.000Z',
      event: seq,
      what: 'tool.started',
      tool: 'Bash',
      checkpoint: null,
    },
  });

test('verify says that all is well, and what is unsigned', async () => {
  const { code, out } = await cli(['audit', 'verify'], { audit: { verify: async () => whole } });
  expect(code).toBe(0);
  expect(out).toContain('as it was written');
  expect(out).toContain('2 unsigned: no keychain gave a key');
});

test('a break is exit code 1 and named with run, number and kind', async () => {
  const verify = async () => ({ ...whole, ok: false, first: cut, breaks: [cut] });
  const seen = await cli(['audit', 'verify', '--run', run], { audit: { verify } });
  expect(seen).toMatchObject({ code: 1, out: expect.stringContaining(`truncated at record 4 of ${run}`) });
  const json = await cli(['audit', 'verify', '--json'], { audit: { verify } });
  expect([json.code, JSON.parse(json.out).first]).toEqual([1, cut]);
});

test('trailers of commits are witnesses', async () => {
  const one = record(1, noHash);
  const handlers = {
    audit: { verify: async () => whole, records: async ({ after }: { after: number }) => (after === 0 ? [one] : []) },
  };
  const with_ = (seq: number, hash: string) =>
    cli(['audit', 'verify', '--trailers', '-', '--json'], handlers, {
      stdin: `Words.\n\nNightshift-Audit: ${run} ${seq} ${hash}\n`,
    });
  expect((await with_(1, one.hash)).code).toBe(0);
  expect((await with_(1, noHash)).code).toBe(1);
  expect(JSON.parse((await with_(1, noHash)).out).first).toMatchObject({ run, seq: 1, kind: 'changed' });
  expect(JSON.parse((await with_(2, one.hash)).out).first).toMatchObject({ run, seq: 2, kind: 'truncated' });
});

test('show asks the host for one decision only', async () => {
  const asked: unknown[] = [];
  const records = async (filter: object) => {
    asked.push(filter);
    return [];
  };
  const { out } = await cli(['audit', 'show', run, '--decision', 'deny'], { audit: { records } });
  expect(asked).toMatchObject([{ run, decision: 'deny' }]);
  expect(out).toBe('No record of this run is like that.\n');
});

test('show prints one line for each record; unfriendly characters are made visible', async () => {
  const odd = { ...record(1, noHash), input_redacted: '\u001b[31mred' };
  const { out } = await cli(['audit', 'show', run], { audit: { records: async () => [odd] } });
  expect(out).toContain('tool.started Bash');
  expect(out).not.toContain('\u001b[31m');
});

test('export writes a file for its owner alone, never over another; it is checked without a host', async () => {
  const folder = scratch();
  const one = record(1, noHash);
  const lines = [
    { kind: 'export', format: 'nightshift-audit/1', at: '2026-11-21T00:00:00.000Z', keys: [] },
    {
      kind: 'head',
      head: { run, seq: 1, hash: one.hash, prunedAt: null, checkpoint: null },
      signature: null,
      key: null,
    },
    { kind: 'record', run, text: JSON.stringify(one) },
  ];
  const handlers = {
    audit: {
      export: async () =>
        (async function* () {
          for (const line of lines) yield { line: JSON.stringify(line) };
        })(),
    },
  };
  const shell = { cwd: folder };
  expect((await cli(['audit', 'export', '--to', 'out.jsonl'], handlers, { shell })).code).toBe(0);
  const file = join(folder, 'out.jsonl');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await cli(['audit', 'export', '--to', 'out.jsonl'], handlers, { shell })).toMatchObject({ code: 2 });
  const good = await cli(['audit', 'verify', '--file', 'out.jsonl', '--json'], {}, { shell, links: [] });
  expect([good.code, good.attached, JSON.parse(good.out)]).toMatchObject([0, [], { ok: true, records: 1 }]);
  writeFileSync(file, readFileSync(file, 'utf8').replace('Bash', 'Rash'));
  const bad = await cli(['audit', 'verify', '--file', 'out.jsonl'], {}, { shell, links: [] });
  expect(bad).toMatchObject({ code: 1, out: expect.stringContaining('changed at record 1') });
  for (const name of ['none.jsonl', '.'])
    expect(await cli(['audit', 'verify', '--file', name], {}, { shell })).toMatchObject({ code: 2 });
});

test('prune takes an age or an instant', async () => {
  const asked: string[] = [];
  const prune = async ({ before }: { before: string }) => {
    asked.push(before);
    return { pruned: [run] };
  };
  await cli(['audit', 'prune', '--before', '90d'], { audit: { prune } });
  expect(asked).toEqual(['2026-08-22T22:00:00.000Z']);
  expect(await cli(['audit', 'prune'], { audit: { prune } })).toMatchObject({ code: 2 });
});
