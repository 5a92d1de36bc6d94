/** One run: what came of it, what it said and did, live, and the facts beside it. */
import { FlaskConical, GitPullRequestArrow, Info, Link2, MessagesSquare, ShieldAlert, Square } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { type Standing, standingOf } from '#contract/aims.ts';
import type { FaultData } from '#contract/faults.ts';
import { isTrial, type Run } from '#contract/runs.ts';
import { asFault } from '#link/fault.ts';
import { isReport } from '#state/report.ts';
import { useAction, useHost, useLive, useNames, useSelect } from '#state/use.ts';
import { Button, ButtonLink, HostButton } from '#ui/button.tsx';
import { Dialog, DialogActions } from '#ui/dialog.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { useKeys } from '#ui/keys.tsx';
import { type Look, lookOfRun, Mark } from '#ui/mark.tsx';
import { Page } from '#ui/page.tsx';
import { RehearsalBadge } from '#ui/rehearsal-badge.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { money, plural, span } from '#ui/words.ts';
import { AimPanel } from './aim-panel.tsx';
import { AuditView } from './audit-view.tsx';
import { Composer } from './composer.tsx';
import { EndedWords } from './ended-words.tsx';
import { ExportButton } from './export-button.tsx';
import { HandOverButton } from './hand-over-button.tsx';
import { HeldNote } from './held-note.tsx';
import { HookBar } from './hook-bar.tsx';
import { InstructionBar } from './instruction-bar.tsx';
import { ParkedNote } from './parked-note.tsx';
import { PolicyBar } from './policy-bar.tsx';
import { RunFacts } from './run-facts.tsx';
import { took } from './run-rows.tsx';
import s from './run-view.module.css';
import { SessionBadge } from './session-badge.tsx';
import { Transcript } from './transcript.tsx';
import { TurnDialog } from './turn-dialog.tsx';

export function RunView({ id }: { id: string }) {
  const run = useSelect((state) => state.runs[id]);
  const transcript = useSelect((state) => state.transcripts[id]);
  const name = useNames();
  const fault = useOpenRun(id);
  const [search] = useSearchParams();
  const audit = search.get('view') === 'audit';
  if (!run)
    return (
      <Page
        name="Run"
        sentence={fault || transcript ? 'There is no such run.' : 'Reading the run…'}
        actions={transcript && !fault && <ButtonLink href="/runs">All runs</ButtonLink>}
      >
        {fault ? <FaultNote fault={{ field: 'run', ...fault }} /> : !transcript && <Skeleton rows={6} />}
      </Page>
    );
  return (
    <Page
      fill
      name={name(run.routine)}
      above={<Link href="/runs">Runs</Link>}
      sentence={
        <>
          {name(run.routine)} {sentenceOf(run)}
        </>
      }
      facts={<Header run={run} tainted={transcript?.tainted ?? false} />}
      actions={<Actions run={run} audit={audit} />}
    >
      {run.parkedOn && !audit && <ParkedNote key={run.parkedOn} id={run.parkedOn} />}
      {run.held && !audit && <HeldNote held={run.held} />}
      {!audit && <Bars run={run} />}
      <div className={s.panes}>
        {audit ? <AuditView run={id} /> : <Told run={run} fault={fault} />}
        <aside className={s.facts} aria-label="Facts of this run">
          <RunFacts run={run} />
        </aside>
      </div>
    </Page>
  );
}

/** What the run worked under: one frame, a line each, nothing where there is nothing. */
function Bars({ run }: { run: Run }) {
  const transcript = useSelect((state) => state.transcripts[run.id]);
  return (
    <div className={s.bars}>
      <AimPanel run={run} />
      {transcript?.policy && <PolicyBar run={run} policy={transcript.policy} />}
      {transcript && transcript.instructed.length > 0 && (
        <InstructionBar instructed={transcript.instructed} memory={transcript.memory} />
      )}
      {transcript?.hooks && <HookBar loaded={transcript.hooks} repository={run.repository} />}
    </div>
  );
}

/** The transcript, or why there is none yet. */
function Told({ run, fault }: { run: Run; fault: FaultData | null }) {
  const transcript = useSelect((state) => state.transcripts[run.id]);
  const speech = useSelect((state) => state.speech[run.id]);
  const [search] = useSearchParams();
  const [turn, setTurn] = useState<number | null>(null);
  const { agents } = run;
  const transcripts = transcript?.threads;
  const threads = useMemo(
    () => ({ run: run.id, agents: agents ?? [], transcripts: transcripts ?? new Map() }),
    [run.id, agents, transcripts],
  );
  if (!transcript)
    return (
      <div className={s.transcript}>{fault ? <FaultNote fault={fault} /> : <Skeleton rows={10} height={34} />}</div>
    );
  return (
    <div className={s.told}>
      <section className={s.transcript} aria-label="Transcript">
        <Transcript
          rows={transcript.rows}
          threads={threads}
          speech={speech}
          at={search.get('call')}
          going={run.state !== 'ended'}
          report={isReport(run) ? (run.reason?.message ?? null) : null}
          onTurn={setTurn}
        />
      </section>
      <Composer run={run} onFork={() => setTurn(run.turns)} />
      <TurnDialog key={turn} run={run} turn={turn} onClose={() => setTurn(null)} />
    </div>
  );
}

