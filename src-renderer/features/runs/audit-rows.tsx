/** Records of an audit chain, one line each, told like the run itself; opened, a record stands there as it was written. */
import { ChevronRight } from 'lucide-react';
import type { AuditRecord } from '#contract/audit.ts';
import { visible } from '#contract/visible.ts';
import { ExactText } from '#ui/exact.tsx';
import { clockSeconds, count, exact } from '#ui/words.ts';
import s from './audit-rows.module.css';
import { auditWords, inputOf } from './audit-words.ts';

export const AuditRows = ({ rows }: { rows: readonly AuditRecord[] }) => (
  <ol className={s.rows} aria-label="Records">
    {rows.map((record) => (
      <li key={record.seq} data-row="">
        <details className={s.record}>
          <summary className={s.line}>
            <Line record={record} />
          </summary>
          <Whole record={record} />
        </details>
      </li>
    ))}
  </ol>
);

function Line({ record }: { record: AuditRecord }) {
  const { icon: Icon, title, tone, exact: text, more } = auditWords(record);
  const { seq, ts } = record;
  return (
    <>
      <ChevronRight size={14} className={s.open} aria-hidden />
      <span className={s.number}>{count(seq)}</span>
      <time dateTime={ts} title={exact(ts)}>
        {clockSeconds(ts)}
      </time>
      <span className={s.icon} data-tone={tone}>
        <Icon size={15} aria-hidden />
      </span>
      <span className={s.words}>
        <span className={s.title} data-tone={tone}>
          {visible(title)}
        </span>
        {text && (
          <code className={s.exact}>
            <ExactText text={text} />
          </code>
        )}
        {more && <span className={s.more}>{visible(more)}</span>}
      </span>
    </>
  );
}

/** Everything that is hashed, and the hashes. */
function Whole({ record }: { record: AuditRecord }) {
  const {
    what,
    event,
    actor,
    decision,
    code,
    rule,
    policy_hash: rules,
    exit,
    bytes_in: given,
    bytes_out: back,
  } = record;
  const { files_changed_hash: files, input_hash: inputHash, input_redacted: input, prev, hash, checkpoint } = record;
  const parsed = inputOf(record);
  const told: [string, string | number | null | undefined][] = [
    ['Record of', event === null ? what : `${what}, event ${event}`],
    ['By', actor],
    ['Decision', decision],
    ['Code', code],
    ['Rule', rule],
    ['Rules version', rules],
    ['Exit', exit],
    ['Bytes given', given],
    ['Bytes back', back],
    ['Files', files],
    ['Input hash', inputHash],
    ['Key', checkpoint?.key],
    ['Before it', prev],
    ['Hash', hash],
  ];
  return (
    <div className={s.whole}>
      <dl className={s.facts}>
        {told.map(
          ([name, value]) =>
            value !== null &&
            value !== undefined && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <ExactText text={String(value)} />
                </dd>
              </div>
            ),
        )}
      </dl>
      {input !== null && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        <section className={s.input} tabIndex={0} aria-label={`Input of record ${record.seq}`}>
          <pre>
            <ExactText text={parsed === null ? input : JSON.stringify(parsed, null, 2)} />
          </pre>
        </section>
      )}
    </div>
  );
}
