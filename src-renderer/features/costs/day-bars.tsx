/** A bar a day; the tallest is the dearest day, whatever that was. */
import { useState } from 'react';
import type { Costs } from '#contract/costs.ts';
import { useNames } from '#state/use.ts';
import { Plot } from '#ui/plot.tsx';
import { money } from '#ui/words.ts';
import s from './costs.module.css';

const height = 168;
const top = 20;
const foot = 20;
/** Pixels between two dates below the bars. */
const labelEvery = 56;
const halfLabel = 20;

export function DayBars({ days, timeZone }: { days: Costs['days']; timeZone: string }) {
  const name = useNames();
  const [looked, setLooked] = useState<number | null>(null);
  const most = Math.max(0, ...days.map(({ micros }) => micros));
  const short = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone });
  const long = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone });
  const at = looked ?? days.length - 1;
  const shown = days[at];
  if (most === 0) return <p className={s.nothing}>No bars to show: nothing was paid in these days.</p>;
  const total = days.reduce((sum, { micros }) => sum + micros, 0);
  const label = `${money(total)} in ${days.length} days; the dearest day came to ${money(most)}.`;
  return (
    <>
      <div
        className={s.bars}
        role="slider"
        tabIndex={0}
        aria-label="Day"
        aria-valuemin={1}
        aria-valuemax={days.length}
        aria-valuenow={at + 1}
        aria-valuetext={shown && `${long.format(new Date(shown.from))}, ${money(shown.micros)}`}
        onBlur={() => setLooked(null)}
        onKeyDown={(event) => {
          const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: days.length - 1 }[event.key];
          if (to === undefined) return;
          event.preventDefault();
          setLooked(Math.min(days.length - 1, Math.max(0, to)));
        }}
      >
        <Plot height={height} label={label}>
          {(width) => {
            const step = width / days.length;
            const each = Math.max(1, Math.ceil(labelEvery / step));
            return (
              <>
                <line x1={0} x2={width} y1={height - foot} y2={height - foot} className={s.ground} />
                {days.map(({ from, micros }, index) => {
                  const tall = micros === 0 ? 0 : Math.max(2, ((height - top - foot) * micros) / most);
                  const gap = Math.min(6, step * 0.25);
                  const left = index * step;
                  return (
                    <g key={from} onPointerEnter={() => setLooked(index)} onPointerLeave={() => setLooked(null)}>
                      <rect x={left} y={0} width={step} height={height} className={s.column} />
                      <rect
                        {...{ x: left + gap / 2, y: height - foot - tall, width: step - gap, height: tall, rx: 2 }}
                        className={s.bar}
                        data-looked={looked === index || undefined}
                      />
                      {(days.length - 1 - index) % each === 0 && (
                        <text x={Math.min(left + step / 2, width - halfLabel)} y={height - 4} className={s.date}>
                          {short.format(new Date(from))}
                        </text>
                      )}
                    </g>
                  );
                })}
                <text x={0} y={12} className={s.most}>
                  {money(most)}
                </text>
              </>
            );
          }}
        </Plot>
      </div>
      {shown && (
        <p className={s.day}>
          <strong>{at === days.length - 1 ? 'Today' : long.format(new Date(shown.from))}</strong> {money(shown.micros)}
          {shown.routines.slice(0, 4).map(({ routine, micros }) => (
            <span key={routine}>
              {name(routine)} {money(micros)}
            </span>
          ))}
        </p>
      )}
    </>
  );
}
