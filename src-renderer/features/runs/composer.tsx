/** Where a person talks to a session: at its foot, as long as it can hear; after that, where to go on from it. */
import { GitFork, HandGrab, Send } from 'lucide-react';
import { useId, useState } from 'react';
import type { Run } from '#contract/runs.ts';
import { mayBeTalkedTo, sessionState } from '#contract/session-state.ts';
import { ownDoor } from '#link/door.ts';
import { useAction } from '#state/use.ts';
import { Button, HostButton } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { textClass } from '#ui/field.tsx';
import { useKeys } from '#ui/keys.tsx';
import { useNow } from '#ui/now.ts';
import { At } from '#ui/when.tsx';
import s from './composer.module.css';

/** `onFork`: go on from its last turn, as another run. */
export function Composer({ run, onFork }: { run: Run; onFork(): void }) {
  const now = useNow();
  if (run.state !== 'ended' || mayBeTalkedTo(run, now)) return <Talk run={run} now={now} />;
  if (run.turns === 0) return null;
  return (
    <div className={s.over}>
      <p>{run.handedOver ? 'It was handed over and goes on elsewhere.' : 'This session is over for good.'}</p>
      <HostButton icon={GitFork} onClick={onFork}>
        Go on in a new run
      </HostButton>
    </div>
  );
}

function Talk({ run, now }: { run: Run; now: number }) {
  const [text, setText] = useState('');
  const id = useId();
  const { busy, fault, ...say } = useAction(async (client, interrupt: boolean) => {
    await client.runs.say({ run: run.id, text, interrupt, door: ownDoor() });
    setText('');
  });
  useKeys({ i: { what: 'Say something to the session', do: () => document.getElementById(id)?.focus() } });
  const empty = text.trim() === '';
  const state = sessionState(run, now);
  const send = (interrupt: boolean) => !empty && !busy && void say.run(interrupt);
  return (
    <form
      className={s.composer}
      aria-label="Say something to the session"
      onSubmit={(event) => {
        event.preventDefault();
        send(false);
      }}
    >
      <label htmlFor={id} className="sr-only">
        What you say to the session
      </label>
      <textarea
        id={id}
        className={textClass}
        rows={1}
        value={text}
        placeholder={placeholders[state] ?? 'Say something'}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          event.stopPropagation();
          send(event.shiftKey && state === 'working');
        }}
      />
      {fault && <FaultNote fault={fault} />}
      <div className={s.actions}>
        <p className={s.hint}>
          {run.talkableUntil && run.state === 'ended' ? (
            <>
              It can be talked to until <At at={run.talkableUntil} within />
            </>
          ) : (
            hints[state]
          )}
        </p>
        {state === 'working' && run.state === 'running' && (
          <HostButton
            icon={HandGrab}
            disabled={empty}
            title="What it does right now is stopped, and it goes on with your words"
            onClick={() => send(true)}
          >
            Interrupt
          </HostButton>
        )}
        <Button type="submit" look="primary" icon={Send} hotkey="Mod+Enter" busy={busy} disabled={empty}>
          Say
        </Button>
      </div>
    </form>
  );
}

const placeholders: Partial<Record<string, string>> = {
  working: 'Say something while it works',
  needs_input: 'Say something; it hears it when its question is answered',
  idle: 'What should it do next?',
};
const hints: Partial<Record<string, string>> = {
  working: 'It is told as soon as its tool calls are done.',
  needs_input: 'It is told when its question is answered.',
  idle: 'It goes on with what you say.',
};
