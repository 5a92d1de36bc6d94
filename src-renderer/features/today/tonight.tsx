/** The morning's screen: one sentence, what needs a person, what is going on, what the night did and what comes next. */
import { PauseCircle, Plus } from 'lucide-react';
import { LedgerRows } from '#features/routines/ledger-rows.tsx';
import { useAskPause } from '#features/shell/pausing.ts';
import {
  alertsNewestFirst,
  brokenRoutines,
  failedRuns,
  heldRuns,
  ledgerSince,
  nextDue,
  openProposals,
  openQuestions,
  reportsSince,
  runsNewestFirst,
  unwokenRoutines,
  workingRuns,
} from '#state/select.ts';
import { usePausedAll, useSelect } from '#state/use.ts';
import { ButtonLink, HostButton } from '#ui/button.tsx';
import { useNow } from '#ui/now.ts';
import { Page, Section } from '#ui/page.tsx';
import { useRowKeys } from '#ui/row-keys.ts';
import { Nothing } from '#ui/rows.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { money, nextWords, plural } from '#ui/words.ts';
import { AlertNotice } from './alert-notice.tsx';
import { FirstStart } from './first-start.tsx';
import { HeldNow } from './held-now.tsx';
import { MissedNotice } from './missed-notice.tsx';
import { NeedsYou } from './needs-you.tsx';
import { NightLanes } from './night-lanes.tsx';
import { Reports } from './reports.tsx';
import { heldWords, sentenceOf, waitingWords, workingWords } from './sentence.ts';
import { WorkingNow } from './working-now.tsx';

const hours24 = 86_400_000;
/** Due times at first; a routine of every minute has 1,440 a day. */
const listed = 25;

export function Tonight() {
  useRowKeys();
  const now = useNow();
  const since = new Date(now - hours24).toISOString();
  const ready = useSelect((state) => state.seq !== null);
  const fresh = useSelect((state) => state.routines.length === 0 && Object.keys(state.runs).length === 0);
  const alerts = useSelect(alertsNewestFirst);
  const proposals = useSelect(openProposals);
  const questions = useSelect(openQuestions);
  const broken = useSelect(brokenRoutines);
  const unwoken = useSelect(unwokenRoutines);
  const failed = useSelect((state) => failedRuns(state, since));
  const working = useSelect(workingRuns);
  const held = useSelect(heldRuns);
  const paused = usePausedAll(now);
  const askPause = useAskPause();
  const next = useSelect((state) => nextDue(state, paused));
  const ledger = useSelect((state) => ledgerSince(state, since));
  const reports = useSelect((state) => reportsSince(state, since));
  const spent = useSelect((state) =>
    runsNewestFirst(state).reduce((sum, run) => (run.queuedAt >= since ? sum + run.costMicros : sum), 0),
  );

  if (!ready)
    return (
      <Page name="Tonight" sentence="Looking at the night…">
        <Skeleton rows={5} />
      </Page>
    );
  if (fresh && alerts.length === 0) return <FirstStart />;

  const needs = { proposals, questions, broken, unwoken, failed };
  const sentence = sentenceOf(needs, alerts.length);
  const needed = questions.length + proposals.length + broken.length + unwoken.length + failed.length > 0;
  const soonest = next
    ? nextWords(next.routine.spec?.name ?? next.routine.id, next.at, now)
    : paused && paused.until === null
      ? 'Nothing starts until you resume the routines.'
      : 'Nothing is due.';
  return (
    <Page
      name="Tonight"
      sentence={sentence}
      more={
        <p>
          {workingWords(working.length)}
          {waitingWords(questions)}
          {heldWords(held.length)}
          {soonest}
        </p>
      }
      actions={
        <>
          {!paused && (
            <HostButton look="ghost" icon={PauseCircle} onClick={askPause}>
              Pause all…
            </HostButton>
          )}
          <ButtonLink href="/routines/new" icon={Plus} look={needed ? 'plain' : 'primary'}>
            New routine
          </ButtonLink>
        </>
      }
    >
      <p role="status" className="sr-only">
        {sentence}
      </p>
      <AlertNotice alerts={alerts} />
      <MissedNotice since={since} />
      {needed && (
        <Section title="Needs you" flush>
          <NeedsYou needs={needs} />
        </Section>
      )}
      {working.length > 0 && (
        <Section title="Working now" flush>
          <WorkingNow runs={working} now={now} />
        </Section>
      )}
      {held.length > 0 && (
        <Section title="Waiting for the account" flush>
          <HeldNow runs={held} />
        </Section>
      )}
      {reports.length > 0 && (
        <Section title="Reports" flush>
          <Reports runs={reports} />
        </Section>
      )}
      <Section title="Last 24 hours" flush aside={`${plural(ledger.length, 'due time')} · ${money(spent)} spent`}>
        {ledger.length > 0 ? (
          <LedgerRows rows={ledger} page={listed} named />
        ) : (
          <Nothing>Nothing was due in the last 24 hours. Runs started by hand are under Runs.</Nothing>
        )}
      </Section>
      <NightLanes now={now} />
    </Page>
  );
}
