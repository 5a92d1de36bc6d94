/** Why something, or nothing, happened at an instant: a sentence and what speaks for it. */
import { type RefObject, useEffect, useState } from 'react';
import type { Evidence } from '#contract/ledger.ts';
import { useAnswer } from '#state/use.ts';
import { HostButton } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { Field, inputClass } from '#ui/field.tsx';
import { Section } from '#ui/page.tsx';
import { Prose } from '#ui/prose.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { instantOf, wallClock } from '#ui/wall-clock.ts';
import { At } from '#ui/when.tsx';
import { localZone, sentence } from '#ui/words.ts';
import s from './why-panel.module.css';

const kinds: Record<Evidence['kind'], string> = {
  up: 'Machine was up',
  machine_off: 'Machine was off',
  asleep: 'Machine was asleep',
  logged_out: 'Nobody was logged in',
  host_down: 'Nobody looked',
  clock_changed: 'Clock was set',
  routine: 'Routine',
  paused_all: 'All were paused',
  ledger: 'Account',
  run: 'Run',
  clock: 'Clock',
};

interface WhyPanelProps {
  routine: string;
  zone: string | undefined;
  /** The instant asked about; null before the first question. */
  asked: string | null;
  onAsk(at: string): void;
  /** Takes the focus when a row asks. */
  answer: RefObject<HTMLDivElement | null>;
}

export function WhyPanel({ routine, zone, asked, onAsk, answer }: WhyPanelProps) {
  const [wall, setWall] = useState('');
  const [missing, setMissing] = useState(false);
  useEffect(() => {
    if (asked) setWall(wallClock(asked));
    setMissing(false);
  }, [asked]);
  return (
    <Section title="Why?">
      <form
        className={s.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const at = instantOf(wall);
          setMissing(at === '');
          if (at) onAsk(at);
        }}
      >
        <Field
          label="What happened, or did not, at"
          hint={`Any minute, your time (${localZone()}).`}
          error={missing ? 'Give a day and a time.' : undefined}
        >
          {(ids) => (
            <input
              {...ids}
              type="datetime-local"
              className={inputClass}
              value={wall}
              onChange={(event) => {
                setWall(event.target.value);
                setMissing(false);
              }}
            />
          )}
        </Field>
        <HostButton type="submit" className={s.ask}>
          Ask
        </HostButton>
      </form>
      <div ref={answer} tabIndex={-1} role="status" aria-label="Answer" className={s.answer}>
        {asked && <WhyAnswer routine={routine} at={asked} zone={zone} />}
      </div>
    </Section>
  );
}

function WhyAnswer({ routine, at, zone }: { routine: string; at: string; zone: string | undefined }) {
  const why = useAnswer(`why ${routine} ${at}`, (client) => client.routines.why({ routine, at }));
  if (why.is === 'loading') return <Skeleton rows={2} height={24} />;
  if (why.is === 'failed') return <FaultNote fault={why.fault} title="There is no answer" />;
  return (
    <>
      <p className={s.at}>
        <At at={at} zone={zone} /> {zone}
      </p>
      <p className={s.sentence}>
        <Prose text={sentence(why.value.sentence)} />
      </p>
      {why.value.evidence.length > 0 && (
        <ul className={s.evidence} aria-label="Evidence">
          {why.value.evidence.map((one) => (
            <li key={`${one.kind} ${one.from} ${one.text}`}>
              <span className={s.kind}>{kinds[one.kind]}</span>
              <span className={s.text}>
                <Prose text={sentence(one.text)} />
              </span>
              <span className={s.span}>
                <At at={one.from} zone={zone} />
                {one.to && one.to !== one.from && (
                  <>
                    {' – '}
                    <At at={one.to} zone={zone} />
                  </>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
