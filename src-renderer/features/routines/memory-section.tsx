/** What runs remember of a routine's repository: to read, edit and forget, and what they offer, to keep or drop. */
import { useState } from 'react';
import { Link } from 'wouter';
import type { Memory, MemoryFile, MemoryOffer } from '#contract/memory.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { visible } from '#contract/visible.ts';
import { ownDoor } from '#link/door.ts';
import { useAction, useAnswer, useSelect } from '#state/use.ts';
import { useAgain } from '#state/use-again.ts';
import { HostButton } from '#ui/button.tsx';
import { Confirm } from '#ui/confirm.tsx';
import { Exact } from '#ui/exact.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { Field, textClass } from '#ui/field.tsx';
import { Section } from '#ui/page.tsx';
import { Nothing } from '#ui/rows.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { At } from '#ui/when.tsx';
import { capital, count, sentence } from '#ui/words.ts';
import s from './memory-section.module.css';

/** Nothing for a routine that cannot be read. */
export function MemorySection({ spec }: { spec: RoutineSpec | null | undefined }) {
  return spec ? <OfRepository repository={spec.repository} mode={spec.memory ?? 'review'} /> : null;
}

type Mode = NonNullable<RoutineSpec['memory']>;

function OfRepository({ repository, mode }: { repository: string; mode: Mode }) {
  const stale = useSelect((state) => state.memoryStale);
  const read = useAnswer(`memory ${repository}`, (client) => client.memory.get({ repository }));
  useAgain(read.again, stale);
  const memory = read.is === 'here' ? read.value : null;
  return (
    <Section title="What its runs remember" flush>
      {read.is === 'loading' && <Skeleton rows={2} height={46} />}
      {read.is === 'failed' && <FaultNote fault={read.fault} title="The memory cannot be read" />}
      {memory && <p className={s.about}>{words(memory, mode)}</p>}
      {memory?.offers.map((offer) => (
        <Offer key={offer.id} offer={offer} repository={memory.repository} again={read.again} />
      ))}
      {memory && memory.files.length === 0 && memory.offers.length === 0 && (
        <Nothing>Nothing is kept of this repository yet.</Nothing>
      )}
      {memory?.files.map((file) => (
        <FileRow key={file.file} file={file} repository={memory.repository} again={read.again} />
      ))}
    </Section>
  );
}

function words({ off }: Memory, mode: Mode): string {
  if (off) return `Nothing is remembered: ${visible(off)}.`;
  if (mode === 'off') return 'This routine is given none of it and notes nothing.';
  const kept = mode === 'on' ? 'what a run notes is kept when it ends well' : 'what a run notes waits here for you';
  return `Every routine on this repository shares it; ${kept}.`;
}

interface Place {
  repository: string;
  /** What is shown is not so any more. */
  again(): void;
}

function Offer({ offer: { id, at, run, changes, why }, repository, again }: { offer: MemoryOffer } & Place) {
  const decide = useAction(async (client, take: boolean) => {
    await client.memory.decide({ repository, offer: id, take, door: ownDoor() });
    again();
  });
  return (
    <section className={s.offer} aria-label={`Offer ${id}`}>
      <p>
        <Link href={`/runs/${run}`} className={s.link}>
          A run
        </Link>{' '}
        wants this kept, <At at={at} within />. {capital(sentence(visible(why)))}
      </p>
      {changes.map(({ file, text }) =>
        text === null ? (
          <p key={file}>
            <code>{visible(file)}</code> is to be forgotten.
          </p>
        ) : (
          <div key={file}>
            <code>{visible(file)}</code>
            <Exact text={text} label={`${file} as it would be`} />
          </div>
        ),
      )}
      <div className={s.actions}>
        <HostButton look="primary" busy={decide.busy} onClick={() => void decide.run(true)}>
          Keep it
        </HostButton>
        <HostButton busy={decide.busy} onClick={() => void decide.run(false)}>
          Drop it
        </HostButton>
      </div>
      {decide.fault && <FaultNote fault={decide.fault} title="It is not decided" />}
    </section>
  );
}

/** Its text is asked for when it is opened. */
function FileRow({ file: { file, bytes, changedAt }, ...place }: { file: MemoryFile } & Place) {
  const [open, setOpen] = useState(false);
  return (
    <details className={s.file} open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <code>{visible(file)}</code>, {count(bytes)} bytes, changed <At at={changedAt} within />
      </summary>
      {open && <OneFile key={changedAt} file={file} {...place} />}
    </details>
  );
}

function OneFile({ file, repository, again }: { file: string } & Place) {
  const read = useAnswer(`memory ${repository} ${file}`, (client) => client.memory.read({ repository, file }));
  const [draft, setDraft] = useState<string | null>(null);
  const write = useAction(async (client, text: string | null) => {
    await client.memory.write({ repository, file, text, door: ownDoor() });
    again();
  });
  if (read.is === 'loading') return <Skeleton rows={2} height={20} />;
  if (read.is === 'failed') return <FaultNote fault={read.fault} title="It cannot be read" />;
  const text = draft ?? read.value.text;
  return (
    <div className={s.edit}>
      <Field label={`Text of ${file}`}>
        {(ids) => (
          <textarea
            {...ids}
            className={textClass}
            rows={8}
            value={text}
            onChange={({ target }) => setDraft(target.value)}
          />
        )}
      </Field>
      <div className={s.actions}>
        <HostButton
          look="primary"
          busy={write.busy}
          disabled={draft === null || draft === read.value.text}
          onClick={() => void write.run(text)}
        >
          Save
        </HostButton>
        <Confirm
          look="danger"
          words="Forget"
          label={`Forget ${visible(file)}`}
          ask="Runs that begin later do not know it any more."
          yes="Forget it"
          no="Keep it"
          busy={write.busy}
          onYes={() => void write.run(null)}
        />
      </div>
      {write.fault && <FaultNote fault={write.fault} title="It is as it was" />}
    </div>
  );
}
