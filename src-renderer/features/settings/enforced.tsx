/** What is enforced right now: what the sandbox answers to a trial, and what it proved when it was last needed. */
import { ShieldAlert, ShieldCheck } from 'lucide-react';
import { Link } from 'wouter';
import type { DoctorCheck } from '#contract/host.ts';
import type { Run } from '#contract/runs.ts';
import { runsNewestFirst } from '#state/select.ts';
import { useNames, useSelect } from '#state/use.ts';
import { Section } from '#ui/page.tsx';
import { Prose } from '#ui/prose.tsx';
import { At } from '#ui/when.tsx';
import { capital, plural, sentence } from '#ui/words.ts';
import s from './enforced.module.css';

/** Of the self-check: what is about the sandbox. */
export const ofSandbox = ({ name }: DoctorCheck): boolean => /sandbox/i.test(name);

/** @param checks of the sandbox, never empty */
export function Enforced({ checks }: { checks: readonly DoctorCheck[] }) {
  const last = useSelect((state) => runsNewestFirst(state).find(({ enforced }) => enforced.length > 0));
  const holds = checks.every(({ state }) => state === 'ok');
  const failed = checks.some(({ state }) => state === 'failed');
  const Icon = holds ? ShieldCheck : ShieldAlert;
  return (
    <Section title="What is enforced right now">
      <div className={s.enforced}>
        <p className={s.verdict} data-state={holds ? 'ok' : failed ? 'failed' : 'warning'}>
          <Icon size={17} aria-hidden />
          {holds && 'The sandbox holds what it promises.'}
          {failed && 'The sandbox does not hold: no run starts until it does.'}
          {!holds && !failed && 'The sandbox holds, with limits.'}
        </p>
        {checks.map((check) => (
          <Check key={check.name} check={check} several={checks.length > 1} />
        ))}
        {last ? <LastProof run={last} /> : <p className={s.quiet}>No run has needed it yet.</p>}
      </div>
    </Section>
  );
}

function Check({ check, several }: { check: DoctorCheck; several: boolean }) {
  const { name, detail, items = [], cure, state } = check;
  // The sandbox lists what it bounds, one phrase after the other.
  const phrases = items.length > 0 ? items : detail.split(/,\s+/);
  const list = state === 'ok' && phrases.length > 1;
  return (
    <div>
      {several && <h3>{capital(name)}</h3>}
      {list ? (
        <ul className={s.list}>
          {phrases.map((phrase) => (
            <li key={phrase}>
              <ShieldCheck size={14} aria-hidden /> <Prose text={capital(phrase)} />
            </li>
          ))}
        </ul>
      ) : (
        <p>
          <Prose text={sentence(capital(detail))} />
        </p>
      )}
      {state !== 'ok' && cure && (
        <p>
          <Prose text={sentence(capital(cure))} />
        </p>
      )}
    </div>
  );
}

function LastProof({ run }: { run: Run }) {
  const name = useNames();
  return (
    <details className={s.proof}>
      <summary>
        Proven by the last run, {name(run.routine)}: {plural(run.enforced.length, 'bound')}
      </summary>
      <ul className={s.list}>
        {run.enforced.map((phrase) => (
          <li key={phrase}>
            <ShieldCheck size={14} aria-hidden /> {capital(phrase)}
          </li>
        ))}
      </ul>
      <p className={s.quiet}>
        <Link href={`/runs/${run.id}`} className={s.link}>
          {run.id}
        </Link>
        , <At at={run.processSeenAt ?? run.startedAt ?? run.queuedAt} />
      </p>
    </details>
  );
}
