/** Removes a routine: with an undo where it can be written again, else only after its id was typed. */
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Routine } from '#contract/routines.ts';
import { useAction, useHost } from '#state/use.ts';
import { Button, HostButton } from '#ui/button.tsx';
import { Dialog, DialogActions } from '#ui/dialog.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { Field, inputClass } from '#ui/field.tsx';
import { useToast } from '#ui/toasts.tsx';

export function RemoveRoutine({ routine, open, onClose }: { routine: Routine; open: boolean; onClose(): void }) {
  const [, go] = useLocation();
  const { link, refresh } = useHost();
  const toast = useToast();
  const [typed, setTyped] = useState('');
  const remove = useAction(async (client) => {
    await client.routines.remove({ routine: routine.id });
    await refresh();
    return true;
  });
  const { spec, id } = routine;

  const undo = async () => {
    if (!spec) return;
    try {
      await link.client().routines.add({ id, spec });
      await refresh();
      go(`/routines/${id}`);
    } catch {
      toast({ title: 'It could not be put back', description: 'The connection was lost. Its runs are kept.' });
    }
  };
  const confirm = async () => {
    if (!(await remove.run())) return;
    onClose();
    go('/routines');
    toast(spec ? { title: `Removed ${spec.name}`, undo: () => void undo() } : { title: `Removed ${id}` });
  };

  return (
    <Dialog open={open} onClose={onClose} title={`Remove ${spec?.name ?? id}?`}>
      <p>
        Its folder and its wake-up go. Its runs, proposals and due times stay.
        {spec ? ' You can undo this for ten seconds.' : ' Its files cannot be read, so this cannot be undone.'}
      </p>
      {!spec && (
        <Field label={`Type ${id} to remove it`}>
          {(ids) => (
            <input {...ids} className={inputClass} value={typed} onChange={(event) => setTyped(event.target.value)} />
          )}
        </Field>
      )}
      {remove.fault && <FaultNote fault={remove.fault} />}
      <DialogActions>
        <Button onClick={onClose}>Keep it</Button>
        <HostButton look="danger" busy={remove.busy} disabled={!spec && typed !== id} onClick={() => void confirm()}>
          Remove
        </HostButton>
      </DialogActions>
    </Dialog>
  );
}
