/** Why a run ended as it did and what to do next, each on a line of its own. */
import type { Reason, Run } from '#contract/runs.ts';
import { isReport, rehearsalEnd, summary } from '#state/report.ts';
import { useSelect } from '#state/use.ts';
import { nextStep, type Step } from '#ui/next-step.ts';
import { NextStepLine } from '#ui/next-step-line.tsx';
import { Prose } from '#ui/prose.tsx';
import { sentence } from '#ui/words.ts';

/** One line for a row; empty where nothing was said. */
export function endedInShort(run: Pick<Run, 'outcome' | 'reason'> & Partial<Pick<Run, 'permissionMode'>>): string {
  if (!run.reason) return '';
  const { message } = run.reason;
  return isReport(run) ? summary(message) : sentence(rehearsalEnd(message) ?? message);
}

export function EndedWords({ run, reason }: { run: Pick<Run, 'routine' | 'outcome'>; reason: Reason }) {
  const ranOut = rehearsalEnd(reason.message);
  const modelStep = useModelStep(run.routine);
  const step = ranOut === null ? nextStep(reason) : modelStep;
  return (
    <>
      <p>
        <Prose text={sentence(ranOut ?? reason.message)} />
      </p>
      {step && <NextStepLine step={step} />}
    </>
  );
}

/** What a rehearsal that ran out needs: another model where this one was chosen, else a key. */
function useModelStep(id: string): Step {
  const chosen = useSelect((state) => state.routines.find((one) => one.id === id)?.spec?.model === 'rehearsal');
  const keyless = useSelect((state) => state.host?.model.rehearsal ?? true);
  if (chosen)
    return {
      words: 'Its routine is set to rehearse.',
      href: `/routines/${id}/edit`,
      link: 'Choose another model for it',
    };
  return keyless
    ? { words: 'With a key the same routine runs on a real model.', href: '/settings', link: 'Store a key in Settings' }
    : { words: 'There is a key now: run it again.', href: `/routines/${id}`, link: 'Open the routine' };
}
