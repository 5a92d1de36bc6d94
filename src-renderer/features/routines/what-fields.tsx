/** What should be done, and in which repository. */
import { Field, inputClass, monoClass, textClass } from '#ui/field.tsx';
import type { Draft, FieldErrors } from './draft.ts';

export interface FieldsProps {
  draft: Draft;
  errors: FieldErrors;
  onChange(change: Partial<Draft>): void;
}

export function WhatFields({ draft, errors, onChange }: FieldsProps) {
  return (
    <>
      <Field label="Name" error={errors.name}>
        {(ids) => (
          <input
            {...ids}
            className={inputClass}
            value={draft.name}
            placeholder="Overnight log triage"
            onChange={(event) => onChange({ name: event.target.value })}
          />
        )}
      </Field>
      <Field label="In one line" optional error={errors.description}>
        {(ids) => (
          <input
            {...ids}
            className={inputClass}
            value={draft.description}
            placeholder="Finds the error that keeps coming back and proposes the fix"
            onChange={(event) => onChange({ description: event.target.value })}
          />
        )}
      </Field>
      <Field
        label="What it is told"
        error={errors.prompt}
        hint="Say what to look at, what a good result is, and what to leave alone. It can ask nobody at night."
      >
        {(ids) => (
          <textarea
            {...ids}
            className={textClass}
            rows={12}
            value={draft.prompt}
            placeholder="Read logs/service.log. Find the error that recurs most and has its cause in this repository. Fix the cause, add a test that fails without the fix, and run npm test."
            onChange={(event) => onChange({ prompt: event.target.value })}
          />
        )}
      </Field>
      <Field
        label="Repository"
        error={errors.repository}
        hint="It works on a branch of its own; your checkout is never touched."
      >
        {(ids) => (
          <input
            {...ids}
            className={monoClass}
            value={draft.repository}
            placeholder="/home/you/code/orders"
            spellCheck={false}
            onChange={(event) => onChange({ repository: event.target.value })}
          />
        )}
      </Field>
      <Field
        label="Checks that prove the work"
        optional
        error={errors.checks}
        hint="One command a line. Run before and after, in a clean sandbox."
      >
        {(ids) => (
          <textarea
            {...ids}
            className={monoClass}
            rows={3}
            value={draft.checks}
            placeholder="npm test"
            spellCheck={false}
            onChange={(event) => onChange({ checks: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}
