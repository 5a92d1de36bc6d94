/** The approvals inbox: what runs wait for, same acts together, answered by key or by button; what was answered, below. */
import { useRef, useState } from 'react';
import type { Question } from '#contract/questions.ts';
import { questionsOldestFirst } from '#state/select.ts';
import { useSelect } from '#state/use.ts';
import { Button, HostButton } from '#ui/button.tsx';
import { useKeys } from '#ui/keys.tsx';
import { Page } from '#ui/page.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { useToast } from '#ui/toasts.tsx';
import { capital, plural, spelled } from '#ui/words.ts';
import { AnsweredQuestions } from './answered-questions.tsx';
import { type Batch, ConfirmBatch } from './confirm-batch.tsx';
import { QuestionCard } from './question-card.tsx';
import { groupsOf, openIn } from './question-groups.ts';
import s from './question-list.module.css';
import type { Decision } from './use-answering.ts';

export function QuestionList() {
  const toast = useToast();
  const ready = useSelect((state) => state.seq !== null);
  const all = useSelect(questionsOldestFirst);
  const shown = useShown(all);
  const groups = groupsOf(shown);
  const open = shown.filter(({ state }) => state === 'open');
  const [wanted, setWanted] = useState<string | null>(null);
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  const [batch, setBatch] = useState<Batch | null>(null);
  const list = useRef<HTMLDivElement>(null);

  // What was just answered stays the current one: the same key once more must not answer what comes after it.
  const current = (groups.find(({ key }) => key === wanted) ?? groups[0])?.key ?? null;
  const selected = groups.filter(({ key }) => selection.has(key)).flatMap(openIn);
  const step = (by: 1 | -1) => {
    const here = groups.findIndex(({ key }) => key === current);
    // The first step goes to the one that is marked already.
    const away = wanted === null ? here : here + by;
    const next = groups[away];
    if (!next) return;
    setWanted(next.key);
    const card = list.current?.querySelectorAll<HTMLElement>('[data-question-card]').item(away);
    card?.querySelector<HTMLElement>('h2 a')?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: 'nearest' });
  };
  const toggle = (key: string | null) => {
    if (key === null) return;
    setSelection((before) => {
      const after = new Set(before);
      if (!after.delete(key)) after.add(key);
      return after;
    });
  };
  const ask = (questions: readonly Question[], decision: Decision, note = '') =>
    setBatch({ questions, decision, note });
  useKeys({
    j: { what: 'Next question', do: () => step(1) },
    k: { what: 'Previous question', do: () => step(-1) },
    x: { what: 'Select', do: () => toggle(current) },
  });

  return (
    <Page
      name="Approvals"
      sentence={ready ? sentenceOf(open) : 'Reading the questions…'}
      more={
        ready &&
        (open.length > 0
          ? 'What waits stands still and holds nothing until you answer.'
          : 'A run that may not do something by itself asks here, and stands still until you answer.')
      }
    >
      {!ready && <Skeleton rows={4} height={120} />}
      <div className={s.list} ref={list}>
        {groups.map((group) => (
          <QuestionCard
            key={group.key}
            group={group}
            current={group.key === current}
            noteKey
            selected={selection.has(group.key)}
            onSelect={() => toggle(group.key)}
            onHere={() => setWanted(group.key)}
            onBatch={ask}
          />
        ))}
      </div>
      {selected.length > 0 && (
        <section className={s.bar} aria-label="Selected">
          <strong>{plural(selected.length, 'question')} selected</strong>
          <Button look="ghost" onClick={() => setSelection(new Set())}>
            Clear
          </Button>
          <HostButton look="danger" onClick={() => ask(selected, 'deny')}>
            Deny {selected.length}…
          </HostButton>
          <HostButton look="primary" onClick={() => ask(selected, 'approve')}>
            Approve {selected.length}…
          </HostButton>
        </section>
      )}
      <AnsweredQuestions questions={all.filter((question) => !shown.includes(question)).toReversed()} />
      <ConfirmBatch
        batch={batch}
        onClose={() => setBatch(null)}
        onDone={(questions) => {
          setBatch(null);
          setSelection(new Set());
          toast({ title: `${plural(questions.length, 'question')} answered`, description: 'Their runs go on.' });
        }}
      />
    </Page>
  );
}

/** What was open at any time while this screen is shown: an answer must not make what is below it jump under the pointer. */
function useShown(all: readonly Question[]): Question[] {
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const fresh = all.filter(({ id, state }) => state === 'open' && !seen.has(id));
  if (fresh.length > 0) setSeen(new Set([...seen, ...fresh.map(({ id }) => id)]));
  return all.filter(({ id, state }) => state === 'open' || seen.has(id));
}

/** One run has at most one question that it waits for. */
function sentenceOf(open: readonly Question[]): string {
  const runs = new Set(open.map(({ run }) => run)).size;
  if (runs === 0) return 'No run waits for an answer.';
  return runs === 1 ? 'One run waits for your answer.' : `${capital(spelled(runs))} runs wait for your answers.`;
}
