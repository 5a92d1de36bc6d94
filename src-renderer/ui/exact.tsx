/** A text exactly as it is: what is unseen or reorders the rest is shown by its code point and marked, in writing order. */
import { TriangleAlert } from 'lucide-react';
import { useMemo, useState } from 'react';
import { hides, visible } from '#contract/visible.ts';
import { Button } from './button.tsx';
import s from './exact.module.css';
import { count, plural } from './words.ts';

/** More would choke a page; the rest is one press away. Characters. */
const shownAtFirst = 20_000;

/** A block of its own, with a warning above it where something was hidden. */
export function Exact({ text, label }: { text: string; label: string }) {
  const [all, setAll] = useState(false);
  const shown = all ? text : text.slice(0, shownAtFirst);
  const hidden = useMemo(() => countHidden(text), [text]);
  return (
    <figure className={s.exact} aria-label={label}>
      {hidden > 0 && (
        <figcaption className={s.warning}>
          <TriangleAlert size={14} aria-hidden />
          {plural(hidden, 'character')} that could not be seen {hidden === 1 ? 'is' : 'are'} made visible.
        </figcaption>
      )}
      <pre>
        <ExactText text={shown} />
      </pre>
      {shown.length < text.length && (
        <div className={s.more}>
          <Button look="ghost" onClick={() => setAll(true)}>
            Show the other {count(text.length - shown.length)} characters
          </Button>
        </div>
      )}
    </figure>
  );
}

/** The same within a line, for names of files and hosts. */
export function ExactText({ text }: { text: string }) {
  const pieces = useMemo(() => piecesOf(text), [text]);
  return (
    <span className={s.order}>
      {pieces.map((piece, index) =>
        piece.hidden ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text keep their order
          <mark key={index} className={s.hidden} title="A character that could not be seen">
            {piece.text}
          </mark>
        ) : (
          piece.text
        ),
      )}
    </span>
  );
}

interface Piece {
  text: string;
  hidden: boolean;
}

export function piecesOf(text: string): Piece[] {
  if (!hides(text)) return [{ text, hidden: false }];
  const pieces: Piece[] = [];
  for (const point of text) {
    const last = pieces.at(-1);
    if (hides(point)) pieces.push({ text: visible(point), hidden: true });
    else if (last && !last.hidden) last.text += point;
    else pieces.push({ text: point, hidden: false });
  }
  return pieces;
}

const countHidden = (text: string): number => piecesOf(text).filter(({ hidden }) => hidden).length;