const trialLook: Look = { icon: FlaskConical, word: 'Trial run', tone: 'idle' };
const taintedLook: Look = { icon: ShieldAlert, word: 'Tainted', tone: 'failed' };

function Header({ run, tainted }: { run: Run; tainted: boolean }) {
  const time = took(run);
  return (
    <div className={s.header}>
      <Mark look={lookOfRun(run)} pill />
      <SessionBadge run={run} pill />
      {isTrial(run) && <Mark look={trialLook} pill />}
      {tainted && (
        <span title="What a call brought back speaks to the agent. Whatever reaches outside is asked since.">
          <Mark look={taintedLook} pill />
        </span>
      )}
      {run.rehearsal ? <RehearsalBadge /> : run.model && <span>{run.model}</span>}
      <span>{money(run.costMicros)}</span>
      <span>{plural(run.turns, 'turn')}</span>
      <span>{plural(run.toolCalls, 'tool call')}</span>
      {time !== null && <span>{span(time)}</span>}
      {run.state === 'running' && !run.parkedOn && !run.held && <code className={s.activity}>{run.activity}</code>}
      {run.reason && run.outcome !== 'proposed' && !isReport(run) && (
        <div className={s.reason}>
          <EndedWords run={run} reason={run.reason} />
        </div>
      )}
    </div>
  );
}

function sentenceOf(run: Run): string {
  const standing = standingOf(run);
  if (run.state === 'queued') return 'is waiting to start.';
  if (run.parkedOn) return 'waits for your answer.';
  if (run.held) return 'waits for a limit of its account to lift.';
  if (run.state === 'running') return 'is working.';
  if (standing && standing !== 'interrupted') return standingSentences[standing];
  if (run.outcome === 'proposed') return 'proposed a change.';
  if (isReport(run)) return 'left a report.';
  if (run.outcome === 'nothing_to_propose') return 'had nothing to propose.';
  return run.outcome === 'stopped' ? 'was stopped.' : 'failed.';
}

const standingSentences: Record<Exclude<Standing, 'interrupted'>, string> = {
  satisfied: 'satisfies its rubric.',
  goal_met: 'has met its goal.',
  goal_not_met: 'has not met its goal.',
  goal_impossible: 'found its goal impossible.',
  not_judged: 'has a goal that nobody could judge.',
  needs_revision: 'needs revision.',
  max_iterations_reached: 'needs revision, and its tries are used up.',
  not_graded: 'could not be graded.',
};

function Actions({ run, audit }: { run: Run; audit: boolean }) {
  const [asking, setAsking] = useState(false);
  const [facts, setFacts] = useState(false);
  const stop = useAction(async (client) => {
    await client.runs.stop({ run: run.id });
    setAsking(false);
  });
  const going = run.state !== 'ended';
  useKeys(going ? { s: { what: 'Stop this run', do: () => setAsking(true) } } : {});
  return (
    <>
      <div className={s.narrow}>
        <Button icon={Info} onClick={() => setFacts(true)}>
          Facts
        </Button>
      </div>
      <Dialog open={facts} onClose={() => setFacts(false)} title="Facts of this run">
        <RunFacts run={run} />
      </Dialog>
      {audit ? (
        <ButtonLink href={`/runs/${run.id}`} icon={MessagesSquare}>
          Transcript
        </ButtonLink>
      ) : (
        <ButtonLink href={`/runs/${run.id}?view=audit`} icon={Link2}>
          Audit
        </ButtonLink>
      )}
      <HandOverButton run={run} />
      <ExportButton run={run} />
      {run.proposal && (
        <ButtonLink href={`/proposals/${run.proposal}`} icon={GitPullRequestArrow} look={going ? 'plain' : 'primary'}>
          Open the proposal
        </ButtonLink>
      )}
      {going && (
        <HostButton look="danger" icon={Square} hotkey="s" onClick={() => setAsking(true)}>
          Stop
        </HostButton>
      )}
      <Dialog open={asking && going} onClose={() => setAsking(false)} title="Stop this run?">
        <p>It ends now, with the outcome “Stopped”. What it wrote stays on its branch; it is not taken up again.</p>
        {stop.fault && <FaultNote fault={stop.fault} />}
        <DialogActions>
          <Button onClick={() => setAsking(false)}>Let it work</Button>
          <HostButton look="danger" busy={stop.busy} onClick={() => void stop.run()}>
            Stop it
          </HostButton>
        </DialogActions>
      </Dialog>
    </>
  );
}

/** Reads the run's events once; the link keeps them fresh from then on. */
function useOpenRun(id: string): FaultData | null {
  const { openRun } = useHost();
  const live = useLive();
  const known = useSelect((state) => id in state.transcripts);
  const [fault, setFault] = useState<FaultData | null>(null);
  useEffect(() => {
    if (!live || known) return;
    let current = true;
    openRun(id).catch((thrown: unknown) => current && setFault(asFault(thrown)));
    return () => {
      current = false;
    };
  }, [id, live, known, openRun]);
  return fault;
}
