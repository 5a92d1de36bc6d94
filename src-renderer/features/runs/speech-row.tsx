/** What an agent is saying right now, before it is on record. */
import { Brain, Sparkles } from 'lucide-react';
import type { Speech } from '#state/model.ts';
import { cx } from '#ui/cx.ts';
import { Markdown } from '#ui/markdown.tsx';
import s from './transcript-row.module.css';

export function SpeechRow({ speech }: { speech: Speech | undefined }) {
  if (!speech) return null;
  return (
    <div className={cx(s.said, s.first)}>
      <div className={s.gutter}>Turn {speech.turn}</div>
      <div>
        {speech.thinking && !speech.text && (
          <div className={s.thinking}>
            <Brain size={14} aria-hidden />
            <p>{speech.thinking}</p>
          </div>
        )}
        {speech.text && <Markdown text={speech.text} />}
        <Sparkles size={14} aria-label="Still writing" className={s.writing} />
      </div>
    </div>
  );
}
