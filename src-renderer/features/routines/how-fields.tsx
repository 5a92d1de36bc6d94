/** With which model, and where it must stop. */
import { leavingWords } from '#contract/models.ts';
import { visible } from '#contract/visible.ts';
import { useAnswer } from '#state/use.ts';
import { Choice, Field, inputClass, monoClass } from '#ui/field.tsx';
import type { Draft } from './draft.ts';
import s from './how-fields.module.css';
import { type Locked, LockNote } from './lock-note.tsx';
import type { FieldsProps } from './what-fields.tsx';

const efforts = (['low', 'medium', 'high', 'xhigh', 'max'] as const).map((value) => ({ value, label: value }));
const limits = [
  { field: 'turns', label: 'Turns' },
  { field: 'minutes', label: 'Minutes' },
  { field: 'dollars', label: 'Dollars' },
  { field: 'toolCalls', label: 'Tool calls' },
  { field: 'tokens', label: 'Tokens, all' },
  { field: 'outputTokens', label: 'Tokens, written' },
  { field: 'dollarsPerDay', label: '$ a day, all its runs' },
] as const;

export function HowFields({ draft, errors, onChange, locked }: FieldsProps & Locked) {
  const known = useAnswer('models', (client) => client.model.list({ ask: false }));
  const models = known.is === 'here' ? known.value.models : [];
  const chosen = models.find(({ id }) => id === draft.model.trim());
  const leaves = chosen && leavingWords(chosen);
  const only = locked.find(({ what }) => what === 'model') ?? locked.find(({ what }) => what === 'models');
  const offered = only?.values ?? models.flatMap(({ id, lifecycle }) => (lifecycle === 'active' ? [id] : []));
  return (
    <>
      <Field
        label="Model"
        error={errors.model}
        hint={leaves ? visible(leaves) : 'auto: the default model where there is a key, else the rehearsal.'}
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
              {offered.map((id) => (
                <option key={id} value={id} />
              ))}
              <option value="rehearsal" />
            </datalist>
          </>
        )}
      </Field>
      <LockNote lock={only} what={`No model but ${only?.values.join(', ')} may answer`} />
      <Field
        label="Advisor"
        optional
        error={errors.advisor}
        hint="A stronger model that the agent may ask when it is stuck, out of the same money."
      >
        {(ids) => (
          <>
            <input
              {...ids}
              className={inputClass}
              value={draft.advisor}
              list={`${ids.id}-models`}
              spellCheck={false}
              onChange={(event) => onChange({ advisor: event.target.value })}
            />
            <datalist id={`${ids.id}-models`}>
              {offered.map((id) => (
                <option key={id} value={id} />
              ))}
            </datalist>
          </>
        )}
      </Field>
      <Choice label="Effort" value={draft.effort} options={efforts} onChange={(effort) => onChange({ effort })} />
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
