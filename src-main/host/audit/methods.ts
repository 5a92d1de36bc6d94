/** What may be asked of the audit log, through every door. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Handlers } from '#contract/api.ts';
import { AuditRecord } from '#contract/audit.ts';
import { Fault } from '#contract/faults.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import type { Paths } from '#host/paths.ts';
import type { Secrets } from '#host/secrets.ts';
import type { Vault } from '#host/vault/vault.ts';
import { exportLines } from './export.ts';
import { readLog, removeLog, runsIn } from './file.ts';
import { type AuditLog, openAuditLog } from './log.ts';
import { keepDays } from './retention.ts';
import { createSigner } from './signer.ts';
import { verdictOf } from './verdict.ts';
import { readKeys, verifyRun } from './verify.ts';

interface Parts {
  store: Store;
  clock: Clock;
  log: Log;
  paths: Pick<Paths, 'audit' | 'settings' | 'unitPrefix'>;
  version: string;
  secrets: Secrets;
  vault: Vault;
}

export interface AuditDesk {
  log: AuditLog;
  methods: Handlers['audit'];
}

const dayMs = 86_400_000;

/** Opens the log, catches up, and removes what is older than the person wants to keep. */
export function openAuditDesk(parts: Parts): AuditDesk {
  const { store, clock, log, paths, version, secrets, vault } = parts;
  const folder = paths.audit;
  const account = `${paths.unitPrefix} audit key`;
  const keys = () => JSON.parse(store.records.fact('audit_keys') ?? '[]') as string[];
  const signer = createSigner({ vault, account, clock, log, secrets, onKey: (pem) => void publish(pem) });
  const audit = openAuditLog({ store, clock, log, folder, version, secrets, signer });

  /** What cannot be written now must not keep anybody from seeing what is there. */
  const settle = () => audit.settled().catch((error: unknown) => log.error('the audit log', error));

  /** The database is believed; the file beside the records is for people. */
  function publish(pem: string): void {
    if (!keys().includes(pem))
      store.commit(({ records }) => records.setFact('audit_keys', JSON.stringify([...keys(), pem])));
    mkdir(folder, { recursive: true, mode: 0o700 })
      .then(() => writeFile(join(folder, 'public-keys.pem'), keys().join(''), { mode: 0o600 }))
      .catch((error: unknown) => log.error('the public audit key', error));
  }

  function required(run: string) {
    const mark = store.auditHeads.get(run);
    if (mark || store.read.run(run)) return mark;
    throw new Fault('not_found', `There is no run "${run}".`, { field: 'run', cure: 'See `nightshift runs list`.' });
  }

  /** Every run that has a chain, or should have one. */
  function all(): string[] {
    const ended = store.read.runs({ limit: 1_000_000 }).filter(({ state }) => state === 'ended');
    return [
      ...new Set([...store.auditHeads.all(), ...ended.map(({ id: run }) => ({ run }))].map(({ run }) => run)),
    ].sort();
  }

  /** Files in which nobody of ours has written. */
  async function strays(): Promise<string[]> {
    return (await runsIn(folder)).filter((run) => !store.auditHeads.get(run) && !store.read.run(run));
  }

  async function findingOf(run: string, known: ReturnType<typeof readKeys>) {
    const head = store.auditHeads.get(run) ?? null;
    const finding = verifyRun({ run, text: await readLog(folder, run), head, keys: known });
    return { ...finding, pruned: head?.prunedAt != null };
  }

  async function prune(before: string): Promise<string[]> {
    const pruned: string[] = [];
    for (const mark of store.auditHeads.all()) {
      const run = store.read.run(mark.run);
      const proposal = run?.proposal ? store.read.proposal(run.proposal) : undefined;
      const waits = proposal?.state === 'open' || proposal?.state === 'revising';
      if (mark.prunedAt || waits || !run?.endedAt || run.state !== 'ended' || run.endedAt >= before) continue;
      store.commit(() => store.auditHeads.put({ ...mark, prunedAt: new Date(clock.now()).toISOString() }));
      await removeLog(folder, mark.run);
      pruned.push(mark.run);
    }
    return pruned;
  }

  async function keepOnly(): Promise<void> {
    const days = await keepDays(paths.settings);
    if (Number.isFinite(days)) await audit.alone(() => prune(new Date(clock.now() - days * dayMs).toISOString()));
  }
  keepOnly().catch((error: unknown) => log.error('old audit records', error));

  const methods: Handlers['audit'] = {
    async verify({ run }) {
      if (run) required(run);
      await settle();
      return audit.alone(async () => {
        const known = readKeys(keys());
        const findings = [];
        for (const each of run ? [run] : [...all(), ...(await strays())]) findings.push(await findingOf(each, known));
        return verdictOf(findings, known);
      });
    },
    async records({ run, after, decision, limit }) {
      required(run);
      await settle();
      const lines = ((await readLog(folder, run)) ?? '').split('\n').filter(Boolean);
      const records = lines.flatMap((line) => readable(line));
      const wanted = (record: AuditRecord) => decision === undefined || record.decision === decision;
      return records.filter((record) => record.seq > after && wanted(record)).slice(0, limit);
    },
    async export({ run }) {
      if (run) required(run);
      await settle();
      const heads = store.auditHeads.all().filter((head) => run === undefined || head.run === run);
      // The first signature may make the key, which the export names at its beginning.
      await signer.sign('nightshift-audit/1\n');
      const plain = heads.map(({ event: _event, bytes: _bytes, ...head }) => head);
      return exportLines(
        new Date(clock.now()).toISOString(),
        keys(),
        plain,
        (each) => readLog(folder, each),
        signer.sign,
      );
    },
    async prune({ before }) {
      await settle();
      return { pruned: await audit.alone(() => prune(new Date(before).toISOString())) };
    },
  };
  return { log: audit, methods };
}

/** What cannot be read is for `verify` to name. */
function readable(line: string): AuditRecord[] {
  try {
    const record = AuditRecord.safeParse(JSON.parse(line));
    return record.success ? [record.data] : [];
  } catch {
    return [];
  }
}
