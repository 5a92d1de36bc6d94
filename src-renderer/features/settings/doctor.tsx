/** The self-check: what is well, what is not, and what to do about it. */

import { CircleCheck, CircleX, TriangleAlert, Wrench } from 'lucide-react';
import type { DoctorCheck } from '#contract/host.ts';
import { useAction, useAnswer, useHost } from '#state/use.ts';
import { HostButton } from '#ui/button.tsx';
import { Disclosure, Items } from '#ui/disclosure.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { type Look, Mark } from '#ui/mark.tsx';
import { useNow } from '#ui/now.ts';
import { Section } from '#ui/page.tsx';
import { Prose } from '#ui/prose.tsx';
import { Row, Rows } from '#ui/rows.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { useToast } from '#ui/toasts.tsx';
import { capital, plural, spelled } from '#ui/words.ts';
import { checkWords, inWords, mendable } from './check-words.ts';
import s from './doctor.module.css';
import { Enforced, ofSandbox } from './enforced.tsx';

const looks: Record<DoctorCheck['state'], Look> = {
  ok: { icon: CircleCheck, word: 'Well', tone: 'completed' },
  warning: { icon: TriangleAlert, word: 'Careful', tone: 'waiting' },
  failed: { icon: CircleX, word: 'Not well', tone: 'failed' },
};
const order = { failed: 0, warning: 1, ok: 2 };

export function Doctor() {
  const checks = useAnswer('doctor', (client) => client.host.doctor({ sandbox: true }));
  const { refresh } = useHost();
  const toast = useToast();
  const mend = useAction(async (client) => {
    const found = await client.host.doctor({ fix: true });
    checks.again();
    await refresh();
    return found.filter(({ state }) => state !== 'ok').length;
  });
  const mendNow = async () => {
    const left = await mend.run();
    if (left === undefined) return;
    toast(
      left === 0
        ? { title: 'All is well', description: 'The timers are as they should be.' }
        : {
            title: `The timers are mended; ${spelled(left)} ${left === 1 ? 'thing is' : 'things are'} left`,
            description: 'Each says what to do about it.',
          },
    );
  };
  const broken = checks.is === 'here' && checks.value.some(mendable);
  const found = checks.is === 'here' ? checks.value : [];
  const sandbox = found.filter(ofSandbox);
  return (
    <>
      <Section
        title="Health"
        flush
        aside={
          <div className={s.acts}>
            <HostButton look="ghost" onClick={checks.again}>
              Check again
            </HostButton>
            {broken && (
              <HostButton icon={Wrench} busy={mend.busy} onClick={() => void mendNow()}>
                Mend
              </HostButton>
            )}
          </div>
        }
      >
        {checks.is === 'loading' && <Skeleton rows={5} height={46} />}
        {mend.fault && <FaultNote fault={mend.fault} title="It could not be mended" />}
        {checks.is === 'failed' && <FaultNote fault={checks.fault} />}
        {checks.is === 'here' && (
          <Rows label="Self-check">
            {found
              // What the sandbox holds stands below, whole.
              .filter((check) => check.state !== 'ok' || !ofSandbox(check))
              .toSorted((a, b) => order[a.state] - order[b.state])
              .map((check) => (
                <Row
                  key={check.name}
                  mark={<Mark look={looks[check.state]} />}
                  title={capital(check.name)}
                  about={<Found check={check} />}
                />
              ))}
          </Rows>
        )}
      </Section>
      {sandbox.length > 0 && <Enforced checks={sandbox} />}
    </>
  );
}

function Found({ check }: { check: DoctorCheck }) {
  const { items = [] } = check;
  const now = useNow();
  return (
    <>
      <Prose text={checkWords(check, now)} />
      {items.length > 0 && (
        <Disclosure summary={`What the system holds: ${plural(items.length, 'timer')}`}>
          <Items items={items.map((item) => inWords(item, now))} />
        </Disclosure>
      )}
    </>
  );
}
