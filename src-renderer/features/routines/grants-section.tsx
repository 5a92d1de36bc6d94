/** What a routine may do for good: each rule and host, since when, where it was given, how it is taken back, and what lapsed. */
import { ShieldCheck, ShieldX } from 'lucide-react';
import { Link } from 'wouter';
import type { Grant } from '#contract/grants.ts';
import { visible } from '#contract/visible.ts';
import { grantedText } from '#features/questions/granted-text.ts';
import { ownDoor } from '#link/door.ts';
import { useAction, useAnswer, useSelect } from '#state/use.ts';
import { useAgain } from '#state/use-again.ts';
import { Confirm } from '#ui/confirm.tsx';
import { ExactText } from '#ui/exact.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { type Look, Mark } from '#ui/mark.tsx';
import { Section } from '#ui/page.tsx';
import { Nothing } from '#ui/rows.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { At } from '#ui/when.tsx';
import { plural, sentence } from '#ui/words.ts';
import s from './grants-section.module.css';

const looks: Record<Grant['state'], Look> = {
  active: { icon: ShieldCheck, word: 'In force', tone: 'completed' },
  lapsed: { icon: ShieldX, word: 'Lapsed', tone: 'idle' },
  revoked: { icon: ShieldX, word: 'Revoked', tone: 'idle' },
};

export function GrantsSection({ routine }: { routine: string }) {
  // Whatever is given or taken back, through whichever door, asks again without a gap.
  const stale = useSelect((state) => state.grantsStale);
  const read = useAnswer(`grants ${routine}`, (client) => client.grants.list({ routine, limit: 1000 }));
  useAgain(read.again, stale);
  const grants = read.is === 'here' ? read.value : [];
  const active = grants.filter(({ state }) => state === 'active');
  const ended = grants.filter(({ state }) => state !== 'active');
  return (
    <Section title="What it may do for good" flush>
      {read.is === 'loading' && <Skeleton rows={2} height={46} />}
      {read.is === 'failed' && <FaultNote fault={read.fault} title="Its grants cannot be read" />}
      {read.is === 'here' && active.length === 0 && (
        <Nothing>
          Nothing beyond its rules. “Always for this routine” on a question, or a signed trial run, puts it here.
        </Nothing>
      )}
      {active.length > 0 && (
        <ul aria-label="In force" className={s.list}>
          {active.map((grant) => (
            <GrantRow key={grant.id} grant={grant} />
          ))}
        </ul>
      )}
      {ended.length > 0 && (
        <details className={s.ended}>
          <summary>{plural(ended.length, 'grant')} no longer in force</summary>
          <ul aria-label="No longer in force" className={s.list}>
            {ended.map((grant) => (
              <GrantRow key={grant.id} grant={grant} />
            ))}
          </ul>
        </details>
      )}
    </Section>
  );
}

function GrantRow({ grant }: { grant: Grant }) {
  const { granted, state, givenAt, givenBy, endedAt, ended } = grant;
  const text = grantedText(granted);
  const revoke = useAction((client) => client.grants.revoke({ grant: grant.id, door: ownDoor() }));
  return (
    <li className={s.grant}>
      <div className={s.what}>
        <Mark look={looks[state]} />
        <code>
          <ExactText text={text} />
        </code>
      </div>
      <div className={s.about}>
        <span>
          {granted.kind === 'host' ? 'Host' : 'Rule'}, given <At at={givenAt} within /> in the {givenBy}, from{' '}
          <From grant={grant} />
        </span>
        {endedAt && (
          <span>
            Ended <At at={endedAt} within />. {ended && sentence(visible(ended))}
          </span>
        )}
        {state === 'active' && (
          <Confirm
            look="danger"
            words="Revoke"
            label={`Revoke ${visible(text)}`}
            ask="It is asked again from the next call on."
            yes="Revoke it"
            no="Keep it"
            busy={revoke.busy}
            onYes={() => void revoke.run()}
          />
        )}
      </div>
      {revoke.fault && <FaultNote fault={revoke.fault} title="It was not revoked" />}
    </li>
  );
}

/** Leads to the run where it was asked, if the page knows it. */
function From({ grant: { from } }: { grant: Grant }) {
  const asking = useSelect((state) => (from.kind === 'question' ? state.questions[from.question]?.run : from.run));
  const words = from.kind === 'question' ? 'a question' : 'a trial run';
  return asking ? (
    <Link href={`/runs/${asking}`} className={s.link}>
      {words}
    </Link>
  ) : (
    words
  );
}
