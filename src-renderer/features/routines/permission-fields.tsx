/** What it may do by itself: the mode, rules, hosts, and what happens with what must be asked. */
import { useState } from 'react';
import { Choice, Field, monoClass } from '#ui/field.tsx';
import { plural } from '#ui/words.ts';
import { featureLock, type Locked, LockNote, modeLock } from './lock-note.tsx';
import { linesOf, type PermissionDraft, permissionCures } from './permission-draft.ts';
import { networkWords } from './permission-words.ts';
import s from './policy-fields.module.css';
import { SpanField } from './span-field.tsx';
import type { FieldsProps } from './what-fields.tsx';

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

const askedOptions = [
  { value: 'park', label: 'Wait for me' },
  { value: 'deny', label: 'Go on without' },
] as const;
const hookOptions = [
  { value: 'trusted', label: 'Trusted ones' },
  { value: 'required', label: 'Required' },
  { value: 'off', label: 'Off' },
] as const;

const hookHints: Record<NonNullable<PermissionDraft['hooks']>, string> = {
  trusted: 'What you said yes to is run; without it the run goes on and says so.',
  required: 'Without your yes to what the repository has, no run begins.',
  off: 'None is run but what an administrator requires.',
};

const memoryOptions = [
  { value: 'review', label: 'After your yes' },
  { value: 'on', label: 'By itself' },
  { value: 'off', label: 'Nothing' },
] as const;

const memoryHints: Record<NonNullable<PermissionDraft['memory']>, string> = {
  review: 'It is given what is kept of the repository; what it notes waits for you.',
  on: 'What it notes is kept when it ends well, unless something spoke to it.',
  off: 'It is given nothing of what is kept, and notes nothing.',
};

const askedHints: Record<PermissionDraft['whenAsked'], string> = {
  park: 'The run stands still on a question under Approvals, and holds nothing meanwhile.',
  deny: 'It is denied at once, with the reason, and the run goes on without it.',
};
const webOptions = [
  { value: 'off', label: 'Nothing' },
  { value: 'search', label: 'Searches' },
  { value: 'fetch', label: 'Pages' },
  { value: 'both', label: 'Both' },
] as const;
const rules = [
  { field: 'allow', label: 'Allow', placeholder: 'Bash(npm test:*)', hint: 'Done without asking.' },
  { field: 'ask', label: 'Ask', placeholder: 'Bash(git tag:*)', hint: 'Asked, even where something allows it.' },
  { field: 'deny', label: 'Deny', placeholder: 'Read(/.env*)', hint: 'Never done, whatever else says so.' },
] as const;
/** Those that stand among the fields beside the schedule. */
const elsewhere = ['turns', 'minutes', 'dollars', 'dollarsPerDay', 'toolCalls', 'tokens', 'outputTokens'];

export function PermissionFields({ draft, errors, onChange, locked }: FieldsProps & Locked) {
  const [opened, setOpened] = useState(false);
  const noNetwork = featureLock(locked, 'network');
  const wrong = Object.keys(errors).some((field) => field in permissionCures && !elsewhere.includes(field));
  const count = rules.reduce((sum, { field }) => sum + linesOf(draft[field]).length, 0);
  return (
    <details className={s.policies} open={opened || wrong} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary className={s.summary}>
        <h2>What it may do by itself</h2>
        <span className={s.quiet}>
          {[
            modes.find(({ value }) => value === draft.permissionMode)?.label,
            count > 0 && plural(count, 'rule'),
            networkWords(linesOf(draft.network)),
          ]
            .filter(Boolean)
            .join(', ')}
        </span>
      </summary>
      <div className={s.groups}>
        <fieldset className={s.group}>
          <legend>What no rule speaks of</legend>
          <Choice
            label="Permission"
            value={draft.permissionMode}
            options={modes.map((mode) => ({ ...mode, disabled: modeLock(locked, mode.value) !== undefined }))}
            onChange={(permissionMode) => onChange({ permissionMode })}
            hint={modeHints[draft.permissionMode]}
          />
          {modes.map(({ value, label }) => (
            <LockNote key={value} lock={modeLock(locked, value)} what={`“${label}” cannot be chosen`} />
          ))}
          <Choice
            label="What must be asked"
            value={draft.whenAsked}
            options={askedOptions}
            onChange={(whenAsked) => onChange({ whenAsked })}
            hint={askedHints[draft.whenAsked]}
          />
          {draft.whenAsked === 'park' && (
            <SpanField
              label="Answer within"
              text={draft.answerWithin}
              unit={draft.answerUnit}
              error={errors.answerWithin}
              hint="Then it counts as denied."
              onText={(answerWithin) => onChange({ answerWithin })}
              onUnit={(answerUnit) => onChange({ answerUnit, answerWithin: draft.answerWithin })}
            />
          )}
        </fieldset>
        <fieldset className={s.group}>
          <legend>What it may reach</legend>
          <Field
            label="Hosts it may reach"
            optional
            error={errors.network}
            hint="One a line, with its port unless that is 443; registry:npm and its like can be read from. Empty: no network."
          >
            {(ids) => (
              <textarea
                {...ids}
                className={monoClass}
                rows={3}
                value={draft.network}
                // Hosts from before can still be taken out: with them it could not be saved.
                readOnly={noNetwork !== undefined && linesOf(draft.network).length === 0}
                placeholder="registry:npm"
                spellCheck={false}
                onChange={(event) => onChange({ network: event.target.value })}
              />
            )}
          </Field>
          <LockNote lock={noNetwork} what="No run may reach any host" />
          <Choice
            label="Looked up on the web by the model's address"
            value={draft.web}
            options={webOptions}
            onChange={(web) => onChange({ web })}
            hint="The hosts above bound it. Searches cost a cent each; what pages say is data to the agent."
          />
        </fieldset>
        <fieldset className={s.group}>
          <legend>What it takes from its repository</legend>
          <Choice
            label="Hooks of its repository"
            value={draft.hooks ?? 'trusted'}
            options={hookOptions}
            onChange={(hooks) => onChange({ hooks })}
            hint={hookHints[draft.hooks ?? 'trusted']}
          />
          <Choice
            label="What it remembers"
            value={draft.memory ?? 'review'}
            options={memoryOptions}
            onChange={(memory) => onChange({ memory })}
            hint={memoryHints[draft.memory ?? 'review']}
          />
        </fieldset>
        <fieldset className={s.group}>
          <legend>Rules of its own, one a line: deny before ask before allow</legend>
          <LockNote
            lock={locked.find(({ what }) => what === 'managedRulesOnly')}
            what="Allow rules written here do not count"
          />
          {rules.map(({ field, label, placeholder, hint }) => (
            <Field key={field} label={label} optional error={errors[field]} hint={hint}>
              {(ids) => (
                <textarea
                  {...ids}
                  className={monoClass}
                  rows={3}
                  value={draft[field]}
                  placeholder={placeholder}
                  spellCheck={false}
                  onChange={(event) => onChange({ [field]: event.target.value })}
                />
              )}
            </Field>
          ))}
        </fieldset>
      </div>
    </details>
  );
}
