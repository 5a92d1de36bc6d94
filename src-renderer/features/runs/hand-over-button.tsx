/** Hands a session over to another machine as one file; asks first, for it never goes on here after that. */
import { ArrowRightFromLine } from 'lucide-react';
import { useState } from 'react';
import type { Run } from '#contract/runs.ts';
import { ownDoor } from '#link/door.ts';
import { useAction } from '#state/use.ts';
import { Button, HostButton } from '#ui/button.tsx';
import { Dialog, DialogActions } from '#ui/dialog.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { save } from './save-file.ts';

export function HandOverButton({ run }: { run: Run }) {
  const [asking, setAsking] = useState(false);
  const { busy, fault, ...make } = useAction(async (client) => {
    const { name, text } = await client.runs.handOver({ run: run.id, door: ownDoor() });
    save(name, text);
    setAsking(false);
  });
  const rests = run.state === 'ended' || run.parkedOn !== null || run.held;
  if (!rests || run.turns === 0) return null;
  return (
    <>
      <HostButton
        icon={ArrowRightFromLine}
        title="Go on with this session on another machine"
        onClick={() => setAsking(true)}
      >
        Hand over
      </HostButton>
      <Dialog open={asking} onClose={() => setAsking(false)} title="Hand this session over?">
        <p>
          {run.handedOver
            ? 'It was handed over already. You get the same file again.'
            : 'You get one file, freed of secrets. The session goes on wherever it is taken, and never here again.'}
        </p>
        <p>
          There: <code>nightshift runs take &lt;file&gt; --repo &lt;dir&gt;</code>
        </p>
        {fault && <FaultNote fault={fault} />}
        <DialogActions>
          <Button onClick={() => setAsking(false)}>Keep it here</Button>
          <HostButton look="primary" busy={busy} onClick={() => void make.run()}>
            Hand it over
          </HostButton>
        </DialogActions>
      </Dialog>
    </>
  );
}
