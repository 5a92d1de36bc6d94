/** The self-check: what is well, what is not, and what to do about it. */

import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react';
import type { DoctorCheck } from '#contract/host.ts';
import { useAnswer } from '#state/use.ts';
import { HostButton } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { type Look, Mark } from '#ui/mark.tsx';
import { Section } from '#ui/page.tsx';
import { Prose } from '#ui/prose.tsx';
import { Row, Rows } from '#ui/rows.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { capital } from '#ui/words.ts';

const looks: Record<DoctorCheck['state'], Look> = {
  ok: { icon: CircleCheck, word: 'Well', tone: 'completed' },
  warning: { icon: TriangleAlert, word: 'Careful', tone: 'waiting' },
  failed: { icon: CircleX, word: 'Not well', tone: 'failed' },
};
const order = { failed: 0, warning: 1, ok: 2 };

export function Doctor() {
  const checks = useAnswer('doctor', (client) => client.host.doctor());
  return (
    <Section
      title="Self-check"
      flush
      aside={
        <HostButton look="ghost" onClick={checks.again}>
          Check again
        </HostButton>
      }
    >
      {checks.is === 'loading' && <Skeleton rows={5} height={46} />}
      {checks.is === 'failed' && <FaultNote fault={checks.fault} />}
      {checks.is === 'here' && (
        <Rows label="Self-check">
          {checks.value
            .toSorted((a, b) => order[a.state] - order[b.state])
            .map((check) => (
              <Row
                key={check.name}
                mark={<Mark look={looks[check.state]} />}
                title={check.name}
                about={<Prose text={wordsOf(check)} />}
              />
            ))}
        </Rows>
      )}
    </Section>
  );
}

/** What was found, then what to do about it, as sentences. */
function wordsOf({ detail, state, cure }: DoctorCheck): string {
  return state !== 'ok' && cure ? `${detail.replace(/\.$/, '')}. ${capital(cure)}` : detail;
}
