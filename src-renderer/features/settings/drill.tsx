/** The fault drill: breaks scratch profiles on purpose and shows, fault by fault, whether the account stayed true. */
import { CircleCheck, CircleX, Loader, MinusCircle, Siren, Square } from 'lucide-react';
import type { DrillFault } from '#contract/drill.ts';
import { Button, HostButton } from '#ui/button.tsx';
import { Disclosure, Items } from '#ui/disclosure.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { type Look, Mark } from '#ui/mark.tsx';
import { Section } from '#ui/page.tsx';
import { Prose } from '#ui/prose.tsx';
import { Row, Rows } from '#ui/rows.tsx';
import { capital, plural, sentence, span } from '#ui/words.ts';
import s from './drill.module.css';
import { type DrillView, type Line, useDrill } from './use-drill.ts';

const names: Record<DrillFault, string> = {
  runner_killed: 'Host killed',
  host_frozen: 'Host frozen',
  clock_forwards: 'Clock set forwards',
  clock_back: 'Clock set back',
  slept: 'Night of sleep',
  disk_full: 'Disk full',
  key_revoked: 'Key revoked',
  units_broken: 'Timers broken',
  two_hosts: 'Two hosts',
};
const looks: Record<Line['state'], Look> = {
  running: { icon: Loader, word: 'Running', tone: 'working' },
  held: { icon: CircleCheck, word: 'Held', tone: 'completed' },
  failed: { icon: CircleX, word: 'Failed', tone: 'failed' },
  skipped: { icon: MinusCircle, word: 'Skipped', tone: 'idle' },
  stopped: { icon: Square, word: 'Stopped', tone: 'idle' },
};

export function Drill() {
  const drill = useDrill();
  const running = drill.is === 'running';
  return (
    <Section
      title="Fault drill"
      flush
      aside={
        running ? (
          <Button look="danger" icon={Square} onClick={drill.stop}>
            Stop the drill
          </Button>
        ) : (
          <HostButton icon={Siren} onClick={drill.begin}>
            {drill.is === 'never' ? 'Start the drill' : 'Drill again'}
          </HostButton>
        )
      }
    >
      <p className={s.words} role="status">
        {wordsOf(drill)}
      </p>
      {drill.fault && <FaultNote fault={drill.fault} title="The drill broke off" />}
      {drill.lines.length > 0 && (
        <div className={s.lines}>
          <Rows label="Fault drill">
            {drill.lines.map((line) => (
              <Row
                key={line.fault}
                mark={<Mark look={looks[line.state]} />}
                title={names[line.fault]}
                about={<About line={line} />}
                facts={'result' in line && <span>{span(line.result.milliseconds)}</span>}
              />
            ))}
          </Rows>
        </div>
      )}
    </Section>
  );
}

function About({ line }: { line: Line }) {
  const did = sentence(capital(line.done));
  if (!('result' in line)) return <Prose text={did} />;
  const { result } = line;
  if (result.state === 'skipped') return <Prose text={`${did} Not tried here: ${sentence(result.happened)}`} />;
  return (
    <>
      <Prose text={`${did} ${sentence(capital(result.happened))}`} />
      {result.problems.length > 0 && (
        <span className={s.problems}>
          Expected: {sentence(result.expected)} Not so: {sentence(result.problems.join('; '))}
        </span>
      )}
      {result.evidence.length > 0 && (
        <Disclosure summary={`${plural(result.evidence.length, 'piece')} of evidence`} open={result.state === 'failed'}>
          <p>Expected: {sentence(result.expected)}</p>
          <Items items={result.evidence} />
        </Disclosure>
      )}
    </>
  );
}

function wordsOf({ is, lines }: DrillView): string {
  const of = (state: Line['state']) => lines.filter((line) => line.state === state).length;
  const counts = `${of('held')} held, ${of('failed')} failed, ${of('skipped')} skipped`;
  switch (is) {
    case 'never':
      return 'Kills, freezes and breaks scratch profiles on purpose, one fault after the other, and audits what the ledger then says. It takes about a minute and touches none of your routines.';
    case 'running':
      return `The drill is running: ${counts} so far.`;
    case 'stopped':
      return `You stopped the drill: ${counts} until then. Nothing of it is left.`;
    case 'broken':
      return `The drill did not get to its end: ${counts} until then.`;
    case 'over':
      if (of('failed') > 0) return `The account did not stay true everywhere: ${counts}.`;
      return of('held') > 0 ? `The account stayed true: ${counts}.` : `Nothing could be tried here: ${counts}.`;
  }
}
