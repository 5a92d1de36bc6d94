/** What a command printed: the first lines, the rest on request. */
import { useState } from 'react';
import { Button } from './button.tsx';
import s from './output.module.css';
import { count } from './words.ts';

const shownAtFirst = 40;
/** Beyond this a page would choke; the log on disk has everything. */
const shownAtMost = 5000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colour codes begin with the escape character
const colourCodes = /\u001b\[[0-9;?]*[A-Za-z]/g;

export function Output({ text, label }: { text: string; label: string }) {
  const [all, setAll] = useState(false);
  const lines = text.replace(colourCodes, '').replace(/\n$/, '').split('\n');
  const shown = lines.slice(0, all ? shownAtMost : shownAtFirst);
  if (text === '') return <p className={s.none}>It printed nothing.</p>;
  return (
    <figure className={s.output} aria-label={label}>
      <pre>{shown.join('\n')}</pre>
      {lines.length > shown.length && (
        <div className={s.more}>
          {all ? (
            `The first ${count(shownAtMost)} of ${count(lines.length)} lines.`
          ) : (
            <Button look="ghost" onClick={() => setAll(true)}>
              Show all {count(lines.length)} lines
            </Button>
          )}
        </div>
      )}
    </figure>
  );
}
