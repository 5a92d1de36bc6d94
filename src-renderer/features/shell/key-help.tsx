/** `?`: the keys that work here and now. */

import { Dialog } from '#ui/dialog.tsx';
import { type Bindings, useAllKeys } from '#ui/keys.tsx';
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
  // A newer binding of the same key replaces the older one, as it does when pressed.
  const keys: Bindings = Object.fromEntries(all());
  return (
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
  );
}
