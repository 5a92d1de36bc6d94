/** The records of a run as the host reads them out, a page at a time: all, or those of one decision. */
import { useState } from 'react';
import type { AuditDecision, AuditRecord } from '#contract/audit.ts';
import { useAction, useAnswer } from '#state/use.ts';
import { useAgain } from '#state/use-again.ts';
import { HostButton } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { useRowKeys } from '#ui/row-keys.ts';
import { Nothing } from '#ui/rows.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { count } from '#ui/words.ts';
import { AuditRows } from './audit-rows.tsx';
import s from './audit-view.module.css';

const page = 100;

export type Shown = AuditDecision | 'all';

interface Props {
  run: string;
  shown: Shown;
  /** Of the whole chain; null: not known. */
  total: number | null;
  /** Said where there is none. */
  none: string;
  /** Changes with everything that the run does. */
  moved: string;
}

/** Begins anew with another `shown`: give it that as its key. */
export function AuditRecords({ run, shown, total, none, moved }: Props) {
  const decision = shown === 'all' ? undefined : shown;
  const [later, setLater] = useState<readonly AuditRecord[]>([]);
  const [end, setEnd] = useState(false);
  const first = useAnswer(`audit ${run} ${shown}`, (client) => client.audit.records({ run, decision, limit: page }));
  const loaded = first.is === 'here' ? joined(first.value, later) : [];
  const after = loaded.at(-1)?.seq ?? 0;
  const more = useAction(async (client) => {
    const next = await client.audit.records({ run, decision, after, limit: page });
    setLater((before) => joined(before, next));
    setEnd(next.length < page);
  });
  useAgain(first.again, moved);
  useRowKeys();
  // How many are of one decision nobody has counted.
  const left = decision || total === null ? 0 : Math.max(0, total - loaded.length);
  // Of a broken chain only the records before the break are counted; the others can still be read.
  const onward = left > 0 || (!end && loaded.length > 0 && loaded.length % page === 0);
  return (
    <>
      {first.is === 'failed' && <FaultNote fault={first.fault} title="The records cannot be read" />}
      {first.is === 'loading' && <Skeleton rows={8} height={30} />}
      {first.is === 'here' && loaded.length === 0 && <Nothing>{none}</Nothing>}
      {loaded.length > 0 && <AuditRows rows={loaded} />}
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
  );
}

/** In the order of the chain, each once. */
function joined(before: readonly AuditRecord[], after: readonly AuditRecord[]): readonly AuditRecord[] {
  const bySeq = new Map([...before, ...after].map((record) => [record.seq, record]));
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}
