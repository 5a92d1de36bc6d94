/** The collected comments at the foot of the review: how many there are, and the one way to send them. */
import { ChevronRight, Send } from 'lucide-react';
import { useState } from 'react';
import type { Proposal } from '#contract/proposals.ts';
import { useAction } from '#state/use.ts';
import { Button, HostButton } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { useKeys } from '#ui/keys.tsx';
import { useToast } from '#ui/toasts.tsx';
import { plural } from '#ui/words.ts';
import type { Comments } from './comments.ts';
import { Compose, DraftNote } from './compose.tsx';
import s from './review-bar.module.css';

export function ReviewBar({ proposal, comments }: { proposal: Proposal; comments: Comments }) {
  const toast = useToast();
  const { drafts, composing } = comments;
  const [listed, setListed] = useState(false);
  const revise = useAction((client) => client.proposals.revise({ proposal: proposal.id, comments: [...drafts] }));
  const send = async () => {
    if (drafts.length === 0 || revise.busy) return;
    const sent = await revise.run();
    if (!sent) return;
    comments.clear();
    toast({ title: 'Sent back', description: 'A new revision of this proposal follows.' });
  };
  useKeys(
    drafts.length > 0
      ? // The press that added a comment, held too long, must not send it.
        { 'Mod+Enter': { what: 'Send the comments', do: (event) => !event.repeat && void send() } }
      : {},
  );
  const whole = composing !== null && composing.path === undefined;
  if (drafts.length === 0 && !whole) return null;
  return (
    <section className={s.bar} aria-label="Ask for changes">
      {listed &&
        drafts.map((draft, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two comments may say the same
          <DraftNote key={index} comment={draft} placed onDrop={() => comments.drop(index)} />
        ))}
      {whole && <Compose label="About the whole change" onAdd={comments.add} onCancel={comments.cancel} />}
      {revise.fault && <FaultNote fault={revise.fault} title="The comments were not sent; they are kept here" />}
      {drafts.length > 0 && (
        <div className={s.send}>
          <Button look="ghost" icon={ChevronRight} aria-expanded={listed} onClick={() => setListed(!listed)}>
            {plural(drafts.length, 'comment')} not sent
          </Button>
          <span className={s.way}>They go back to the same session; a new revision follows.</span>
          <HostButton look="primary" icon={Send} hotkey="Mod+Enter" busy={revise.busy} onClick={() => void send()}>
            Send {plural(drafts.length, 'comment')}
          </HostButton>
        </div>
      )}
    </section>
  );
}
