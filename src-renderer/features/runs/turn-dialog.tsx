/** Goes on from a turn: as a new run, or as the same one, which leaves behind what came after it. */
import { useId, useState } from 'react';
import { useLocation } from 'wouter';
import type { Run } from '#contract/runs.ts';
import { mayBeTalkedTo } from '#contract/session-state.ts';
import { ownDoor } from '#link/door.ts';
import { useAction } from '#state/use.ts';
import { Button, HostButton } from '#ui/button.tsx';
import { Dialog, DialogActions } from '#ui/dialog.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { Choice, Field, textClass } from '#ui/field.tsx';
import s from './turn-dialog.module.css';

interface TurnDialogProps {
  run: Run;
  /** Null: closed. */
  turn: number | null;
  onClose(): void;
}

const ways = [
  { value: 'fork', label: 'In a new run' },
  { value: 'rewind', label: 'In this run' },
] as const;

export function TurnDialog({ run, turn, onClose }: TurnDialogProps) {
  const [, go] = useLocation();
  const [way, setWay] = useState<'fork' | 'rewind'>('fork');
  const [prompt, setPrompt] = useState('');
  const form = useId();
  const alive = run.state !== 'ended' || mayBeTalkedTo(run, Date.now());
  const chosen = alive ? way : 'fork';
  const words = prompt.trim() === '' ? {} : { prompt };
  const act = useAction(async (client) => {
    if (turn === null) return;
    if (chosen === 'fork') {
      const made = await client.runs.fork({ run: run.id, atTurn: turn, ...words });
      go(`/runs/${made.run}`);
    } else await client.runs.rewind({ run: run.id, toTurn: turn, ...words, door: ownDoor() });
    setPrompt('');
    onClose();
  });
  return (
    <Dialog open={turn !== null} onClose={onClose} title={`Go on from turn ${turn ?? ''}`}>
      <form
        id={form}
        className={s.form}
        onSubmit={(event) => {
          event.preventDefault();
          void act.run();
        }}
      >
        {alive && (
          <Choice<'fork' | 'rewind'>
            label="Where"
            value={chosen}
            options={ways}
            onChange={setWay}
            hint={hints[chosen]}
          />
        )}
        {!alive && <p>{hints.fork}</p>}
        <Field label="What it is told" optional>
          {(ids) => (
            <textarea
              {...ids}
              className={textClass}
              rows={3}
              value={prompt}
              onChange={(event) => setPrompt(event.target.value)}
            />
          )}
        </Field>
      </form>
      {act.fault && <FaultNote fault={act.fault} />}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <HostButton look="primary" type="submit" form={form} busy={act.busy}>
          {chosen === 'fork' ? 'Start the new run' : 'Go back'}
        </HostButton>
      </DialogActions>
    </Dialog>
  );
}

const hints = {
  fork: 'It has the conversation up to that turn and the files of then, in a worktree of its own. This run stays as it is.',
  rewind:
    'Conversation and files are again what they were after that turn. What came after it is left behind, and stays on record.',
};
