/** Whether the chain of a run's records holds, in one sentence, and where it does not. */
import { Link2, ShieldAlert, ShieldCheck } from 'lucide-react';
import type { AuditVerdict } from '#contract/audit.ts';
import { visible } from '#contract/visible.ts';
import { count, plural, sentence } from '#ui/words.ts';
import s from './audit-view.module.css';

export function Verdict({ verdict }: { verdict: AuditVerdict }) {
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
