/** What a parked run waits for, with its answer right there. */
import { QuestionCard } from '#features/questions/question-card.tsx';
import { useAnswer, useSelect } from '#state/use.ts';
import { FaultNote } from '#ui/fault-note.tsx';
import s from './parked-note.module.css';

/** @param id of the question that it is parked on */
export function ParkedNote({ id }: { id: string }) {
  const known = useSelect((state) => state.questions[id]);
  // Older than the page knows: asked for by itself.
  const asked = useAnswer(`question ${id}`, (client) => client.questions.get({ question: id }));
  const question = known ?? (asked.is === 'here' ? asked.value : undefined);
  return (
    <section className={s.parked} aria-label="It waits for your answer">
      {question ? (
        <QuestionCard group={{ key: id, questions: [question] }} current noteKey={false} ofRun />
      ) : (
        asked.is === 'failed' && <FaultNote fault={asked.fault} title="Its question cannot be shown" />
      )}
    </section>
  );
}
