/** The records that a run left in the audit log, a page at a time, by decision, and whether its chain is unbroken. */
import { Link2, ShieldAlert, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import type { AuditRecord, AuditVerdict } from '#contract/audit.ts';
import { visible } from '#contract/visible.ts';
import { useAction, useAnswer, useSelect } from '#state/use.ts';
import { useAgain } from '#state/use-again.ts';
import { HostButton } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { Choice } from '#ui/field.tsx';
import { Nothing } from '#ui/rows.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { count, plural, sentence } from '#ui/words.ts';
import { AuditTable } from './audit-table.tsx';
import s from './audit-view.module.css';

const page = 100;
const choices = [
  { value: 'all', label: 'All' },
  { value: 'allow', label: 'Allowed' },
  { value: 'ask', label: 'Asked' },
  { value: 'deny', label: 'Denied' },
] as const;
type Shown = (typeof choices)[number]['value'];

export function AuditView({ run }: { run: string }) {
  const [shown, setShown] = useState<Shown>('all');
  const [later, setLater] = useState<readonly AuditRecord[]>([]);
  const [end, setEnd] = useState(false);
  const first = useAnswer(`audit ${run}`, (client) => client.audit.records({ run, limit: page }));
  const loaded = first.is === 'here' ? joined(first.value, later) : [];
  const last = loaded.at(-1)?.seq ?? 0;
  const more = useAction(async (client) => {
    const next = await client.audit.records({ run, after: last, limit: page });
    setLater((before) => joined(before, next));
    setEnd(next.length < page);
  });
  const verdict = useAnswer(`audit verdict ${run}`, (client) => client.audit.verify({ run }));
  // What the run did since is on record, too.
  const moved = useSelect((state) => `${state.runs[run]?.state} ${state.runs[run]?.toolCalls}`);
  useAgain(verdict.again, moved);
  useAgain(first.again, moved);
  const left = verdict.is === 'here' ? Math.max(0, verdict.value.records - loaded.length) : 0;
  // Of a broken chain only the records before the break are counted; the others can still be read.
  const onward = left > 0 || (!end && loaded.length > 0 && loaded.length % page === 0);
  const rows = loaded.filter(({ decision }) => shown === 'all' || decision === shown);
  return (
    <section className={s.audit} aria-label="Audit">
      {verdict.is === 'failed' && <FaultNote fault={verdict.fault} title="The chain cannot be checked" />}
      {verdict.is === 'here' && <Verdict verdict={verdict.value} />}
      {first.is === 'failed' && <FaultNote fault={first.fault} title="The records cannot be read" />}
      {first.is === 'loading' && <Skeleton rows={8} height={30} />}
      {first.is === 'here' && loaded.length === 0 && (
        <Nothing>
          {verdict.is === 'here' && verdict.value.pruned > 0
            ? 'Its records were removed when their time was over; the end of its chain is kept.'
            : 'There is no record of it yet.'}
        </Nothing>
      )}
      {loaded.length > 0 && (
        <>
          <Choice label="Decision" value={shown} options={choices} onChange={(value) => setShown(value)} />
          {rows.length > 0 && <AuditTable rows={rows} />}
          {rows.length === 0 && <Nothing>None of the {plural(loaded.length, 'record')} read so far is that.</Nothing>}
          {more.fault && <FaultNote fault={more.fault} title="The next records cannot be read" />}
          {onward && (
            <div className={s.more}>
              <HostButton busy={more.busy} onClick={() => void more.run()}>
                {left > 0 ? `Read ${count(Math.min(page, left))} more` : 'Read on'}
              </HostButton>
              {left > 0 && (
                <span>
                  {count(loaded.length)} of {count(loaded.length + left)} read
                </span>
              )}
            </div>
          )}
        </>
      )}
    </section>
  );
}

/** In the order of the chain, each once. */
function joined(before: readonly AuditRecord[], after: readonly AuditRecord[]): readonly AuditRecord[] {
  const bySeq = new Map([...before, ...after].map((record) => [record.seq, record]));
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

function Verdict({ verdict }: { verdict: AuditVerdict }) {
  const { ok, first, keys } = verdict;
  const Icon = !ok ? ShieldAlert : verdict.signed > 0 ? ShieldCheck : Link2;
  return (
    <div className={s.verdict} data-ok={ok} role={ok ? undefined : 'alert'}>
      <Icon size={17} aria-hidden />
      <div>
        <p className={s.words}>{ok ? unbroken(verdict) : broken(first)}</p>
        {first && <p>{sentence(visible(first.detail))}</p>}
        {keys.map((key) => (
          <p key={key} className={s.key}>
            Key <code>{key}</code>
          </p>
        ))}
      </div>
    </div>
  );
}

function unbroken({ records, signed, unsigned, pruned }: AuditVerdict): string {
  if (records === 0 && pruned > 0) return 'Its records are removed; what is kept of its chain is as it was written.';
  if (records === 0) return 'Nothing is on record yet.';
  const seal =
    signed + unsigned === 0
      ? 'no checkpoint yet'
      : signed === 0
        ? 'no checkpoint signed: no keychain could be asked'
        : unsigned === 0
          ? `${plural(signed, 'checkpoint')} signed`
          : `${plural(signed, 'checkpoint')} signed, ${unsigned} without a key`;
  return `${plural(records, 'record')}, unbroken, ${seal}.`;
}

const kinds: Record<NonNullable<AuditVerdict['first']>['kind'], string> = {
  changed: 'was changed',
  removed: 'was removed',
  inserted: 'was inserted',
  reordered: 'is out of order',
  truncated: 'is where the end was cut off',
  missing_file: 'is gone with its whole file',
  bad_signature: 'has a signature that does not hold',
};

const broken = (first: AuditVerdict['first']): string =>
  first ? `The chain is broken: record ${count(first.seq)} ${kinds[first.kind]}.` : 'The chain is broken.';
