/** Twelve hours back and twelve ahead, a lane per routine: what became of each due time, how long runs took, what comes. */

import { Link } from 'wouter';
import type { Occurrence } from '#contract/ledger.ts';
import type { Routine } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import { runsNewestFirst } from '#state/select.ts';
import { useSelect } from '#state/use.ts';
import { Legend } from '#ui/legend.tsx';
import { lookOfOccurrence, lookOfRun, type Tone } from '#ui/mark.tsx';
import { Section } from '#ui/page.tsx';
import { Plot } from '#ui/plot.tsx';
import { clock, exact, localZone, plural } from '#ui/words.ts';
import s from './night-lanes.module.css';

const hour = 3_600_000;
const reach = 12 * hour;
const lane = 28;
const axis = 22;
const edge = 10;
/** Lanes; the week has them all. */
const most = 10;

export function NightLanes({ now }: { now: number }) {
  const from = now - reach;
  const to = now + reach;
  const routines = useSelect((state) => state.routines.filter((routine) => routine.spec));
  const ledger = useSelect((state) => state.ledger.filter((row) => new Date(row.dueAt).getTime() >= from));
  const runs = useSelect((state) => runsNewestFirst(state).filter((run) => new Date(run.queuedAt).getTime() >= from));
  const soon = ({ next }: Routine) => next.filter((at) => new Date(at).getTime() <= to);
  const busy = new Set([...ledger.map(({ routine }) => routine), ...runs.map(({ routine }) => routine)]);
  const involved = routines.filter((routine) => busy.has(routine.id) || soon(routine).length > 0);
  const shown = involved.slice(0, most);
  const height = shown.length * lane + axis;
  const ahead = shown.flatMap(soon).length;
  const label = `${plural(ledger.length, 'due time')} in the last 12 hours, ${ahead} to come in the next 12.`;
  if (shown.length === 0) return null;
  return (
    <Section title="Around now" aside={localZone()}>
      <div className={s.plot}>
        <div className={s.names}>
          {shown.map((routine) => (
            <div key={routine.id} className={s.name} title={routine.spec?.name}>
              {routine.spec?.name}
            </div>
          ))}
        </div>
        <Plot height={height} label={label}>
          {(width) => {
            const x = (at: string | number) =>
              edge + ((new Date(at).getTime() - from) / (to - from)) * (width - 2 * edge);
            return (
              <>
                <Hours from={from} to={to} x={x} height={height} step={width < 300 ? 12 : width < 560 ? 6 : 3} />
                {shown.map((routine, index) => {
                  const y = index * lane + lane / 2;
                  return (
                    <g key={routine.id}>
                      <line x1={edge} x2={width - edge} y1={y} y2={y} className={s.lane} />
                      {runs
                        .filter((run) => run.routine === routine.id)
                        .map((run) => (
                          <Span key={run.id} run={run} x={x} y={y} now={now} />
                        ))}
                      {ledger
                        .filter((row) => row.routine === routine.id)
                        .map((row) => (
                          <rect
                            key={row.dueAt}
                            x={x(row.dueAt) - 4}
                            y={y - 4}
                            width={8}
                            height={8}
                            rx={2}
                            className={row.run ? s.mark : s.hollow}
                            data-tone={toneOf(row, runs)}
                          >
                            <title>{`${lookOfOccurrence[row.state].word}, due ${exact(row.dueAt)}`}</title>
                          </rect>
                        ))}
                      {soon(routine).map((at) => (
                        <circle key={at} cx={x(at)} cy={y} r={4.5} className={s.due}>
                          <title>{`Due ${exact(at)}`}</title>
                        </circle>
                      ))}
                    </g>
                  );
                })}
                <line x1={x(now)} x2={x(now)} y1={0} y2={height - axis} className={s.now} />
              </>
            );
          }}
        </Plot>
      </div>
      <Legend>
        <li>
          <i className={s.swatch} data-look="ran" /> ran
        </li>
        <li>
          <i className={s.swatch} data-look="hollow" /> did not run
        </li>
        <li>
          <i className={s.swatch} data-look="due" /> to come
        </li>
        <li>
          <i className={s.swatch} data-look="now" /> now
        </li>
      </Legend>
      {involved.length > most && (
        <p className={s.rest}>
          And {plural(involved.length - most, 'more routine')}: <Link href="/week">the week</Link> has them all.
        </p>
      )}
    </Section>
  );
}

/** A due time looks like what came of its run. */
function toneOf(row: Occurrence, runs: readonly Run[]): Tone {
  const run = runs.find(({ id }) => id === row.run);
  return run ? lookOfRun(run).tone : lookOfOccurrence[row.state].tone;
}

interface Scale {
  x(at: string | number): number;
}

function Hours({
  from,
  to,
  x,
  height,
  step: hours,
}: Scale & { from: number; to: number; height: number; step: number }) {
  const step = hours * hour;
  const offset = new Date(from).getTimezoneOffset() * 60_000;
  const first = Math.ceil((from - offset) / step) * step + offset;
  const ticks = Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step);
  return ticks
    .filter((at) => x(at) - x(from) > 16 && x(to) - x(at) > 16)
    .map((at) => (
      <g key={at}>
        <line x1={x(at)} x2={x(at)} y1={0} y2={height - axis} className={s.tick} />
        <text x={x(at)} y={height - 5} className={s.hour}>
          {clock(at)}
        </text>
      </g>
    ));
}

function Span({ run, x, y, now }: Scale & { run: Run; y: number; now: number }) {
  const start = x(run.startedAt ?? run.queuedAt);
  const end = x(run.endedAt ?? now);
  return (
    <rect
      x={start}
      y={y - 7}
      width={Math.max(5, end - start)}
      height={14}
      rx={3}
      className={s.span}
      data-tone={lookOfRun(run).tone}
    >
      <title>{`${lookOfRun(run).word}, started ${exact(run.startedAt ?? run.queuedAt)}`}</title>
    </rect>
  );
}
