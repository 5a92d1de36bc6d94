/** One routine: what it does, whether it will be woken, when next, and the account of every due time. */
import { Pause, PenLine, Play, RotateCcw, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { RunRows } from '#features/runs/run-rows.tsx';
import { runsNewestFirst } from '#state/select.ts';
import { useAction, useHost, useSelect } from '#state/use.ts';
import { ButtonLink, HostButton } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { useKeys } from '#ui/keys.tsx';
import { lookOfRoutine, Mark } from '#ui/mark.tsx';
import { Page, Section } from '#ui/page.tsx';
import { useRowKeys } from '#ui/row-keys.ts';
import { Skeleton } from '#ui/skeleton.tsx';
import { GrantsSection } from './grants-section.tsx';
import { LedgerSection } from './ledger-section.tsx';
import { LedgerStrip } from './ledger-strip.tsx';
import { MemorySection } from './memory-section.tsx';
import { ProblemNote } from './problem-note.tsx';
import { RemoveRoutine } from './remove-routine.tsx';
import { RoutineFacts } from './routine-facts.tsx';
import s from './routine-view.module.css';
import { TrialSection } from './trial-section.tsx';
import { WhyPanel } from './why-panel.tsx';
import { YearMap } from './year-map.tsx';

export function RoutineView({ id }: { id: string }) {
  useRowKeys();
  const [, go] = useLocation();
  const { refresh } = useHost();
  const [removing, setRemoving] = useState(false);
  const ready = useSelect((state) => state.seq !== null);
  const routine = useSelect((state) => state.routines.find((one) => one.id === id));
  const anyDue = useSelect((state) => state.ledger.some((row) => row.routine === id));
  const byHand = useSelect((state) =>
    runsNewestFirst(state).filter((run) => run.routine === id && run.trigger.kind === 'person'),
  );

  // An address can ask: `?why=2026-11-20T02:00:00Z`.
  const [search] = useSearchParams();
  const linked = search.get('why');
  const [asked, setAsked] = useState(linked);
  const answer = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (linked) setAsked(linked);
  }, [linked]);
  useEffect(() => {
    if (ready && asked) answer.current?.focus();
  }, [ready, asked]);
  const ask = (at: string) => {
    setAsked(at);
    answer.current?.focus();
  };

  const start = useAction((client) => client.routines.run({ routine: id }));
  const pause = useAction(async (client, paused: boolean) => {
    await (paused ? client.routines.pause({ routine: id }) : client.routines.resume({ routine: id }));
    await refresh();
  });
  const runNow = async () => {
    const started = await start.run();
    if (started) go(`/runs/${started.run}`);
  };
  const spec = routine?.spec;
  useKeys(
    spec
      ? {
          r: { what: 'Run now', do: () => void runNow() },
          e: { what: 'Edit', do: () => go(`/routines/${id}/edit`) },
          p: { what: spec.paused ? 'Resume' : 'Pause', do: () => void pause.run(!spec.paused) },
        }
      : {},
  );

  if (!ready)
    return (
      <Page name={id} sentence={id}>
        <Skeleton rows={6} />
      </Page>
    );
  if (!routine)
    return (
      <Page
        name="Not here"
        sentence="There is no such routine."
        more={`Nothing is called ${id}. Runs and proposals it left are kept.`}
        actions={<ButtonLink href="/routines">All routines</ButtonLink>}
      />
    );
  const fault = start.fault ?? pause.fault;
  return (
    <Page
      name={spec?.name ?? id}
      above={<Link href="/routines">Routines</Link>}
      sentence={spec?.name ?? id}
      more={
        <>
          {spec?.description && <p>{spec.description}</p>}
          <div className={s.state}>
            <Mark look={lookOfRoutine(routine)} pill />
          </div>
        </>
      }
      actions={
        <>
          {spec && (
            <>
              <HostButton look="primary" icon={Play} hotkey="r" busy={start.busy} onClick={() => void runNow()}>
                Run now
              </HostButton>
              <HostButton
                icon={spec.paused ? RotateCcw : Pause}
                hotkey="p"
                busy={pause.busy}
                onClick={() => void pause.run(!spec.paused)}
              >
                {spec.paused ? 'Resume' : 'Pause'}
              </HostButton>
              <ButtonLink href={`/routines/${id}/edit`} icon={PenLine} hotkey="e">
                Edit
              </ButtonLink>
            </>
          )}
          <HostButton look="danger" icon={Trash2} bare onClick={() => setRemoving(true)} title="Remove this routine">
            Remove this routine
          </HostButton>
        </>
      }
    >
      {fault && <FaultNote fault={fault} title={start.fault ? 'It did not start' : 'That did not work'} />}
      {routine.problem && (
        <div>
          <p>This routine is left alone until its folder can be read. Nothing else is affected.</p>
          <ProblemNote problem={routine.problem} />
        </div>
      )}
      <div className={s.columns}>
        <div className={s.story}>
          {spec && anyDue && (
            <Section title="Last 14 days">
              <LedgerStrip routine={id} zone={spec.timeZone} height={40} legible />
            </Section>
          )}
          {spec && <YearMap routine={routine} spec={spec} />}
          <WhyPanel routine={id} zone={spec?.timeZone} asked={asked} onAsk={ask} answer={answer} />
          <LedgerSection routine={id} zone={spec?.timeZone} onWhy={ask} />
          <GrantsSection routine={id} />
          <MemorySection spec={spec} />
          {spec && <TrialSection routine={id} />}
          {byHand.length > 0 && (
            <Section title="Started by hand" flush>
              <RunRows runs={byHand.slice(0, 20)} label="Runs started by hand" ofRoutine />
            </Section>
          )}
          {spec && (
            <Section title="What it is told">
              <p className={s.prompt}>{spec.prompt}</p>
            </Section>
          )}
        </div>
        <aside className={s.facts} aria-label="Facts">
          <RoutineFacts routine={routine} />
        </aside>
      </div>
      <RemoveRoutine routine={routine} open={removing} onClose={() => setRemoving(false)} />
    </Page>
  );
}
