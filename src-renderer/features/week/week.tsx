/** The coming seven days of all routines: when each is due, and where more would run at once than may. */
import { ChartGantt, Layers, Plus, Table } from 'lucide-react';
import { useState } from 'react';
import { usePausedAll } from '#state/use.ts';
import { Button, ButtonLink, HostButton } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { type Look, Mark } from '#ui/mark.tsx';
import { useNow } from '#ui/now.ts';
import { Page, Section } from '#ui/page.tsx';
import { Row, Rows } from '#ui/rows.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { clock, day, localZone } from '#ui/words.ts';
import { atOnce, atOncePerRepository } from './coming.ts';
import { useWeek, type WeekOf } from './use-week.ts';
import { WeekLanes } from './week-lanes.tsx';
import { WeekTable } from './week-table.tsx';
import { crowdsOf, sentenceOf } from './words.ts';

const crowded: Look = { icon: Layers, word: 'Collision', tone: 'waiting' };
/** More of them are a count. */
const listed = 30;

export function Week() {
  const now = useNow();
  const answer = useWeek(now);
  if (answer.is === 'loading')
    return (
      <Page name="Week" sentence="Looking at the week…">
        <Skeleton rows={7} height={40} />
      </Page>
    );
  if (answer.is === 'failed')
    return (
      <Page name="Week" sentence="The week could not be read.">
        <FaultNote fault={answer.fault}>
          <HostButton onClick={answer.again}>Try again</HostButton>
        </FaultNote>
      </Page>
    );
  return <Shown week={answer.week} now={now} />;
}

function Shown({ week, now }: { week: WeekOf; now: number }) {
  const [table, setTable] = useState(false);
  const paused = usePausedAll(now);
  const { coming, collisions, cutOff } = week;
  const crowds = crowdsOf(collisions, now);
  if (coming.length === 0)
    return (
      <Page
        name="Week"
        sentence={sentenceOf(week)}
        more={
          <p>Routines that are paused or started by hand have no due times. Give one a schedule such as nightly.</p>
        }
        actions={
          <>
            <ButtonLink href="/routines">Routines</ButtonLink>
            <ButtonLink href="/routines/new" icon={Plus} look="primary">
              New routine
            </ButtonLink>
          </>
        }
      />
    );
  return (
    <Page
      name="Week"
      sentence={sentenceOf(week)}
      more={
        <p>
          {collisions.length > 0
            ? `At most ${atOnce} runs work at once, ${atOncePerRepository} of them in one repository. The others wait for their turn; nothing is lost.`
            : 'Each takes as long as its past runs usually did.'}
          {paused && ' All routines are paused; what falls due meanwhile is skipped.'}
        </p>
      }
      actions={
        <Button icon={table ? ChartGantt : Table} onClick={() => setTable(!table)}>
          {table ? 'As lanes' : 'As a table'}
        </Button>
      }
      wide
    >
      <Section title="Seven days" aside={localZone()} flush={table}>
        {table ? <WeekTable week={week} now={now} /> : <WeekLanes week={week} now={now} />}
      </Section>
      {cutOff.length > 0 && (
        <p>
          Shown in part, being due so often:{' '}
          {cutOff.map(({ name, at }) => `${name} up to ${day(at, now)} ${clock(at)}`).join(', ')}.
        </p>
      )}
      {collisions.length > 0 && (
        <Section title="Collisions" flush>
          <Rows label="Collisions">
            {crowds.slice(0, listed).map(({ key, title, about }) => (
              <Row key={key} mark={<Mark look={crowded} />} title={title} about={about} />
            ))}
          </Rows>
        </Section>
      )}
      {crowds.length > listed && <p>And {crowds.length - listed} more of the same kind.</p>}
    </Page>
  );
}
