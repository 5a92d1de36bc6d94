/** With which model, how freely, and where it must stop. */
import { Choice, Field, inputClass, monoClass } from '#ui/field.tsx';
import type { Draft } from './draft.ts';
import s from './how-fields.module.css';
import type { FieldsProps } from './what-fields.tsx';

const efforts = (['low', 'medium', 'high', 'xhigh', 'max'] as const).map((value) => ({ value, label: value }));
const modes = [
  { value: 'acceptEdits', label: 'May edit' },
  { value: 'default', label: 'Ask' },
  { value: 'dontAsk', label: 'Only what is allowed' },
  { value: 'auto', label: 'Automatic' },
  { value: 'plan', label: 'Read only' },
] as const;
const modeHints = {
  default: 'What no rule allows is asked, or denied when nobody may be asked.',
  acceptEdits: 'Tools run freely inside the sandbox and end in a proposal.',
  dontAsk: 'What no rule allows is denied.',
  auto: 'A classifier decides about what no rule speaks of; outward actions are asked.',
  plan: 'The worktree is read-only: it can only report.',
};
const limits: { field: 'turns' | 'minutes' | 'dollars'; label: string }[] = [
  { field: 'turns', label: 'Turns' },
  { field: 'minutes', label: 'Minutes' },
  { field: 'dollars', label: 'Dollars' },
];

export function HowFields({ draft, errors, onChange }: FieldsProps) {
  return (
    <>
      <Field
        label="Model"
        error={errors.model}
        hint="auto: the default model where there is a key, else the rehearsal."
      >
        {(ids) => (
          <>
            <input
              {...ids}
              className={inputClass}
              value={draft.model}
              list={`${ids.id}-models`}
              spellCheck={false}
              onChange={(event) => onChange({ model: event.target.value })}
            />
            <datalist id={`${ids.id}-models`}>
              <option value="auto" />
              <option value="rehearsal" />
            </datalist>
          </>
        )}
      </Field>
      <Choice label="Effort" value={draft.effort} options={efforts} onChange={(effort) => onChange({ effort })} />
      <Choice
        label="Permission"
        value={draft.permissionMode}
        options={modes}
        onChange={(permissionMode) => onChange({ permissionMode })}
        hint={modeHints[draft.permissionMode]}
      />
      <fieldset>
        <legend className={s.legend}>It stops after</legend>
        <div className={s.limits}>
          {limits.map(({ field, label }) => (
            <Field key={field} label={label} error={errors[field]}>
              {(ids) => (
                <input
                  {...ids}
                  className={inputClass}
                  inputMode="decimal"
                  value={draft[field]}
                  onChange={(event) => onChange({ [field]: event.target.value } satisfies Partial<Draft>)}
                />
              )}
            </Field>
          ))}
        </div>
      </fieldset>
      <Field label="Branch prefix" error={errors.branchPrefix}>
        {(ids) => (
          <input
            {...ids}
            className={monoClass}
            value={draft.branchPrefix}
            spellCheck={false}
            onChange={(event) => onChange({ branchPrefix: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}
