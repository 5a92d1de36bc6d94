/** What a run left in the audit log: whether its chain is unbroken, and its records, all or by decision. */
import { useState } from 'react';
import { useAnswer, useSelect } from '#state/use.ts';
import { useAgain } from '#state/use-again.ts';
import { FaultNote } from '#ui/fault-note.tsx';
import { Choice } from '#ui/field.tsx';
import { AuditRecords, type Shown } from './audit-records.tsx';
import { Verdict } from './audit-verdict.tsx';
import s from './audit-view.module.css';

const choices = [
  { value: 'all', label: 'All' },
  { value: 'allow', label: 'Allowed' },
  { value: 'ask', label: 'Asked' },
  { value: 'deny', label: 'Denied' },
] as const;

const none = {
  all: 'There is no record of it yet.',
  allow: 'Nothing that it wanted to do was simply allowed.',
  ask: 'Nothing that it wanted to do had to be asked.',
  deny: 'Nothing that it wanted to do was denied.',
};

export function AuditView({ run }: { run: string }) {
  const [shown, setShown] = useState<Shown>('all');
  const verdict = useAnswer(`audit verdict ${run}`, (client) => client.audit.verify({ run }));
  // What the run did since is on record, too.
  const moved = useSelect((state) => `${state.runs[run]?.state} ${state.runs[run]?.toolCalls}`);
  useAgain(verdict.again, moved);
  const found = verdict.is === 'here' ? verdict.value : null;
  const pruned = found !== null && found.pruned > 0;
  return (
    <section className={s.audit} aria-label="Audit">
      {verdict.is === 'failed' && <FaultNote fault={verdict.fault} title="The chain cannot be checked" />}
      {found && <Verdict verdict={found} />}
      <Choice label="Decision" value={shown} options={choices} onChange={(value) => setShown(value)} />
      <AuditRecords
        key={shown}
        run={run}
        shown={shown}
        total={found?.records ?? null}
        none={pruned ? 'Its records were removed when their time was over; the end of its chain is kept.' : none[shown]}
        moved={moved}
      />
    </section>
  );
}
