/** What may be spent in a day and what was: the cap of all routines together, and each routine against its own. */
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { type Budgets as BudgetsNow, DollarsPerDay } from '#contract/budgets.ts';
import { useAction, useAnswer, useNames, useSelect } from '#state/use.ts';
import { HostButton } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { Field, inputClass } from '#ui/field.tsx';
import { Section } from '#ui/page.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { useToast } from '#ui/toasts.tsx';
import { money, sentence } from '#ui/words.ts';
import s from './budgets.module.css';
import { MoneyBar } from './money-bar.tsx';

export function Budgets() {
  const budgets = useAnswer('budgets', (client) => client.budgets.get());
  // Whatever was paid or granted since makes it stale.
  const paid = useSelect((state) => Object.values(state.runs).reduce((sum, { costMicros }) => sum + costMicros, 0));
  const granted = useSelect(
    (state) =>
      Object.values(state.questions).filter(({ action, state: is }) => action.kind === 'budget' && is === 'approved')
        .length,
  );
  const { again } = budgets;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of either asks again
  useEffect(again, [again, paid, granted]);
  return (
    <Section title="Budgets" aside={budgets.is === 'here' ? `today, ${budgets.value.timeZone}` : undefined}>
      {budgets.is === 'loading' && <Skeleton rows={3} />}
      {budgets.is === 'failed' && <FaultNote fault={budgets.fault} title="The budgets cannot be read" />}
      {budgets.is === 'here' && <Accounts budgets={budgets.value} onChanged={again} />}
    </Section>
  );
}

function Accounts({ budgets, onChanged }: { budgets: BudgetsNow; onChanged(): void }) {
  const name = useNames();
  const { all, routines, warnings = [] } = budgets;
  return (
    <div className={s.budgets}>
      <MoneyBar name="All routines" account={all} strong />
      <CapForm key={all.capMicros} capMicros={all.capMicros} onChanged={onChanged} />
      {routines.length > 0 && (
        <ul className={s.routines} aria-label="Each routine today">
          {routines.map(({ routine, runCapMicros, ...account }) => (
            <li key={routine}>
              <MoneyBar
                name={<Link href={`/routines/${routine}`}>{name(routine)}</Link>}
                account={account}
                more={`at most ${money(runCapMicros)} a run`}
              />
            </li>
          ))}
        </ul>
      )}
      {warnings.map((words) => (
        <p key={words} className={s.warning}>
          {words}
        </p>
      ))}
      <p className={s.hint}>
        Money is reserved at its worst before each call to the model and settled after it. At a cap a run stops at a
        clean point, keeps what it did, and asks you under Approvals. A routine’s own caps are in its editor.
      </p>
    </div>
  );
}

const cure = 'An amount from 0.01 to 10000.';

function CapForm({ capMicros, onChanged }: { capMicros: number; onChanged(): void }) {
  const toast = useToast();
  const before = String(capMicros / 1e6);
  const [text, setText] = useState(before);
  const read = DollarsPerDay.safeParse(text.trim() === '' ? Number.NaN : Number(text));
  const save = useAction(async (client, dollarsPerDay: number) => {
    await client.budgets.set({ dollarsPerDay });
    onChanged();
    toast({
      title: 'The cap is set',
      description: `All routines together: ${money(dollarsPerDay * 1e6)} a day, from now on.`,
    });
  });
  const wrong = text !== before && !read.success ? cure : undefined;
  const refused = save.fault && [sentence(save.fault.message), save.fault.cure].filter(Boolean).join('\n');
  return (
    <form
      className={s.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (read.success) void save.run(read.data);
      }}
    >
      <Field
        label="Cap of all routines, dollars a day"
        error={wrong ?? refused ?? undefined}
        hint="It counts at once, also for runs that work."
      >
        {(ids) => (
          <input
            {...ids}
            className={inputClass}
            inputMode="decimal"
            value={text}
            onChange={(event) => {
              save.clear();
              setText(event.target.value);
            }}
          />
        )}
      </Field>
      <HostButton type="submit" busy={save.busy} disabled={!read.success || text.trim() === before}>
        Set cap
      </HostButton>
    </form>
  );
}
