/** Holding every routine back: until when, what that means, and the way out of it. */
import { PauseCircle, PlayCircle } from 'lucide-react';
import { useState } from 'react';
import type { PauseAll } from '#contract/ledger.ts';
import { useAction, useHost, usePausedAll } from '#state/use.ts';
import { Button, HostButton } from '#ui/button.tsx';
import { Dialog, DialogActions } from '#ui/dialog.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { Choice, Field, inputClass } from '#ui/field.tsx';
import { useNow } from '#ui/now.ts';
import { useToast } from '#ui/toasts.tsx';
import { wallClock } from '#ui/wall-clock.ts';
import { clock, dayWithin } from '#ui/words.ts';
import s from './pause-all.module.css';

const hour = 3_600_000;
const choices = [
  { value: 'hour', label: 'One hour' },
  { value: 'morning', label: 'Tomorrow 07:00' },
  { value: 'week', label: 'A week' },
  { value: 'at', label: 'At…' },
  { value: 'lifted', label: 'I resume' },
] as const;
type Until = (typeof choices)[number]['value'];

/** `until tomorrow 07:00`, `until Mon 23 Nov 07:00`, `until you resume them`. */
const untilWords = ({ until }: PauseAll, now: number): string =>
  until === null ? 'until you resume them' : `until ${dayWithin(until, now)} ${clock(until)}`;

export function PauseAllDialog({ open, onClose }: { open: boolean; onClose(): void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Pause all routines until …">
      <PauseForm onClose={onClose} />
    </Dialog>
  );
}

function PauseForm({ onClose }: { onClose(): void }) {
  const { refresh } = useHost();
  const [until, setUntil] = useState<Until>('morning');
  const [own, setOwn] = useState(() => wallClock(tomorrowAt(7)));
  const now = useNow();
  const ownAt = Date.parse(own);
  const wrong = until === 'at' && !(ownAt > now);
  const pause = useAction(async (client) => {
    await client.routines.pauseAll({ until: instantOf(until, ownAt) });
    await refresh();
    onClose();
  });
  return (
    <form
      className={s.form}
      onSubmit={(event) => {
        event.preventDefault();
        void pause.run();
      }}
    >
      <p>
        Nothing starts by itself meanwhile: what falls due is skipped, and the ledger says so. Runs that work go on.
      </p>
      <Choice<Until> label="Until" value={until} options={choices} onChange={setUntil} />
      {until === 'at' && (
        <Field label="Day and time" error={wrong ? 'Choose a time that is still to come.' : undefined}>
          {(ids) => (
            <input
              {...ids}
              type="datetime-local"
              className={inputClass}
              value={own}
              onChange={(event) => setOwn(event.target.value)}
            />
          )}
        </Field>
      )}
      {pause.fault && <FaultNote fault={pause.fault} />}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <HostButton type="submit" look="primary" icon={PauseCircle} busy={pause.busy} disabled={wrong}>
          Pause all
        </HostButton>
      </DialogActions>
    </form>
  );
}

export function useResumeAll(): { run(): Promise<void>; busy: boolean } {
  const { refresh } = useHost();
  const toast = useToast();
  const resume = useAction(async (client) => {
    await client.routines.resumeAll();
    await refresh();
    return true;
  });
  const run = async () => {
    const done = await resume.run();
    toast(
      done
        ? { title: 'All routines are on again', description: 'What fell due in the pause is not run later.' }
        : { title: 'They are still paused', description: 'The host did not answer. Try again.' },
    );
  };
  return { run, busy: resume.busy };
}

/** Over every screen while it is so. */
export function PausedBar() {
  const now = useNow();
  const paused = usePausedAll(now);
  const resume = useResumeAll();
  if (!paused) return null;
  return (
    <div className={s.bar} role="status">
      <PauseCircle size={15} aria-hidden />
      <span>
        All routines are paused {untilWords(paused, now)}.
        <span className={s.more}> What falls due meanwhile is skipped.</span>
      </span>
      <HostButton look="ghost" icon={PlayCircle} busy={resume.busy} onClick={() => void resume.run()}>
        Resume all
      </HostButton>
    </div>
  );
}

const instantOf = (until: Until, own: number): string | null =>
  until === 'lifted'
    ? null
    : new Date(
        { hour: Date.now() + hour, morning: tomorrowAt(7), week: Date.now() + 168 * hour, at: own }[until],
      ).toISOString();

function tomorrowAt(hours: number): number {
  const now = new Date();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, hours).getTime();
}
