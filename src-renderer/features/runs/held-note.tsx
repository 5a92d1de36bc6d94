/** What a run waits for that a limit of its account has stopped, and how long still. */
import { Hourglass } from 'lucide-react';
import type { Held } from '#contract/weather.ts';
import { GoesOn } from '#ui/goes-on.tsx';
import { sentence } from '#ui/words.ts';
import s from './held-note.module.css';

export function HeldNote({ held }: { held: Held }) {
  return (
    <section className={s.held} aria-label="It waits for its account">
      <p>
        <Hourglass size={15} aria-hidden />
        <span>
          A limit of the account has stopped it; it <GoesOn at={held.until} />.
        </span>
      </p>
      <p className={s.more}>
        {sentence(held.reason)} It holds no slot and no sandbox meanwhile, and its working time stands still. Wait{' '}
        {held.wait} of {held.of}.
      </p>
    </section>
  );
}
