/** Records of an audit chain, one line each: when, who, what, and what was decided by which rule. */
import { Check, CircleHelp, ShieldX } from 'lucide-react';
import type { AuditRecord } from '#contract/audit.ts';
import { visible } from '#contract/visible.ts';
import { ExactText } from '#ui/exact.tsx';
import { type Look, Mark } from '#ui/mark.tsx';
import { clockSeconds, exact } from '#ui/words.ts';
import s from './audit-table.module.css';

const looks: Record<NonNullable<AuditRecord['decision']>, Look> = {
  allow: { icon: Check, word: 'Allowed', tone: 'completed' },
  ask: { icon: CircleHelp, word: 'Asked', tone: 'waiting' },
  deny: { icon: ShieldX, word: 'Denied', tone: 'failed' },
};

export const AuditTable = ({ rows }: { rows: readonly AuditRecord[] }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
  <section className={s.scroll} tabIndex={0} aria-label="Records">
    <table className={s.table}>
      <thead>
        <tr>
          {['No.', 'Time', 'Who', 'What', 'Decision', 'Rule, hosts, input'].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((record) => (
          <AuditRow key={record.seq} record={record} />
        ))}
      </tbody>
    </table>
  </section>
);

function AuditRow({ record }: { record: AuditRecord }) {
  const { seq, ts, actor, what, tool, decision, code, rule, hosts, input_redacted: input, hash, checkpoint } = record;
  const signed = checkpoint && (checkpoint.signature === null ? 'without a key' : 'signed');
  return (
    <tr>
      <td className={s.number} title={hash}>
        {seq}
      </td>
      <td>
        <time dateTime={ts} title={exact(ts)}>
          {clockSeconds(ts)}
        </time>
      </td>
      <td>{actor}</td>
      <td>
        <code>{visible(what)}</code>
        {tool && <div>{visible(tool)}</div>}
        {signed && <div>{signed}</div>}
      </td>
      <td>
        {decision && <Mark look={looks[decision]} />}
        {code && <code className={s.code}>{visible(code)}</code>}
      </td>
      <td className={s.rest}>
        {rule && (
          <div>
            <code>
              <ExactText text={rule} />
            </code>
          </div>
        )}
        {hosts?.map((host) => (
          <div key={host}>
            <code>
              <ExactText text={host} />
            </code>
          </div>
        ))}
        {input && <Input text={input} />}
      </td>
    </tr>
  );
}

const short = 120;

function Input({ text }: { text: string }) {
  if (text.length <= short)
    return (
      <code className={s.input}>
        <ExactText text={text} />
      </code>
    );
  return (
    <details>
      <summary className={s.input}>{visible(text.slice(0, short))}…</summary>
      <code className={s.input}>
        <ExactText text={text} />
      </code>
    </details>
  );
}
