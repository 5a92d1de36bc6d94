/** When it is done: a goal that stands, and a rubric that somebody else grades by. */
import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { lintRubric } from '#contract/rubric.ts';
import { Field, inputClass, monoClass, textClass } from '#ui/field.tsx';
import { aimCures } from './aim-draft.ts';
import s from './aim-fields.module.css';
import p from './policy-fields.module.css';
import type { FieldsProps } from './what-fields.tsx';

const counts = [
  { field: 'goalRounds', label: 'Rounds without progress, then ask me' },
  { field: 'iterations', label: 'Gradings at most' },
] as const;

export function AimFields({ draft, errors, onChange }: FieldsProps) {
  const [opened, setOpened] = useState(false);
  const wrong = Object.keys(errors).some((field) => field in aimCures);
  const warnings = lintRubric(draft.rubric);
  const has = [draft.goal.trim() && 'a goal', draft.rubric.trim() && 'a rubric', draft.artifacts.trim() && 'artifacts'];
  return (
    <details className={p.policies} open={opened || wrong} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary className={p.summary}>
        <h2>When it is done</h2>
        <span className={p.quiet}>{has.filter(Boolean).join(', ') || 'when the agent says so'}</span>
      </summary>
      <div className={s.fields}>
        <Field
          label="Goal"
          optional
          error={errors.goal}
          hint="Judged by another model from evidence, whenever the agent ends its turn. The checks must pass, too."
        >
          {(ids) => (
            <textarea
              {...ids}
              className={textClass}
              rows={2}
              value={draft.goal}
              placeholder="npm test passes, and no test was removed or skipped"
              onChange={(event) => onChange({ goal: event.target.value })}
            />
          )}
        </Field>
        <Field
          label="Rubric"
          optional
          error={errors.rubric}
          hint="One criterion an item. Somebody who has not done the work grades each, with a file and line or a command."
        >
          {(ids) => (
            <textarea
              {...ids}
              className={textClass}
              rows={5}
              value={draft.rubric}
              placeholder={'- CHANGELOG.md names the fix\n- `npm run lint` ends with 0'}
              onChange={(event) => onChange({ rubric: event.target.value })}
            />
          )}
        </Field>
        {warnings.length > 0 && (
          <ul className={s.warnings} aria-label="Criteria that nobody can check">
            {warnings.map(({ criterion, why }) => (
              <li key={criterion}>
                <TriangleAlert size={14} aria-hidden />
                <span>
                  <strong>{criterion.length > 90 ? `${criterion.slice(0, 89)}…` : criterion}</strong> {why}
                </span>
              </li>
            ))}
          </ul>
        )}
        <Field label="Files it must have" optional error={errors.artifacts} hint="Paths or patterns, one a line.">
          {(ids) => (
            <textarea
              {...ids}
              className={monoClass}
              rows={2}
              value={draft.artifacts}
              placeholder="docs/report.md"
              spellCheck={false}
              onChange={(event) => onChange({ artifacts: event.target.value })}
            />
          )}
        </Field>
        <div className={s.counts}>
          {counts.map(({ field, label }) => (
            <Field key={field} label={label} error={errors[field]}>
              {(ids) => (
                <input
                  {...ids}
                  className={inputClass}
                  inputMode="numeric"
                  value={draft[field]}
                  onChange={(event) => onChange({ [field]: event.target.value })}
                />
              )}
            </Field>
          ))}
        </div>
      </div>
    </details>
  );
}
