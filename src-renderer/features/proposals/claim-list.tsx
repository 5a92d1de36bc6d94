/** What the agent claims, sentence by sentence, each beside the tool calls that show it, or with the word that nothing does. */
import { CircleHelp, CircleX, Link2, type LucideIcon, MessageSquareQuote } from 'lucide-react';
import { Link } from 'wouter';
import { type Claim, claimWords, type ShownCall } from '#contract/claims.ts';
import type { Proposal } from '#contract/proposals.ts';
import { type Look, Mark } from '#ui/mark.tsx';
import { Prose } from '#ui/prose.tsx';
import s from './claim-list.module.css';

const looks: Record<Claim['standing'], Omit<Look, 'word'>> = {
  backed: { icon: Link2, tone: 'completed' },
  not_backed: { icon: CircleX, tone: 'failed' },
  said_only: { icon: MessageSquareQuote, tone: 'waiting' },
};

export function ClaimList({ proposal: { run, claims, mentions = [] } }: { proposal: Proposal }) {
  if (!claims) return null;
  return (
    <section aria-label="Claims" className={s.section}>
      <h2>What shows it</h2>
      {claims.length === 0 && (
        <p className={s.quiet}>
          <CircleHelp size={15} aria-hidden /> It named nothing that shows what it says.
        </p>
      )}
      {claims.length > 0 && (
        <ul className={s.list}>
          {claims.map((claim) => (
            <li key={claim.text} className={s.claim}>
              <Mark look={{ ...looks[claim.standing], word: claimWords[claim.standing] }} />
              <div>
                <p>
                  <Prose text={claim.text} />
                </p>
                {claim.missing.map((name) => (
                  <p key={name} className={s.missing}>
                    <code>{name}</code> is not on record of this run.
                  </p>
                ))}
                <Calls run={run} calls={claim.calls} />
              </div>
            </li>
          ))}
        </ul>
      )}
      {mentions.length > 0 && (
        <details className={s.mentions}>
          <summary>Calls that the description names: {mentions.length}</summary>
          <Calls run={run} calls={mentions.map(({ call }) => call)} />
        </details>
      )}
    </section>
  );
}

function Calls({ run, calls }: { run: string; calls: readonly ShownCall[] }) {
  if (calls.length === 0) return null;
  return (
    <ul className={s.calls}>
      {calls.map((call) => (
        <li key={call.call}>
          <Link href={`/runs/${run}?call=${encodeURIComponent(call.call)}`} className={s.link}>
            {call.tool} <code>{call.target}</code>
          </Link>
          <span className={s.how} data-ok={call.ok}>
            <Ended icon={call.ok ? null : CircleX} call={call} />
          </span>
          {call.excerpt.includes('\n') || call.excerpt.length > 60 ? (
            <details>
              <summary>What it brought back, at its end</summary>
              <pre>{call.excerpt}</pre>
            </details>
          ) : (
            call.excerpt && <samp className={s.excerpt}>{call.excerpt}</samp>
          )}
        </li>
      ))}
    </ul>
  );
}

function Ended({ icon: Icon, call }: { icon: LucideIcon | null; call: ShownCall }) {
  const exit = call.exitCode === null ? (call.ok ? 'done' : 'failed') : `exit ${call.exitCode}`;
  return (
    <>
      {Icon && <Icon size={13} aria-hidden />} {exit}
      {call.changedSince && call.tool === 'Bash' && ', files changed since'}
      {call.by === 'host' && ', linked by its words'}
    </>
  );
}
