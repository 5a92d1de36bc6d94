/** The very first screen: what this is in two sentences, and two ways to begin. */
import { ArrowRight, Plus } from 'lucide-react';
import { useLocation } from 'wouter';
import { useAction, useHost, useSelect } from '#state/use.ts';
import { ButtonLink, HostButton } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { useTitle } from '#ui/page.tsx';
import s from './first-start.module.css';

const steps = [
  [
    '03:00',
    'Your operating system wakes it',
    'With no window open. Each due time is accounted for, also the ones that could not run.',
  ],
  [
    '03:01',
    'It works in a sandbox',
    'In its own copy of your repository: no network, no home directory, never your checkout.',
  ],
  [
    '07:30',
    'You decide',
    'A change, the checks before and after, what it cost and what was not done. Approve, reject or comment.',
  ],
] as const;

export function FirstStart() {
  useTitle('Welcome');
  const [, go] = useLocation();
  const { refresh } = useHost();
  const rehearsal = useSelect((state) => state.host?.model.rehearsal ?? true);
  const demo = useAction((client) => client.demo.create());
  const create = async () => {
    const made = await demo.run();
    if (!made) return;
    await refresh();
    go(`/routines/${made.routine.id}`);
  };
  return (
    <div className={s.welcome}>
      <header className={s.head}>
        <h1>Put a routine on the night shift.</h1>
        <p>
          Write once what should be done. Nightshift does it while you are away and leaves a proposal with its evidence.
        </p>
      </header>
      <ol className={s.steps}>
        {steps.map(([time, title, words]) => (
          <li key={time} className={s.step}>
            <span className={s.time}>{time}</span>
            <div>
              <h2>{title}</h2>
              <p>{words}</p>
            </div>
          </li>
        ))}
      </ol>
      <div className={s.start}>
        <HostButton look="primary" icon={ArrowRight} busy={demo.busy} onClick={() => void create()}>
          Try it on a demo workspace
        </HostButton>
        <ButtonLink href="/routines/new" icon={Plus}>
          New routine
        </ButtonLink>
      </div>
      <p className={s.note}>
        The demo is a small Node service with a real bug and 20,000 lines of log, in a git repository of its own. Its
        routine, Overnight log triage, finds the cause and proposes the fix.
        {rehearsal && ' Without an API key it plays recorded answers; every command it asks for is really run.'}
      </p>
      {demo.fault && <FaultNote fault={demo.fault} title="The demo workspace could not be made" />}
    </div>
  );
}
