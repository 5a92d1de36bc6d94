/** The last question before a decision; what the host refuses is shown here, with its cure. */
import { useRef, useState } from 'react';
import type { Proposal } from '#contract/proposals.ts';
import { visible } from '#contract/visible.ts';
import { useAction } from '#state/use.ts';
import { Button, HostButton } from '#ui/button.tsx';
import { Dialog, DialogActions } from '#ui/dialog.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { Field, monoClass, textClass } from '#ui/field.tsx';
import { TickBox } from '#ui/tick-box.tsx';
import { useToast } from '#ui/toasts.tsx';
import { plural, sentence } from '#ui/words.ts';
import { describeChange, verdict } from './claims.ts';
import s from './decide.module.css';
import { filesThatRun, wouldRun } from './files-that-run.ts';

export type Question = 'approve' | 'reject';

interface DecideProps {
  proposal: Proposal;
  question: Question | null;
  /** Comments that were written and not sent. */
  unsent: number;
  onClose(): void;
}

export function Decide({ proposal, question, unsent, onClose }: DecideProps) {
  return (
    <>
      <Dialog open={question === 'approve'} onClose={onClose} title="Approve this change?">
        <Approve proposal={proposal} unsent={unsent} onClose={onClose} />
      </Dialog>
      <Dialog open={question === 'reject'} onClose={onClose} title="Reject this change?">
        <Reject proposal={proposal} onClose={onClose} />
      </Dialog>
    </>
  );
}

function Approve({ proposal, unsent, onClose }: Omit<DecideProps, 'question'>) {
  const toast = useToast();
  const [into, setInto] = useState(proposal.baseBranch);
  const branch = useRef<HTMLInputElement>(null);
  const running = filesThatRun(proposal.files);
  const [looked, setLooked] = useState(false);
  const approve = useAction((client) =>
    client.proposals.approve({
      ...{ proposal: proposal.id, into: into.trim() },
      ...(running.length > 0 && { withFilesThatRun: looked }),
    }),
  );
  const submit = async () => {
    const landed = await approve.run();
    if (!landed) {
      branch.current?.focus();
      return;
    }
    onClose();
    toast({ title: `Landed on ${landed.into}`, description: `as ${landed.landedAs?.slice(0, 8)}` });
  };
  const { fault } = approve;
  // The branch that was asked for cannot take the change as it is: the field to mend it in is right here.
  const taken =
    fault?.code === 'repo.conflict' || fault?.code === 'repo.checkout_dirty' ? sentence(fault.message) : null;
  return (
    <form
      style={{ display: 'contents' }}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <p>
        {describeChange(proposal)}; {verdict(proposal).words}.
        {unsent > 0 && ` ${plural(unsent, 'comment of yours is', 'comments of yours are')} not sent.`}
      </p>
      <Field
        label="Onto branch"
        error={taken ? `It did not land; nothing was changed.\n${taken}\nChoose another branch above.` : undefined}
        hint="A branch that does not exist is created. Work you have not committed is never touched."
      >
        {(ids) => (
          <input
            {...ids}
            ref={branch}
            className={monoClass}
            value={into}
            spellCheck={false}
            onChange={(event) => {
              approve.clear();
              setInto(event.target.value);
            }}
          />
        )}
      </Field>
      {running.length > 0 && (
        <section className={s.running} aria-label={wouldRun}>
          <h3>{wouldRun}, outside the sandbox</h3>
          <ul>
            {running.map(({ path, runsHere }) => (
              <li key={path}>
                <code>{visible(path)}</code>: {sentence(runsHere ?? '')}
              </li>
            ))}
          </ul>
          <TickBox
            label={`I have looked at ${running.length === 1 ? 'the one file that' : `the ${running.length} files that`} would run on this machine.`}
            checked={looked}
            onChange={setLooked}
          />
        </section>
      )}
      {approve.fault && !taken && <FaultNote fault={approve.fault} title="It did not land; nothing was changed" />}
      <DialogActions>
        <Button onClick={onClose}>Not yet</Button>
        <HostButton
          type="submit"
          look="primary"
          busy={approve.busy}
          disabled={into.trim() === '' || (running.length > 0 && !looked)}
        >
          Approve
        </HostButton>
      </DialogActions>
    </form>
  );
}

function Reject({ proposal, onClose }: { proposal: Proposal; onClose(): void }) {
  const toast = useToast();
  const [reason, setReason] = useState('');
  const reject = useAction((client) =>
    client.proposals.reject({ proposal: proposal.id, ...(reason.trim() && { reason: reason.trim() }) }),
  );
  const submit = async () => {
    if (!(await reject.run())) return;
    onClose();
    toast({ title: 'Rejected', description: 'Its branch is kept for 14 days.' });
  };
  return (
    <form
      style={{ display: 'contents' }}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <p>
        Nothing lands. The branch <code>{proposal.branch}</code> is kept for 14 days, then deleted.
      </p>
      <Field label="Why" optional>
        {(ids) => (
          <textarea
            {...ids}
            className={textClass}
            rows={3}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
      {reject.fault && <FaultNote fault={reject.fault} />}
      <DialogActions>
        <Button onClick={onClose}>Keep it open</Button>
        <HostButton type="submit" look="danger" busy={reject.busy}>
          Reject
        </HostButton>
      </DialogActions>
    </form>
  );
}
