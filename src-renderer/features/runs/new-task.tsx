/** Starts one task from the list of runs: a repository, and what to do; everything else is as for any task. */
import { Plus } from 'lucide-react';
import { useId, useState } from 'react';
import { useLocation } from 'wouter';
import { useAction, useSelect } from '#state/use.ts';
import { Button, HostButton } from '#ui/button.tsx';
import { Dialog, DialogActions } from '#ui/dialog.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { Field, monoClass, textClass } from '#ui/field.tsx';
import { useKeys } from '#ui/keys.tsx';
import { localZone } from '#ui/words.ts';
import s from './turn-dialog.module.css';

export function NewTask() {
  const [, go] = useLocation();
  const [open, setOpen] = useState(false);
  const [prompt, setPrompt] = useState('');
  const [chosen, setRepository] = useState<string | null>(null);
  const form = useId();
  // Most tasks are for a repository that is at work already.
  const known = useSelect((state) => state.routines.find(({ spec }) => spec)?.spec?.repository ?? '');
  const repository = chosen ?? known;
  const start = useAction(async (client) => {
    const { run } = await client.runs.start({ task: { prompt, repository, timeZone: localZone() } });
    go(`/runs/${run}`);
  });
  useKeys({ c: { what: 'New task', do: () => setOpen(true) } });
  return (
    <>
      <HostButton icon={Plus} hotkey="c" onClick={() => setOpen(true)}>
        New task
      </HostButton>
      <Dialog open={open} onClose={() => setOpen(false)} title="New task">
        <form
          id={form}
          className={s.form}
          onSubmit={(event) => {
            event.preventDefault();
            void start.run();
          }}
        >
          <Field label="What should be done">
            {(ids) => (
              <textarea
                {...ids}
                className={textClass}
                rows={5}
                required
                value={prompt}
                onChange={(event) => setPrompt(event.target.value)}
              />
            )}
          </Field>
          <Field label="Repository" hint="The folder of a git repository on this machine">
            {(ids) => (
              <input
                {...ids}
                className={monoClass}
                required
                value={repository}
                onChange={(event) => setRepository(event.target.value)}
              />
            )}
          </Field>
        </form>
        {start.fault && <FaultNote fault={start.fault} />}
        <DialogActions>
          <Button onClick={() => setOpen(false)}>Cancel</Button>
          <HostButton look="primary" type="submit" form={form} busy={start.busy}>
            Start it
          </HostButton>
        </DialogActions>
      </Dialog>
    </>
  );
}
