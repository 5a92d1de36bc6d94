/** Hands a run that is over to the person as a file that can be replayed anywhere. */
import { Download } from 'lucide-react';
import type { Run } from '#contract/runs.ts';
import { useAction } from '#state/use.ts';
import { Button, HostButton } from '#ui/button.tsx';
import { Dialog, DialogActions } from '#ui/dialog.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { save } from './save-file.ts';

export function ExportButton({ run }: { run: Run }) {
  const {
    run: make,
    busy,
    fault,
    clear,
  } = useAction(async (client) => {
    const { name, text } = await client.runs.cassette({ run: run.id });
    save(name, text);
  });
  // Nothing can be replayed of a run in which no model was asked, or of half a run.
  if (run.state !== 'ended' || run.turns === 0) return null;
  return (
    <>
      <HostButton
        icon={Download}
        busy={busy}
        title="Everything that a replay needs, as one file without secrets"
        onClick={() => void make()}
      >
        Export
      </HostButton>
      <Dialog open={fault !== null} onClose={clear} title="The run was not exported">
        {fault && <FaultNote fault={fault} />}
        <DialogActions>
          <Button onClick={clear}>Close</Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
