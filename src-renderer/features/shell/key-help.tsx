/** `?`: the keys that work here and now. */

import { Dialog } from '#ui/dialog.tsx';
import { type Bindings, useAllKeys } from '#ui/keys.tsx';
import { isLetter, useLetters } from '#ui/letters.ts';
import s from './key-help.module.css';

export function KeyHelp({ open, onClose }: { open: boolean; onClose(): void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Keys on this screen">
      <List />
    </Dialog>
  );
}

function List() {
  const all = useAllKeys();
  const [letters] = useLetters();
  // A newer binding of the same key replaces the older one, as it does when pressed.
  const keys: Bindings = Object.fromEntries(all().filter(([name]) => letters || !isLetter(name)));
  return (
    <>
      {!letters && <p>Keys of one letter are turned off in Settings.</p>}
      <dl className={s.keys}>
        {Object.entries(keys).map(([key, { what }]) => (
          <div key={key} className={s.key}>
            <dt>
              {key.split(/[ +]/).map((part) => (
                <kbd key={part}>{part === 'Mod' ? 'Ctrl/⌘' : part}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
