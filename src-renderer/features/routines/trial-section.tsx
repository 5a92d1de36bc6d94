/** One trial run before a routine is trusted: how it stands, what it needs as a list to sign, what it may never have. */
import { FlaskConical, PenLine } from 'lucide-react';
import { Link } from 'wouter';
import type { Needed, Trial, Wanted } from '#contract/trials.ts';
import { visible } from '#contract/visible.ts';
import { grantedText } from '#features/questions/granted-text.ts';
import { ownDoor } from '#link/door.ts';
import { runsNewestFirst } from '#state/select.ts';
import { useAction, useAnswer, useSelect } from '#state/use.ts';
import { useAgain } from '#state/use-again.ts';
import { HostButton } from '#ui/button.tsx';
import { Confirm } from '#ui/confirm.tsx';
import { ExactText } from '#ui/exact.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { lookOfRun, Mark } from '#ui/mark.tsx';
import { Section } from '#ui/page.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { useToast } from '#ui/toasts.tsx';
import { Ago, At } from '#ui/when.tsx';
import { money, plural, sentence, span } from '#ui/words.ts';
import s from './trial-section.module.css';

export function TrialSection({ routine }: { routine: string }) {
  const toast = useToast();
  const read = useAnswer(`trial ${routine}`, (client) => client.routines.trial({ routine }));
  // It moves on when a run of the routine does, and when a grant of it comes or goes.
  const moved = useSelect((state) => {
    const latest = runsNewestFirst(state).find((run) => run.routine === routine);
    return `${latest?.id} ${latest?.state} ${state.grantsStale} ${state.routinesStale}`;
  });
  useAgain(read.again, moved);
  const start = useAction(async (client) => {
    const { detail } = await client.routines.rehearse({ routine });
    read.again();
    toast({ title: 'A trial run is due in a few seconds', description: sentence(detail) });
  });
  const none = read.is === 'failed' && read.fault.code === 'not_found';
  const going = read.is === 'here' && read.value.state !== 'ended';
  return (
    <Section
      title="Trial run"
      aside={
        <HostButton icon={FlaskConical} busy={start.busy} disabled={going} onClick={() => void start.run()}>
          Trial run
        </HostButton>
      }
    >
      <div className={s.trial}>
        {start.fault && <FaultNote fault={start.fault} title="It did not start" />}
        {read.is === 'loading' && <Skeleton rows={2} />}
        {read.is === 'failed' && !none && <FaultNote fault={read.fault} title="Its trial run cannot be read" />}
        {none && (
          <p className={s.quiet}>
            Not tried yet. A trial run goes the real way through the operating system’s timer. What would leave this
            machine is recorded instead of done, nothing lands, and it ends in a list that you can sign.
          </p>
        )}
        {read.is === 'here' && <State trial={read.value} />}
        {read.is === 'here' && read.value.state === 'ended' && <Harvest trial={read.value} />}
      </div>
    </Section>
  );
}

function State({ trial }: { trial: Trial }) {
  const { state, dueAt, run, outcome, reason, costMicros, toolCalls, milliseconds } = trial;
  const known = useSelect((all) => (run ? all.runs[run] : undefined));
  const over = state === 'ended' && known?.state === 'ended';
  if (state === 'waiting')
    return (
      <p>
        Waits for its instant, <At at={dueAt} within />.
      </p>
    );
  return (
    <>
      <div className={s.facts}>
        <Mark look={lookOfRun(over ? known : { state: state === 'running' ? 'running' : 'ended', outcome })} pill />
        <Ago at={dueAt} />
        <span>{plural(toolCalls, 'tool call')}</span>
        <span>{money(costMicros)}</span>
        <span>{span(milliseconds)}</span>
        {run && (
          <Link href={`/runs/${run}`} className={s.link}>
            What it did
          </Link>
        )}
      </div>
      {reason && outcome !== 'proposed' && <p className={s.quiet}>{sentence(visible(reason.message))}</p>}
    </>
  );
}

function Harvest({ trial }: { trial: Trial }) {
  const toast = useToast();
  const { routine, bind, needed, recorded, refused, environment, current } = trial;
  const open = needed.filter(({ inForce }) => !inForce);
  const sign = useAction(async (client) => {
    const given = await client.routines.signTrial({ routine, bind, door: ownDoor() });
    toast({
      title: `${plural(given.length, 'grant')} given`,
      description: 'They hold while the routine stays what it is.',
    });
  });
  return (
    <>
      {needed.length === 0 && <p>It needs nothing that is not allowed already.</p>}
      {needed.length > 0 && (
        <div>
          <h3 className={s.head}>It needs</h3>
          <ul className={s.list} aria-label="It needs">
            {needed.map((one) => (
              <NeededRow key={grantedText(one.granted)} needed={one} />
            ))}
          </ul>
        </div>
      )}
      {sign.fault && <FaultNote fault={sign.fault} title="It was not signed" />}
      {open.length > 0 && !current && (
        <p className={s.stale}>The routine was changed since. Try it again: only what it is now can be signed.</p>
      )}
      {open.length > 0 && current && (
        <Confirm
          look="primary"
          icon={PenLine}
          words={`Sign ${plural(open.length, 'grant')}`}
          ask="Allowed for good, exactly as listed?"
          yes="Sign"
          no="Not now"
          busy={sign.busy}
          onYes={() => void sign.run()}
        />
      )}
      <WantedList title="Recorded instead of done" wanted={recorded} />
      <WantedList title="Cannot be granted" wanted={refused} />
      {environment.length > 0 && (
        <p className={s.quiet}>
          Its commands read these variables: <code>{environment.map(visible).join(', ')}</code>
        </p>
      )}
    </>
  );
}

function NeededRow({ needed: { granted, times, code, inForce } }: { needed: Needed }) {
  return (
    <li>
      <code className={s.exact}>
        <ExactText text={grantedText(granted)} />
      </code>
      <span className={s.quiet}>
        {granted.kind}, wanted {times === 1 ? 'once' : `${times} times`}, <code>{visible(code)}</code>
        {inForce && ', in force already'}
      </span>
    </li>
  );
}

function WantedList({ title, wanted }: { title: string; wanted: readonly Wanted[] }) {
  if (wanted.length === 0) return null;
  return (
    <div>
      <h3 className={s.head}>{title}</h3>
      <ul className={s.list} aria-label={title}>
        {[...new Map(wanted.map((one) => [`${one.code} ${one.what}`, one]))].map(([key, { what, code, why }]) => (
          <li key={key}>
            <code className={s.exact}>
              <ExactText text={what} />
            </code>
            <span className={s.quiet}>
              {sentence(visible(why))} <code>{visible(code)}</code>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
