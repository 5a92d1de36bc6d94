/** Writes a routine: what to do on the left, when and how on the right, every mistake beside its field. */
import { useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useAction, useAnswer, useHost, useSelect } from '#state/use.ts';
import { ButtonLink, HostButton } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { useKeys } from '#ui/keys.tsx';
import { Page } from '#ui/page.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { useToast } from '#ui/toasts.tsx';
import { capital, localZone, spelled } from '#ui/words.ts';
import { AimFields } from './aim-fields.tsx';
import { type Draft, draftOf, errorsOf, type FieldErrors, newDraft, readDraft } from './draft.ts';
import { HowFields } from './how-fields.tsx';
import { PermissionFields } from './permission-fields.tsx';
import { PolicyFields } from './policy-fields.tsx';
import s from './routine-editor.module.css';
import { ScheduleField } from './schedule-field.tsx';
import { WhatFields } from './what-fields.tsx';

/** @param id the routine to edit; without one, a new one is written */
export function RoutineEditor({ id }: { id?: string }) {
  const ready = useSelect((state) => state.seq !== null);
  const spec = useSelect((state) => state.routines.find((one) => one.id === id)?.spec);
  if (id === undefined) return <Editor start={newDraft(localZone())} />;
  if (spec) return <Editor id={id} start={draftOf(spec)} />;
  return (
    <Page
      name="Edit"
      sentence={ready ? 'This routine cannot be edited here.' : 'Reading the routine…'}
      more={ready && 'It does not exist, or its folder cannot be read. Its page says which.'}
      actions={ready && <ButtonLink href={`/routines/${id}`}>Its page</ButtonLink>}
    >
      {!ready && <Skeleton rows={5} />}
    </Page>
  );
}

function Editor({ id, start }: { id?: string; start: Draft }) {
  const [, go] = useLocation();
  const { refresh } = useHost();
  const toast = useToast();
  const [draft, setDraft] = useState(start);
  const [errors, setErrors] = useState<FieldErrors>({});
  /** Attempts to save that were refused. */
  const [attempts, setAttempts] = useState(0);
  const form = useRef<HTMLFormElement>(null);
  const save = useAction(async (client, spec: Parameters<typeof client.routines.add>[0]['spec']) => {
    // What is left out stays as it was.
    const change = {
      ...spec,
      ...(start.web !== 'off' && { web: spec.web ?? [] }),
      ...(start.advisor !== '' && { advisor: spec.advisor ?? null }),
    };
    const saved = id ? await client.routines.edit({ routine: id, change }) : await client.routines.add({ spec });
    await refresh();
    return saved;
  });
  // What cannot be read here is refused by the host all the same, naming the file.
  const settings = useAnswer('settings', (client) => client.settings.effective());
  const locked = settings.is === 'here' ? settings.value.locked : [];
  const refused = save.fault && errorsOf(save.fault);

  const change = (part: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    if (refused && Object.keys(part).some((field) => field in refused)) save.clear();
    setErrors((before) => {
      const left = { ...before };
      for (const field of Object.keys(part)) delete left[field as keyof Draft];
      return left;
    });
  };
  const submit = async () => {
    const read = readDraft(draft);
    if ('errors' in read) {
      save.clear();
      setErrors(read.errors);
      setAttempts((n) => n + 1);
      return;
    }
    setErrors({});
    const saved = await save.run(read.spec);
    if (!saved) {
      setAttempts((n) => n + 1);
      return;
    }
    toast({ title: id ? 'Saved' : `${read.spec.name} is on the night shift`, description: saved.registration.detail });
    go(`/routines/${saved.id}`);
  };

  const shown = { ...refused, ...errors };
  const wrong = Object.keys(shown);
  // A new one begins with its name; each attempt that failed goes to the first field at fault, typing goes nowhere.
  useEffect(() => {
    const first = attempts > 0 ? '[aria-invalid]' : id === undefined ? 'input' : null;
    if (first) form.current?.querySelector<HTMLElement>(first)?.focus();
  }, [attempts, id]);
  useKeys({ 'Mod+Enter': { what: 'Save', do: () => void submit() } });

  return (
    <Page
      name={id ? 'Edit routine' : 'New routine'}
      above={<Link href={id ? `/routines/${id}` : '/routines'}>{id ? start.name : 'Routines'}</Link>}
      sentence={id ? `Edit ${start.name}` : 'What should be done tonight?'}
    >
      <form
        ref={form}
        className={s.editor}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div className={s.what}>
          <WhatFields draft={draft} errors={shown} onChange={change} />
        </div>
        <div className={s.side}>
          <ScheduleField draft={draft} errors={shown} onChange={change} />
          <HowFields draft={draft} errors={shown} onChange={change} locked={locked} />
        </div>
        <AimFields draft={draft} errors={shown} onChange={change} />
        <PermissionFields draft={draft} errors={shown} onChange={change} locked={locked} />
        <PolicyFields draft={draft} errors={shown} onChange={change} />
        <div className={s.foot}>
          {save.fault && !refused && <FaultNote fault={save.fault} title="It was not saved" />}
          {wrong.length > 0 && (
            <p role="alert" className={s.count}>
              {wrong.length === 1 ? 'One field needs you.' : `${capital(spelled(wrong.length))} fields need you.`}
            </p>
          )}
          <ButtonLink href={id ? `/routines/${id}` : '/routines'} look="ghost">
            Cancel
          </ButtonLink>
          <HostButton type="submit" look="primary" busy={save.busy}>
            {id ? 'Save' : 'Put on the night shift'}
          </HostButton>
        </div>
      </form>
    </Page>
  );
}
