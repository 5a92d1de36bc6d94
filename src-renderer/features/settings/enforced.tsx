/** What is enforced right now: each bound as it was tried in a sandbox of its own, and what the last run's had proven. */
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
  const bounds = boundsOf(checks);
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
        {checks
          .filter(({ name, state }) => state !== 'ok' && !trial.test(name))
          .map((check) => (
            <Trouble key={check.name} check={check} />
          ))}
        {bounds.length > 0 && <Bounds bounds={bounds} />}
        {last ? <LastProof run={last} /> : <p className={s.quiet}>No run has needed it yet.</p>}
      </div>
    </Section>
  );
}

interface Bound {
  words: string;
  /** How it was seen; null: not told. */
  seen: string | null;
  held: boolean;
}

const trial = /^sandbox: /;

/** One trial each; where none could be made, the phrases in which the sandbox says what it bounds. */
function boundsOf(checks: readonly DoctorCheck[]): Bound[] {
  const tried = checks.filter(({ name }) => trial.test(name));
  if (tried.length > 0)
    return tried.map(({ name, detail, state }) => ({
      words: name.replace(trial, ''),
      seen: detail,
      held: state === 'ok',
    }));
  return checks.flatMap(({ name, items, state }) =>
    name === 'sandbox' && state === 'ok' ? (items ?? []).map((words) => ({ words, seen: null, held: true })) : [],
  );
}

function Bounds({ bounds }: { bounds: readonly Bound[] }) {
  return (
    <ul className={s.list} aria-label="Bounds">
      {bounds.map(({ words, seen, held }) => (
        <li key={words} data-held={held}>
          {held ? <ShieldCheck size={14} aria-hidden /> : <ShieldAlert size={14} aria-hidden />}
          <span>
            {!held && 'Does not hold: '}
            {held ? capital(words) : words}
            {seen && <span className={s.seen}> {seen}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** What is not well, with its cure. */
function Trouble({ check: { detail, cure } }: { check: DoctorCheck }) {
  return (
    <p>
      <Prose text={[sentence(capital(detail)), cure && sentence(capital(cure))].filter(Boolean).join(' ')} />
    </p>
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
        , <At at={run.processSeenAt ?? run.startedAt ?? run.queuedAt} within />
      </p>
    </details>
  );
}
